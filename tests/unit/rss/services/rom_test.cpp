#include "rss/services/rom.hpp"

#include <gtest/gtest.h>

#include "rss/services/engine.hpp"

namespace h7::rss {
namespace {

class RomTest : public testing::Test {
protected:
    RomTest() {
        for (std::size_t i = 0; i < identity.uid.size(); ++i)
            identity.uid[i] = static_cast<std::uint8_t>(0x30 + i);
        identity.certificate.fill(0xCE);
        identity.private_key.fill(0x5C);
        rom = rom_image(identity, {});
    }
    std::uint32_t word(Address at) const { return load_le32(rom, at - kRomBase); }
    std::uint16_t half(Address at) const { return load_le<std::uint16_t>(&rom[at - kRomBase]); }

    Identity identity;
    Bytes rom;
};

TEST_F(RomTest, TheTableHoldsNineThumbPointersToStubs) {  // R-021 R-022 R-023 R-035
    EXPECT_EQ(rom.size(), 0x2'0000U);
    for (Address slot = kTable; slot <= 0x1FF0'9520; slot += 4) {
        const std::uint32_t pointer = word(slot);
        ASSERT_EQ(pointer & 1U, 1U) << std::hex << slot;
        ASSERT_TRUE(pointer >= kStubs && pointer < kStubs + kStubBytes);
        EXPECT_EQ(half(pointer & ~1U), kStubBkpt);
        EXPECT_EQ(half((pointer & ~1U) + 2), kStubUdf);
    }
    for (Address slot = 0x1FF0'9524; slot < 0x1FF0'9540; slot += 4) EXPECT_EQ(word(slot), 0U);
    EXPECT_EQ(word(0x1FF0'9500), 0x1FF0'8A01U);
    EXPECT_EQ(word(0x1FF0'9514), 0x1FF0'8A5DU);
    EXPECT_EQ(word(0x1FF0'9518), 0x1FF0'8A71U);
}

TEST_F(RomTest, SfiRequestIsEnteredByAddress) {
    EXPECT_EQ(half(0x1FF0'8AAC), kStubBkpt);
    EXPECT_LT(0x1FF0'8AAC - kStubs, kStubBytes);
}

TEST_F(RomTest, TheBootloaderLooksLikeOne) {  // rss-sfi-bootloader.md 13
    EXPECT_GE(word(kBootVectors), 0x2000'0000U);
    EXPECT_LE(word(kBootVectors), 0x2000'4000U);
    EXPECT_EQ(word(kBootVectors + 4) & 1U, 1U);
    EXPECT_EQ(word(kBootVectors + 4) >> 16, 0x1FF0U);
    EXPECT_EQ(rom[kBootloaderId - kRomBase], 0x92);
}

TEST_F(RomTest, TheEngineeringBytesSayWhatThePartIs) {  // system.md 1.4
    EXPECT_EQ(word(0x1FF1'E800), 0x3332'3130U);
    EXPECT_EQ(half(0x1FF1'E880), 2048);
    EXPECT_EQ(word(0x1FF1'E8C0), 0x4837'3535U);
    EXPECT_EQ(rom[kCertificate - kRomBase], 0xCE);
    EXPECT_EQ(rom[kCertificate - kRomBase + 135], 0xCE);
    EXPECT_EQ(rom[kCertificate - kRomBase + 136], 0xFF);
}

TEST_F(RomTest, HoldsNoSecret) {  // D-14, R-052: the private part is at the low addresses
    EXPECT_EQ(
        std::search(rom.begin(), rom.end(), identity.private_key.begin(), identity.private_key.begin() + 8),
        rom.end());
    for (Address at = kRomBase; at < 0x1FF0'8000; at += 4) ASSERT_EQ(word(at), 0U);
}

}  // namespace
}  // namespace h7::rss

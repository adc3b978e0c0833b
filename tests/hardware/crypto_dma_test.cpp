// CRYP and HASH fed by DMA on the chip, as ST's HAL_CRYP_Encrypt_DMA and HAL_HASHEx_SHA256_Start_DMA program
// them: system.md 6.9, 6.10.
#include "tests/support/idle_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kCryp = 0x4802'1000, kHash = 0x4802'1400, kDma1 = 0x4002'0000, kMux = 0x4002'0800;
constexpr Address kIn = 0x2403'0000, kOut = 0x2403'1000;
constexpr unsigned kCrypIn = 76, kCrypOut = 77, kHashIn = 78;

class CryptoByDma : public IdleChip {
protected:
    void SetUp() override {
        begin();
        or_in(kRcc + 0xDC, 3U << 4), or_in(kRcc + 0xD8, 1);
    }
    void stream(unsigned n, unsigned request, Address peripheral, Address memory, std::uint32_t words,
                bool out) {
        const Address at = kDma1 + 0x10 + 0x18 * n;
        put(kMux + 4 * n, request);
        put(at + 4, words), put(at + 8, peripheral), put(at + 0xC, memory);
        put(at, (out ? 0U : 1U) << 6 | 1U << 10 | 2U << 11 | 2U << 13 | 1U);
    }
};

TEST_F(CryptoByDma, AesOfTwoBlocks) {  // FIPS 197, appendix C.1
    const std::uint32_t key[] = {0x0001'0203, 0x0405'0607, 0x0809'0A0B, 0x0C0D'0E0F};
    const std::uint32_t plain[] = {0x0011'2233, 0x4455'6677, 0x8899'AABB, 0xCCDD'EEFF};
    const std::uint32_t cipher[] = {0x69C4'E0D8, 0x6A7B'0430, 0xD8CD'B780, 0x70B4'C55A};
    for (unsigned n = 0; n < 4; ++n) put(kCryp + 0x30 + 4 * n, key[n]);
    for (unsigned n = 0; n < 8; ++n) put(kIn + 4 * n, plain[n % 4]);
    put(kCryp, 4U << 3 | 1U << 15);
    stream(1, kCrypOut, kCryp + 0xC, kOut, 8, true);
    stream(0, kCrypIn, kCryp + 8, kIn, 8, false);
    put(kCryp + 0x10, 3);  // DIEN, DOEN
    (void)chip->run(kMillisecond);
    for (unsigned n = 0; n < 8; ++n) EXPECT_EQ(get(kOut + 4 * n), cipher[n % 4]) << n;
    EXPECT_EQ(get(kDma1) >> 5 & 1, 1U) << "TCIF0";
    EXPECT_EQ(get(kDma1) >> 11 & 1, 1U) << "TCIF1";
    EXPECT_EQ(get(kDma1) & 0x0249'0249 & ~0x10U, 0U) << "no error";
}

TEST_F(CryptoByDma, Sha256OfAMessage) {  // FIPS 180-4, "abc"
    put(kIn, 0x0063'6261);
    put(kHash + 8, 24);
    put(kHash, 1U << 18 | 1U << 7 | 2U << 4 | 1U << 3 | 1U << 2);
    stream(2, kHashIn, kHash + 4, kIn, 1, false);
    (void)chip->run(kMillisecond);
    const std::uint32_t digest[] = {0xBA78'16BF, 0x8F01'CFEA, 0x4141'40DE, 0x5DAE'2223,
                                    0xB003'61A3, 0x9617'7A9C, 0xB410'FF61, 0xF200'15AD};
    for (unsigned n = 0; n < 8; ++n) EXPECT_EQ(get(kHash + 0x310 + 4 * n), digest[n]) << n;
    EXPECT_NE(get(kHash + 0x24) & 2, 0U) << "DCIS: its last word is an automatic DCAL";
}

}  // namespace
}  // namespace h7::test

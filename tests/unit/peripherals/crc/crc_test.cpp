#include "peripherals/crc/crc.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace h7::crc {
namespace {

constexpr Address kDr = 0x00, kIdr = 0x04, kCr = 0x08, kInit = 0x10, kPol = 0x14;

struct CrcTest : testing::Test {
    Crc crc;
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(crc.read({0x5802'4C00 + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value, unsigned size = 4) {
        const Access access{0x5802'4C00 + offset, static_cast<std::uint8_t>(size), Op::write, Master::cm7};
        EXPECT_TRUE(crc.write(access, value).has_value());
    }
    void feed(std::string_view text) {
        for (const char c : text) write(kDr, static_cast<std::uint8_t>(c), 1);
    }
};

struct Published {
    const char* name;
    unsigned width;
    std::uint32_t polynomial, initial;
    bool reflected;
    std::uint32_t final_xor, check;  // of "123456789"
};
// The catalogue of parametrised CRC algorithms (reveng.sourceforge.io); widths the unit has.
constexpr Published kPublished[] = {
    {"CRC-32/MPEG-2", 32, 0x04C1'1DB7, 0xFFFF'FFFF, false, 0, 0x0376'E6E7},
    {"CRC-32/ISO-HDLC", 32, 0x04C1'1DB7, 0xFFFF'FFFF, true, 0xFFFF'FFFF, 0xCBF4'3926},
    {"CRC-32/BZIP2", 32, 0x04C1'1DB7, 0xFFFF'FFFF, false, 0xFFFF'FFFF, 0xFC89'1918},
    {"CRC-32/ISCSI", 32, 0x1EDC'6F41, 0xFFFF'FFFF, true, 0xFFFF'FFFF, 0xE306'9283},
    {"CRC-16/IBM-3740", 16, 0x1021, 0xFFFF, false, 0, 0x29B1},
    {"CRC-16/XMODEM", 16, 0x1021, 0, false, 0, 0x31C3},
    {"CRC-16/ARC", 16, 0x8005, 0, true, 0, 0xBB3D},
    {"CRC-16/MODBUS", 16, 0x8005, 0xFFFF, true, 0, 0x4B37},
    {"CRC-16/KERMIT", 16, 0x1021, 0, true, 0, 0x2189},
    {"CRC-8/SMBUS", 8, 0x07, 0, false, 0, 0xF4},
    {"CRC-8/MAXIM-DOW", 8, 0x31, 0, true, 0, 0xA1},
    {"CRC-7/MMC", 7, 0x09, 0, false, 0, 0x75},
    {"CRC-7/ROHC", 7, 0x4F, 0x7F, true, 0, 0x53},
};

TEST_F(CrcTest, PublishedCheckValues) {  // system.md 6.8
    for (const Published& p : kPublished) {
        const std::uint32_t size = p.width == 32 ? 0 : p.width == 16 ? 1 : p.width == 8 ? 2 : 3;
        write(kPol, p.polynomial);
        write(kInit, p.initial);
        write(kCr, 1 | size << 3 | (p.reflected ? 1U << 5 | 1U << 7 : 0));
        feed("123456789");
        EXPECT_EQ(read(kDr) ^ p.final_xor, p.check) << p.name;
    }
}

TEST_F(CrcTest, WordsHalfWordsAndBytesAreTheSameStream) {  // system.md 6.8: big-endian within the word
    feed("12345678");
    const std::uint32_t by_bytes = read(kDr);
    write(kCr, 1);
    write(kDr, 0x3132'3334);
    write(kDr, 0x3536, 2);
    write(kDr, 0x37, 1);
    write(kDr, 0x38, 1);
    EXPECT_EQ(read(kDr), by_bytes);
}

TEST_F(CrcTest, LittleEndianWordsByReversal) {  // what zlib's crc32 gives for words as they lie in memory
    write(kCr, 1 | 3U << 5 | 1U << 7);          // by word
    write(kDr, 0x3433'3231);                    // "1234"
    const std::uint32_t by_words = read(kDr);
    write(kCr, 1 | 1U << 5 | 1U << 7);
    feed("1234");
    EXPECT_EQ(by_words, read(kDr));
    EXPECT_EQ(~by_words, 0x9BE3'E0A3U);  // crc32("1234")
}

TEST_F(CrcTest, ResetAndInitialValueStartAnew) {  // system.md 6.8
    EXPECT_EQ(read(kDr), 0xFFFF'FFFFU);
    write(kIdr, 0x1234'5678);
    write(kDr, 5);
    EXPECT_NE(read(kDr), 0xFFFF'FFFFU);
    write(kInit, 0x55);
    EXPECT_EQ(read(kDr), 0x55U);
    write(kDr, 5);
    write(kCr, 1);
    EXPECT_EQ(read(kDr), 0x55U);
    EXPECT_EQ(read(kCr), 0U);  // RESET clears itself
    EXPECT_EQ(read(kIdr), 0x1234'5678U);
    crc.reset(ResetKind::peripheral);
    EXPECT_EQ(read(kIdr), 0U);
}

}  // namespace
}  // namespace h7::crc

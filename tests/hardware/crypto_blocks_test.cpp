// CRYP and HASH on the chip: which parts have them, their gate, reset and interrupts.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kAhb2enr = 0x5802'44DC, kAhb2rstr = 0x5802'4484, kCryp = 0x4802'1000, kHash = 0x4802'1400;

class CryptoBlocks : public testing::Test {
protected:
    static void write(chip::Chip& chip, Address at, std::uint32_t value) {
        ASSERT_TRUE(chip.write(chip.as_core(Master::cm7, at, 4, Op::write), value));
    }
    static std::uint32_t read(chip::Chip& chip, Address at) {
        return static_cast<std::uint32_t>(*chip.read(chip.as_core(Master::cm7, at)));
    }
    static bool pending(cpu::Core& core, unsigned irq) {
        const auto word = core.read_private(
            {0xE000'E200 + irq / 32 * 4, 4, Op::read, Master::cm7, Context::application, true});
        return test_bit(static_cast<std::uint32_t>(*word), irq % 32);
    }
};

TEST_F(CryptoBlocks, ExistOnPartsWithCryptography) {  // system.md 6.9
    for (const chip::Part& part : chip::kParts) {
        chip::Config config;
        config.part = &part;
        auto made = chip::Chip::create(config);
        ASSERT_TRUE(made);
        chip::Chip& chip = **made;
        chip.power_on();
        write(chip, kAhb2enr, 3U << 4);
        write(chip, kCryp + 0x14, 3);
        write(chip, kHash + 0x20, 3);
        EXPECT_EQ(read(chip, kCryp + 0x14), part.crypto ? 3U : 0U) << part.name;
        EXPECT_EQ(read(chip, kHash + 0x20), part.crypto ? 3U : 0U) << part.name;
        EXPECT_EQ(read(chip, kCryp + 0x04), part.crypto ? 3U : 0U) << part.name;
    }
}

TEST_F(CryptoBlocks, InterruptBothCoresAndReset) {  // system.md 5.1: 79, 80 shared with the RNG
    BenchChip chip = a_chip();
    chip.power_on();
    write(*chip, kCryp + 0x14, 3);
    EXPECT_EQ(read(*chip, kCryp + 0x14), 0U) << "no clock yet";
    write(*chip, kAhb2enr, 3U << 4);
    EXPECT_FALSE(pending(chip->cm7(), 79) || pending(chip->cm7(), 80));
    write(*chip, kCryp + 0x14, 1);
    write(*chip, kCryp, 1U << 15 | 4U << 3);
    EXPECT_TRUE(pending(chip->cm7(), 79) && pending(chip->cm4(), 79));
    write(*chip, kHash + 0x20, 1);
    EXPECT_TRUE(pending(chip->cm7(), 80) && pending(chip->cm4(), 80));
    write(*chip, kAhb2rstr, 3U << 4);
    write(*chip, kAhb2rstr, 0);
    EXPECT_EQ(read(*chip, kCryp + 0x14), 0U);
    EXPECT_EQ(read(*chip, kHash + 0x20), 0U);
}

}  // namespace
}  // namespace h7::test

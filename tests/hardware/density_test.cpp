// Parts of G density, and the readings that a chip may be given.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kFlash = 0x5200'2000, kSr1 = kFlash + 0x10;
constexpr std::uint32_t kEop = 1U << 16, kWrperr = 1U << 17;

void put(BenchChip& chip, Address at, std::uint32_t value) { chip.store(Master::cm7, at, value); }
void unlock(BenchChip& chip) {
    put(chip, kFlash + 0x04, 0x4567'0123);
    put(chip, kFlash + 0x04, 0xCDEF'89AB);
}

TEST(Density, AGPartHasFourSectorsInEachBank) {  // F-001 F-020 F-026, A-48
    BenchChip chip = a_chip().part("STM32H745G").flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    EXPECT_TRUE(chip.power_on_until("CM7 line 0\n"));
    EXPECT_EQ(chip.load(Master::cm7, 0x1FF1'E880).value() & 0xFFFFU, 1024U);
    for (const Address bank : {0x0800'0000U, 0x0810'0000U})
        for (const Master core : {Master::cm7, Master::cm4}) {
            EXPECT_TRUE(chip.load(core, bank + 0x7'FFFC));
            const auto outside = chip.load(core, bank + 0x8'0000);
            ASSERT_FALSE(outside);
            EXPECT_EQ(outside.error().rule, "A-48");
        }
    unlock(chip);
    put(chip, kFlash + 0x0C, 0x3B4);  // SER, SNB = 3, START
    EXPECT_EQ(chip.load(Master::cm7, kSr1).value(), kEop);
    put(chip, kFlash + 0x14, ~0U);
    put(chip, kFlash + 0x0C, 0x4B4);  // there is no sector 4
    EXPECT_EQ(chip.load(Master::cm7, kSr1).value(), kWrperr);
}

TEST(Density, AProgramForTheLargePartDoesNotFit) {  // F-020
    chip::Config config;
    config.part = chip::find_part("H747G");
    auto chip = chip::Chip::create(config);
    ASSERT_TRUE(chip);
    const Bytes bytes(32, 0);
    EXPECT_FALSE((*chip)->program({{0x0808'0000, bytes}}));
    EXPECT_TRUE((*chip)->program({{0x0807'FFE0, bytes}}));
}

TEST(Readings, BankEraseOverAProtectedSector) {  // F-085, D-04
    for (const bool skips : {false, true}) {
        BenchChip chip = a_chip()
                             .with_option("nWRP0", 0)
                             .holding("hello_m7")
                             .holding("application")
                             .readings({.bank_erase_skips_protected = skips});
        chip.power_on();
        unlock(chip);
        put(chip, kFlash + 0x0C, 0xB8);
        EXPECT_EQ(chip.load(Master::cm7, kSr1).value(), kWrperr);
        EXPECT_NE(chip.peek(0x0800'0000), 0xFFFF'FFFFU);
        EXPECT_EQ(chip.peek(0x0802'0000) == 0xFFFF'FFFFU, skips);
    }
}

TEST(Readings, ASecureAreaWithoutSecurity) {  // D-03, A-14
    for (const bool ignored : {false, true}) {
        BenchChip chip = a_chip()
                             .with_option("SEC_AREA_START1", 0x000)
                             .with_option("SEC_AREA_END1", 0x07F)
                             .holding("hello_m7")
                             .readings({.sealed_areas_ignored = ignored});
        const Bytes bytes(32, 0);
        EXPECT_EQ(chip->program({{0x0800'1000, bytes}}).has_value(), ignored);
        chip.power_on();
        EXPECT_EQ(chip.load(Master::cm7, 0x0800'0004).value() != 0, ignored);
    }
}

}  // namespace
}  // namespace h7::test

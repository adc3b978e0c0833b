// Domain D1 and the flash that lies in it.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kKeyr = 0x5200'2004, kCr = 0x5200'200C, kRccCr = 0x5802'4400, kWord = 0x0804'0000;
constexpr std::uint32_t kD1ckrdy = 1U << 14;

TEST(LowPower, FlashAtWorkKeepsDomain1FromDStop) {  // T-54 F-239 F-240 F-241
    BenchChip chip = a_chip().typical_times().flashed("hello_m7");
    ASSERT_TRUE(chip.power_on_until("hello from the Cortex-M7\n"));
    const auto put = [&](Address address, std::uint32_t value, unsigned size = 4) {
        chip.store(Master::cm4, address, value, size);
    };
    const auto d1_runs = [&] { return (*chip.load(Master::cm4, kRccCr) & kD1ckrdy) != 0; };
    // the CM7: SLEEPDEEP = 1, then WFI for ever
    const std::uint32_t code[] = {0x2402'0000, 0x2400'0009, 0x2104'4802,
                                  0xBF30'6001, 0xBF00'E7FD, 0xE000'ED10};
    for (unsigned i = 0; i < std::size(code); ++i) put(0x2400'0000 + 4 * i, code[i]);
    EXPECT_TRUE(d1_runs());
    chip->cm7().hand_over(0x2400'0000, true);
    (void)chip.run(10 * kMicrosecond);
    ASSERT_EQ(chip->cm7().state(), cpu::RunState::deep_sleep);
    EXPECT_FALSE(d1_runs());

    put(kKeyr, 0x4567'0123);
    put(kKeyr, 0xCDEF'89AB);
    put(kCr, 0x32);
    put(kWord, 0x55, 1);
    EXPECT_TRUE(d1_runs()) << "WBNE";
    put(kCr, 0x30);
    EXPECT_FALSE(d1_runs()) << "PG = 0 gives the buffer up";

    put(kCr, 0x32);
    for (unsigned i = 0; i < 8; ++i) put(kWord + 4 * i, i);
    EXPECT_TRUE(d1_runs()) << "QW";
    (void)chip.run(kMillisecond);
    EXPECT_FALSE(d1_runs());

    put(kCr, 0x8030);                       // CRC_EN
    put(0x5200'2050, 1U << 22 | 1U << 16);  // ALL_BANK, START_CRC
    EXPECT_NE(*chip.load(Master::cm4, 0x5200'2010) & 8U, 0U);
    EXPECT_FALSE(d1_runs()) << "CRC_BUSY does not count";
}

}  // namespace
}  // namespace h7::test

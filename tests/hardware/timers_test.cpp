// Timers and watchdogs on the whole chip: interrupts to both cores, resets and their flags, freezing and
// gating.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kApb1lenr = 0x5802'44E8, kApb1lrstr = 0x5802'4490, kTim6 = 0x4000'1000, kCnt = kTim6 + 0x24;

TEST(Timers, AMillisecondOnEitherCore) {  // system.md 6.3, 4.2
    for (const std::uint64_t turn : {100U, 10'000U}) {
        expect_says(a_chip().turn(turn).flashed("time_base_cm7").flashed("time_base_cm4"),
                    "CM7: 10 ms are 640 thousand cycles\n"
                    "CM7: the Cortex-M4 counted 10 ms, 640 thousand cycles\n"
                    "CM7: at CSI 4 MHz 10 ms are 40 thousand cycles\n");
    }
}

TEST(Timers, EveryWatchdogBitesAndIsNamed) {  // system.md 3.1, 3.2, 6.4, 6.5, A7
    expect_says(a_chip().flashed("watchdogs_cm7").flashed("watchdogs_cm4"),
                "boot 1: RCC_RSR 0x00FE0000, of the CM4 0x00FE0000, the CM4 started 1 times\n"
                "boot 2: RCC_RSR 0x04460000, of the CM4 0x04460000, the CM4 started 2 times\n"
                "boot 3: RCC_RSR 0x08460000, of the CM4 0x08460000, the CM4 started 3 times\n"
                "boot 4: RCC_RSR 0x10460000, of the CM4 0x10460000, the CM4 started 4 times\n"
                "boot 5: RCC_RSR 0x10020000, of the CM4 0x10020000, the CM4 started 4 times\n"
                "the CM4 came back alone: RCC_RSR 0x20040000, IRQ 143 pending 1, boots 5\n");
}

struct Idle : testing::Test {
    BenchChip chip = a_chip().flashed("hello_m7");
    Idle() { EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M7\n")); }
    void put(Address address, std::uint32_t value) { chip.store(Master::cm7, address, value); }
    std::uint32_t get(Address address) {
        return static_cast<std::uint32_t>(*chip.load(Master::cm7, address));
    }
};

TEST_F(Idle, AGatedTimerStandsReadsZeroAndIgnoresWrites) {  // system.md 1.5, 4.1
    put(kApb1lenr, get(kApb1lenr) | 1U << 4);
    put(kTim6, 1);
    (void)chip.run(100 * kMicrosecond);
    const std::uint32_t before = get(kCnt);
    EXPECT_NEAR(before, 6400, 2);
    put(kApb1lenr, get(kApb1lenr) & ~(1U << 4));
    (void)chip.run(100 * kMicrosecond);
    EXPECT_EQ(get(kCnt), 0U);
    put(kCnt, 5);
    put(kApb1lenr, get(kApb1lenr) | 1U << 4);
    EXPECT_EQ(get(kCnt), before);
    put(kApb1lrstr, 1U << 4);
    put(kApb1lrstr, 0);
    (void)chip.run(100 * kMicrosecond);
    EXPECT_EQ(get(kCnt), 0U);
    EXPECT_EQ(get(kTim6), 0U);
}

TEST_F(Idle, TheRngNeedsItsKernelClock) {  // system.md 6.7, 4.2: RNGSEL 0 is HSI48, off after reset
    put(0x5802'44DC, 1U << 6);
    put(0x4802'1800, 4);
    EXPECT_EQ(get(0x4802'1804), 0x22U);
    put(0x5802'4400, get(0x5802'4400) | 1U << 12);  // HSI48ON
    put(0x4802'1804, 0);
    (void)chip.run(20 * kMicrosecond);
    EXPECT_EQ(get(0x4802'1804), 1U);
    EXPECT_NE(get(0x4802'1808), 0U);
}

TEST_F(Idle, TheCrcUnitNeedsItsClock) {  // system.md 6.8, 1.5
    EXPECT_EQ(get(0x5802'4C00), 0U);
    put(0x5802'44E0, get(0x5802'44E0) | 1U << 19);
    EXPECT_EQ(get(0x5802'4C00), 0xFFFF'FFFFU);
    put(0x5802'4C00, 0x3132'3334);
    EXPECT_NE(get(0x5802'4C00), 0xFFFF'FFFFU);
    put(0x5802'4C08, 1);
    EXPECT_EQ(get(0x5802'4C00), 0xFFFF'FFFFU);
}

TEST_F(Idle, TimpreDecidesHowMuchFasterThanItsBusATimerRuns) {  // system.md 4.2
    put(kApb1lenr, get(kApb1lenr) | 1U << 4);
    put(kTim6, 1);
    struct Row {
        std::uint32_t ppre, timpre, expected;  // per 100 us at HCLK = 64 MHz
    };
    for (const Row& row : {Row{0, 0, 6400}, Row{4, 0, 6400}, Row{5, 0, 3200}, Row{7, 0, 800}, Row{5, 1, 6400},
                           Row{6, 1, 3200}, Row{7, 1, 1600}}) {
        put(0x5802'441C, row.ppre << 4);
        put(0x5802'4410, row.timpre << 15);
        const std::uint32_t before = get(kCnt);
        const Time from = chip->clock().now();
        (void)chip.run(100 * kMicrosecond);
        const double scale = static_cast<double>(chip->clock().now() - from) / (100.0 * kMicrosecond);
        EXPECT_NEAR(((get(kCnt) - before) & 0xFFFFU) / scale, row.expected, 2)
            << row.ppre << ' ' << row.timpre;
    }
}

TEST(Watchdog, TheOptionByteStartsItAfterEveryReset) {  // system.md 3.3, 6.4, 11.8; F-155
    BenchChip chip = a_chip().with_option("IWDG2_SW", 0).flashed("hello_m7");
    chip.keep_trace();
    chip.power_on();
    EXPECT_EQ(*chip.load(Master::cm7, 0x5802'4474), 2U);  // LSI runs although LSION = 0
    (void)chip.run(1030 * kMillisecond);
    EXPECT_EQ(*chip.load(Master::cm7, 0x5802'44D0), 0x08FE'0000U);
    unsigned resets = 0;
    for (const std::string& line : chip.trace_lines())
        if (line.find("IWDG2 reset") != std::string::npos) ++resets;
    EXPECT_EQ(resets, 2U);
}

TEST(Watchdog, StandsInStopWhenTheOptionByteSaysSo) {  // system.md 6.4; F-155
    for (const std::uint32_t keeps_counting : {0U, 1U}) {
        BenchChip chip =
            a_chip().with_option("FZ_IWDG_STOP", keeps_counting).flashed("hello_m7").flashed("hello_m4");
        chip.power_on();
        (void)chip.run(10 * kMillisecond);
        const auto put = [&](Address address, std::uint32_t value) {
            chip.store(Master::cm7, address, value);
        };
        // both cores: SLEEPDEEP = 1, then WFI for ever
        const std::uint32_t code[] = {0x2402'0000, 0x2400'0009, 0x2104'4802,
                                      0xBF30'6001, 0xBF00'E7FD, 0xE000'ED10};
        for (unsigned i = 0; i < std::size(code); ++i) put(0x2400'0000 + 4 * i, code[i]);
        put(0x5800'4800, 0xCCCC);
        chip->cm7().hand_over(0x2400'0000, true);
        chip->cm4().hand_over(0x2400'0000, true);
        (void)chip.run(kMillisecond);
        ASSERT_EQ(chip->cm7().state(), cpu::RunState::deep_sleep);
        ASSERT_EQ(chip->cm4().state(), cpu::RunState::deep_sleep);
        (void)chip.run(kSecond);
        const auto flags = static_cast<std::uint32_t>(*chip.load(Master::cm7, 0x5802'44D0));
        EXPECT_EQ(flags >> 26 & 1U, keeps_counting);
    }
}

TEST(Timers, LptimsReachBothCores) {  // system.md 4.2, 5.1, 5.2
    struct Row {
        Address base, enr;
        unsigned bit, irq, line;
    };
    static constexpr Row kRows[] = {{0x4000'2400, 0xE8, 9, 93, 47},
                                    {0x5800'2400, 0xF4, 9, 138, 48},
                                    {0x5800'2800, 0xF4, 10, 139, 50},
                                    {0x5800'2C00, 0xF4, 11, 140, 52},
                                    {0x5800'3000, 0xF4, 12, 141, 53}};
    BenchChip chip = a_chip();
    chip.power_on();
    const auto write = [&](Address at, std::uint32_t value) { chip.store(Master::cm7, at, value); };
    const auto read = [&](Address at) {
        return static_cast<std::uint32_t>(*chip->read(chip->as_core(Master::cm7, at)));
    };
    constexpr Address kRcc = 0x5802'4400;
    write(kRcc + 0x74, 1);                                        // CSR.LSION
    write(kRcc + 0x54, read(kRcc + 0x54) | 4U << 28);             // LPTIM1SEL: LSI
    write(kRcc + 0x58, read(kRcc + 0x58) | 4U << 10 | 4U << 13);  // LPTIM2SEL, LPTIM345SEL
    for (const Row& row : kRows) {
        write(kRcc + row.enr, read(kRcc + row.enr) | 1U << row.bit);
        write(row.base + 0x08, 2);  // ARRMIE
        write(row.base + 0x10, 1);
        write(row.base + 0x18, 31);
        write(row.base + 0x10, 1 | 4);
        const auto pending = [&](cpu::Core& core) {
            const auto ispr = core.read_private(
                {0xE000'E200 + row.irq / 32 * 4, 4, Op::read, Master::cm7, Context::application, true});
            return test_bit(static_cast<std::uint32_t>(*ispr), row.irq % 32);
        };
        EXPECT_FALSE(pending(chip->cm7()) || pending(chip->cm4())) << row.irq;
        chip->clock().advance_to(chip->clock().now() +
                                 990 * kMicrosecond);  // 31 periods of 32 kHz are 969 us
        EXPECT_TRUE(pending(chip->cm7()) && pending(chip->cm4())) << row.irq;
    }
}

}  // namespace
}  // namespace h7::test

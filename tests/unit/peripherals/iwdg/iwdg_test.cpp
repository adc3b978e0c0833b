#include "peripherals/iwdg/iwdg.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace h7::iwdg {
namespace {

constexpr Address kKr = 0x00, kPr = 0x04, kRlr = 0x08, kSr = 0x0C, kWinr = 0x10;

struct IwdgTest : testing::Test {
    Clock clock;
    Iwdg dog{"IWDG1", 0x5800'4800, clock};
    unsigned resets = 0, starts = 0;

    IwdgTest() {
        dog.timed_out = [this] { ++resets; };
        dog.started = [this] { ++starts; };
        dog.set_clock(32'000);
    }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(dog.read({0x5800'4800 + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        EXPECT_TRUE(dog.write({0x5800'4800 + offset, 4, Op::write, Master::cm7}, value).has_value());
    }
    void wait(Time time) { clock.advance_to(clock.now() + time); }
};

TEST_F(IwdgTest, DefaultPeriodIs512Milliseconds) {  // system.md 6.4
    wait(10 * kSecond);
    EXPECT_EQ(clock.next_deadline(), kNever);  // it does not run yet
    write(kKr, 0xCCCC);
    EXPECT_EQ(starts, 1U);
    wait(512 * kMillisecond - 1);
    EXPECT_EQ(resets, 0U);
    wait(1);
    EXPECT_EQ(resets, 1U);
}

TEST_F(IwdgTest, SettingsNeedTheKey) {  // system.md 6.4
    write(kPr, 3);
    write(kRlr, 99);
    EXPECT_EQ(read(kPr), 0U);
    EXPECT_EQ(read(kRlr), 0xFFFU);
    write(kKr, 0x5555);
    write(kPr, 3);
    write(kRlr, 99);
    EXPECT_EQ(read(kPr), 3U);
    EXPECT_EQ(read(kRlr), 99U);
    EXPECT_EQ(read(kSr), 0U);
    EXPECT_EQ(read(kKr), 0U);
    write(kKr, 0xAAAA);  // any other key locks again
    write(kRlr, 5);
    EXPECT_EQ(read(kRlr), 99U);
}

TEST_F(IwdgTest, PeriodFollowsPrescalerAndReload) {  // system.md 6.4: 4 * 2^min(PR, 6) * (RLR + 1) / LSI
    for (const std::uint32_t pr : {0U, 1U, 5U, 6U, 7U}) {
        dog.reset(ResetKind::system);
        resets = 0;
        write(kKr, 0xCCCC);
        write(kKr, 0x5555);
        write(kPr, pr);
        write(kRlr, 99);
        write(kKr, 0xAAAA);
        const Time period = (Time{4} << std::min(pr, 6U)) * 100 * (kSecond / 32'000);
        wait(period / 2);
        write(kKr, 0xAAAA);
        wait(period - 1);
        EXPECT_EQ(resets, 0U) << pr;
        wait(1);
        EXPECT_EQ(resets, 1U) << pr;
    }
}

TEST_F(IwdgTest, RefreshAboveTheWindowResets) {  // system.md 6.4
    write(kKr, 0xCCCC);
    write(kKr, 0x5555);
    write(kRlr, 0x100);
    write(kWinr, 0x80);  // reloads as well
    wait(0x80 * 125 * kMicrosecond);
    write(kKr, 0xAAAA);  // at 0x80
    EXPECT_EQ(resets, 0U);
    wait(0x7F * 125 * kMicrosecond);
    write(kKr, 0xAAAA);  // at 0x81
    EXPECT_EQ(resets, 1U);
}

TEST_F(IwdgTest, OnlyASystemResetStopsIt) {  // system.md 3.3, 3.1
    write(kKr, 0xCCCC);
    dog.reset(ResetKind::peripheral);
    dog.reset(ResetKind::domain);
    dog.reset(ResetKind::standby_exit);
    EXPECT_TRUE(dog.running());
    dog.reset(ResetKind::system);
    EXPECT_FALSE(dog.running());
    EXPECT_EQ(clock.next_deadline(), kNever);
}

TEST_F(IwdgTest, FrozenItKeepsItsCount) {  // system.md 6.4: IWDG_FZ_STOP, DBGMCU
    write(kKr, 0xCCCC);
    wait(500 * kMillisecond);
    dog.set_clock(0);
    wait(10 * kSecond);
    EXPECT_EQ(resets, 0U);
    dog.set_clock(32'000);
    wait(12 * kMillisecond);
    EXPECT_EQ(resets, 1U);
}

}  // namespace
}  // namespace h7::iwdg

#include "peripherals/wwdg/wwdg.hpp"

#include <gtest/gtest.h>

namespace h7::wwdg {
namespace {

constexpr Address kCr = 0x00, kCfr = 0x04, kSr = 0x08;
constexpr Time kStep = 4096 * kMicrosecond;  // with a bus clock of 1 MHz

struct WwdgTest : testing::Test {
    Clock clock;
    Wwdg dog{"WWDG1", 0x5000'3000, 0x1000, clock};
    unsigned resets = 0;

    WwdgTest() {
        dog.timed_out = [this] { ++resets; };
        dog.set_clock(1'000'000);
    }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(dog.read({0x5000'3000 + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        EXPECT_TRUE(dog.write({0x5000'3000 + offset, 4, Op::write, Master::cm7}, value).has_value());
    }
    void wait(Time time) { clock.advance_to(clock.now() + time); }
};

TEST_F(WwdgTest, RunsDownWhileInactiveWithoutEventsOrReset) {  // system.md 6.5
    EXPECT_EQ(clock.next_deadline(), kNever);
    wait(10 * kStep);
    EXPECT_EQ(read(kCr), 0x75U);
    EXPECT_EQ(read(kSr), 0U);
    wait(60 * kStep);
    EXPECT_EQ(read(kCr), 0x39U);
    EXPECT_EQ(read(kSr), 1U);  // it passed 0x40: EWIF without EWI
    wait(60 * kStep);
    EXPECT_EQ(read(kCr), 0x7DU);
    EXPECT_EQ(resets, 0U);
}

TEST_F(WwdgTest, ResetsWhenT6Falls) {  // system.md 6.5: PCLK / 4096 / 2^WDGTB
    write(kCfr, 0x7F | 3U << 11);
    write(kCr, 0xC0 | 5);
    wait(6 * 8 * kStep - 1);
    EXPECT_EQ(resets, 0U);
    EXPECT_EQ(read(kCr), 0xC0U);
    wait(1);
    EXPECT_EQ(resets, 1U);
    wait(100 * kStep);
    EXPECT_EQ(resets, 1U);
}

TEST_F(WwdgTest, ReloadAboveTheWindowResets) {  // system.md 6.5
    write(kCfr, 0x50);
    write(kCr, 0xFF);  // activation itself has no window
    EXPECT_EQ(resets, 0U);
    wait(0x2F * kStep);
    write(kCr, 0xFF);  // T = 0x50: inside
    EXPECT_EQ(resets, 0U);
    wait(0x2E * kStep);
    write(kCr, 0xFF);  // T = 0x51: too early
    EXPECT_EQ(resets, 1U);
}

TEST_F(WwdgTest, ActivationWithT6LowResetsAtOnce) {  // system.md 6.5
    write(kCr, 0x80);
    EXPECT_EQ(resets, 1U);
}

TEST_F(WwdgTest, OnlyAResetDeactivates) {  // system.md 6.5
    write(kCr, 0xFF);
    write(kCr, 0x7F);
    EXPECT_EQ(read(kCr), 0xFFU);
    dog.reset(ResetKind::system);
    EXPECT_EQ(read(kCr), 0x7FU);
    EXPECT_EQ(clock.next_deadline(), kNever);
}

TEST_F(WwdgTest, EarlyWakeUpComesOneStepBeforeTheReset) {  // system.md 6.5
    write(kCr, 0xFF);
    write(kCfr, 0x7F | 1U << 9);
    wait(0x3F * kStep - 1);
    EXPECT_FALSE(dog.irq.level());
    wait(1);
    EXPECT_TRUE(dog.irq.level());
    write(kSr, 0);
    EXPECT_FALSE(dog.irq.level());
    write(kCr, 0xFF);  // what its handler does
    wait(0x3F * kStep);
    EXPECT_TRUE(dog.irq.level());
    wait(kStep);
    EXPECT_EQ(resets, 1U);
    write(kCfr, 0x7F);  // EWI is set only
    EXPECT_EQ(read(kCfr), 0x7FU | 1U << 9);
}

TEST_F(WwdgTest, StandsWithItsClock) {  // system.md 6.5: frozen in CStop of its core
    write(kCr, 0xC3);
    wait(2 * kStep);
    dog.set_clock(0);
    wait(100 * kStep);
    EXPECT_EQ(resets, 0U);
    dog.set_clock(2'000'000);
    wait(kStep - 1);
    EXPECT_EQ(resets, 0U);
    wait(1);
    EXPECT_EQ(resets, 1U);
}

}  // namespace
}  // namespace h7::wwdg

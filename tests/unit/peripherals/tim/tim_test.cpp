#include "tests/unit/peripherals/tim/bench.hpp"

namespace h7::tim {
namespace {

TEST(Tim, AFreeRunningTimerMakesNoEvents) {  // issue 5: a timer costs nothing between deadlines
    Bench b;
    b.write(kArr, 9);
    b.write(kCr1, kCen);
    EXPECT_EQ(b.clock.next_deadline(), kNever);
    b.wait_us(25);
    EXPECT_EQ(b.read(kCnt), 5U);
    EXPECT_EQ(b.read(kSr), kUif | 0x1EU);  // compare values 0 were met as well
    EXPECT_EQ(b.clock.next_deadline(), kNever);
}

TEST(Tim, PrescalerIsTakenAtTheUpdate) {  // system.md 6.3
    Bench b;
    b.write(kArr, 99);
    b.write(kCr1, kCen);
    b.write(kPsc, 9);
    b.wait_us(50);
    EXPECT_EQ(b.read(kCnt), 50U);  // still by 1
    b.wait_us(50);
    EXPECT_EQ(b.read(kCnt), 0U);
    b.wait_us(105);
    EXPECT_EQ(b.read(kCnt), 10U);  // by 10 from the update on
}

TEST(Tim, AutoReloadWithAndWithoutPreload) {  // system.md 6.3
    Bench b;
    b.write(kArr, 99);
    b.write(kCr1, kCen);
    b.wait_us(10);
    b.write(kArr, 19);  // at once
    b.wait_us(10);
    EXPECT_EQ(b.read(kCnt), 0U);
    b.write(kCr1, kCen | kArpe);
    b.write(kArr, 49);
    b.wait_us(20);
    EXPECT_EQ(b.read(kCnt), 0U);  // this period was still 20 long
    b.wait_us(49);
    EXPECT_EQ(b.read(kCnt), 49U);
    b.write(kCr1, kCen);
    b.write(kArr, 9);  // below the counter: it goes on to the top and starts again, without an update
    b.write(kSr, 0);
    b.wait_us(0x10000 - 49);
    EXPECT_EQ(b.read(kCnt), 0U);
    EXPECT_EQ(b.read(kSr) & kUif, 0U);
    b.wait_us(10);
    EXPECT_EQ(b.read(kSr) & kUif, kUif);
}

TEST(Tim, AReloadValueOfZeroBlocksTheCounter) {  // system.md 6.3
    Bench b;
    b.write(kArr, 0);
    b.write(kDier, 1);
    b.write(kCr1, kCen);
    b.wait_us(100);
    EXPECT_EQ(b.read(kCnt), 0U);
    EXPECT_EQ(b.read(kSr), 0U);
}

TEST(Tim, UpdateGenerationReloadsAndSetsTheFlagUnlessUrs) {  // system.md 6.3
    Bench b;
    b.write(kPsc, 3);
    b.write(kArr, 99);
    b.write(kCr1, kCen | kUrs);
    b.wait_us(10);
    b.write(kEgr, 1);
    EXPECT_EQ(b.read(kCnt), 0U);
    EXPECT_EQ(b.read(kSr), 0U);
    b.wait_us(41);
    EXPECT_EQ(b.read(kCnt), 10U);  // the prescaler is in use
    b.write(kCr1, kCen);
    b.write(kEgr, 1);
    EXPECT_EQ(b.read(kSr) & kUif, kUif);
    b.wait_us(4);
    EXPECT_EQ(b.read(kCnt), 1U);  // its round began anew
    b.write(kSr, ~kUif);
    EXPECT_EQ(b.read(kSr) & kUif, 0U);
}

TEST(Tim, UdisKeepsBuffersAndFlag) {  // system.md 6.3
    Bench b;
    b.write(kArr, 9);
    b.write(kPsc, 4);
    b.write(kCr1, kCen | kUdis);
    b.write(kEgr, 1);
    b.wait_us(1005);
    EXPECT_EQ(b.read(kCnt), 5U);
    EXPECT_EQ(b.read(kSr) & kUif, 0U);
}

TEST(Tim, OnePulseStopsAtTheUpdate) {  // system.md 6.3
    Bench b;
    b.write(kArr, 9);
    b.write(kCr1, kCen | kOpm);
    b.wait_us(1000);
    EXPECT_EQ(b.read(kCr1), kOpm);
    EXPECT_EQ(b.read(kCnt), 0U);
    EXPECT_EQ(b.read(kSr) & kUif, kUif);
}

TEST(Tim, DisabledTimeDoesNotCount) {  // system.md 6.3
    Bench b;
    b.write(kCr1, kCen);
    b.wait_us(7);
    b.write(kCr1, 0);
    b.wait_us(50);
    b.write(kCr1, kCen);
    b.wait_us(3);
    EXPECT_EQ(b.read(kCnt), 10U);
    b.tim.set_clock(0);  // gated
    b.wait_us(50);
    b.tim.set_clock(1'000'000);
    b.wait_us(2);
    EXPECT_EQ(b.read(kCnt), 12U);
}

TEST(Tim, WhoLagsBehindSeesNoTimeRunBackwards) {  // D-28
    Bench b;
    struct Core : TimeSource {
        Time time = 0;
        Time now() const override { return time; }
        void deadline_made(Time) override {}
    } core;
    b.clock.set_source(&core);
    b.write(kCr1, kCen);
    core.time = 100 * kMicrosecond;
    EXPECT_EQ(b.read(kCnt), 100U);
    core.time = 40 * kMicrosecond;
    EXPECT_EQ(b.read(kCnt), 100U);
    core.time = 110 * kMicrosecond;
    EXPECT_EQ(b.read(kCnt), 110U);
    b.clock.set_source(nullptr);
}

TEST(Tim, CompareInterruptComesAtTheMatchAndOnce) {  // system.md 6.3
    Bench b;
    b.write(kArr, 99);
    b.write(kCcr2, 30);
    b.write(kDier, 1 << 2);
    b.write(kCr1, kCen);
    EXPECT_EQ(b.clock.next_deadline(), 30 * kMicrosecond);
    b.wait_us(30);
    EXPECT_TRUE(b.tim.compare.level());
    EXPECT_TRUE(b.tim.irq.level());
    EXPECT_FALSE(b.tim.update.level());
    EXPECT_EQ(b.clock.next_deadline(), kNever);  // asked already
    b.wait_us(10);
    b.write(kSr, ~(1U << 2));
    EXPECT_FALSE(b.tim.irq.level());
    EXPECT_EQ(b.clock.next_deadline(), 130 * kMicrosecond);
}

TEST(Tim, PwmLevelsFollowTheCounter) {  // system.md 6.3
    Bench b;
    b.write(kArr, 99);
    b.write(kCcr1, 25);
    b.write(kCcr2, 25);
    b.write(kCcmr1, 0x6868 | 0x1000);  // PWM mode 1 on channel 1, mode 2 on channel 2, preloaded
    b.write(kCcer, 0x11);
    b.write(kEgr, 1);
    b.write(kCr1, kCen);
    EXPECT_TRUE(b.tim.output(1));
    EXPECT_FALSE(b.tim.output(2));
    b.wait_us(24);
    EXPECT_TRUE(b.tim.output(1));
    b.wait_us(1);
    EXPECT_FALSE(b.tim.output(1));
    EXPECT_TRUE(b.tim.output(2));
    b.write(kCcr1, 60);
    EXPECT_FALSE(b.tim.output(1));  // from the next period on
    b.wait_us(75 + 59);
    EXPECT_TRUE(b.tim.output(1));
    b.write(kCcer, 0x13);
    EXPECT_FALSE(b.tim.output(1));  // polarity
    b.write(kCcer, 0);
    EXPECT_FALSE(b.tim.output(2));
}

TEST(Tim, ToggleCountsEveryMatchOfALongPause) {  // system.md 6.3
    for (const Time periods : {1U, 2U, 7U, 100U, 100'001U}) {
        Bench b;
        b.write(kArr, 9);
        b.write(kCcr1, 5);
        b.write(kCcmr1, 0x30);
        b.write(kCcer, 1);
        b.write(kCr1, kCen);
        b.wait_us(10 * periods);
        EXPECT_EQ(b.tim.output(1), periods % 2 == 1) << periods;
    }
}

TEST(Tim, AdvancedOutputsNeedTheMainEnable) {  // RM0399 BDTR.MOE
    Bench b(Kind::advanced);
    b.write(kCcmr1, 0x50);  // forced active
    b.write(kCcer, 1);
    EXPECT_FALSE(b.tim.output(1));
    b.write(kBdtr, 1 << 15);
    EXPECT_TRUE(b.tim.output(1));
    b.write(kDier, 1 << 7);
    b.write(kEgr, 1 << 7);  // break by software
    EXPECT_FALSE(b.tim.output(1));
    EXPECT_TRUE(b.tim.brk.level());
    EXPECT_EQ(b.read(kBdtr), 0U);
    b.write(kBdtr, 1 << 14);  // AOE: back with the next update
    b.write(kEgr, 1);
    EXPECT_TRUE(b.tim.output(1));
}

TEST(Tim, RepetitionCounterStretchesTheUpdate) {  // RM0399 RCR
    Bench b(Kind::tim16);
    b.write(kArr, 9);
    b.write(kRcr, 2);
    b.write(kEgr, 1);
    b.write(kSr, 0);
    b.write(kDier, 1);
    b.write(kCr1, kCen);
    EXPECT_EQ(b.clock.next_deadline(), 30 * kMicrosecond);
    b.wait_us(29);
    EXPECT_EQ(b.read(kSr) & kUif, 0U);
    b.wait_us(1);
    EXPECT_TRUE(b.tim.update.level());
}

TEST(Tim, CentreAlignedCountsUpAndDown) {  // RM0399 CMS
    Bench b;
    b.write(kArr, 10);
    b.write(kCr1, kCen | 1 << 5);
    b.wait_us(10);
    EXPECT_EQ(b.read(kCnt), 10U);
    EXPECT_EQ(b.read(kCr1) & kDir, kDir);
    EXPECT_EQ(b.read(kSr) & kUif, kUif);
    b.write(kSr, 0);
    b.wait_us(7);
    EXPECT_EQ(b.read(kCnt), 3U);
    b.wait_us(3);
    EXPECT_EQ(b.read(kCr1) & kDir, 0U);
    EXPECT_EQ(b.read(kSr) & kUif, kUif);
}

TEST(Tim, UpdateFlagCopyInTheCounter) {  // RM0399 UIFREMAP
    Bench b;
    b.write(kArr, 9);
    b.write(kCr1, kCen | 1 << 11);
    b.wait_us(12);
    EXPECT_EQ(b.read(kCnt), 0x8000'0002U);
    b.write(kSr, 0);
    EXPECT_EQ(b.read(kCnt), 2U);
}

TEST(Tim, WidthOfTheCounter) {  // system.md 6.3: TIM2 and TIM5 have 32 bits
    Bench narrow(Kind::general), wide(Kind::general_32);
    EXPECT_EQ(narrow.read(kArr), 0xFFFFU);
    EXPECT_EQ(wide.read(kArr), 0xFFFF'FFFFU);
    for (Bench* b : {&narrow, &wide}) {
        b->write(kCr1, kCen);
        b->wait_us(0x12345);
    }
    EXPECT_EQ(narrow.read(kCnt), 0x2345U);
    EXPECT_EQ(wide.read(kCnt), 0x12345U);
}

TEST(Tim, WhatAKindLacksReadsZero) {  // RM0399, register maps
    Bench b(Kind::basic);
    b.write(kCcmr1, 0xFFFF'FFFF);
    b.write(kCcr1, 0x1234);
    b.write(kCr1, 0xFFFF'FFFE);
    EXPECT_EQ(b.read(kCcmr1), 0U);
    EXPECT_EQ(b.read(kCcr1), 0U);
    EXPECT_EQ(b.read(kCr1), 0x088EU);
}

TEST(Tim, InputsNeverComeButSoftwareCaptures) {  // input channels are stored
    Bench b;
    b.write(kCcmr1, 1);
    b.write(kCr1, kCen);
    b.wait_us(77);
    b.write(kCcr1, 5);
    EXPECT_EQ(b.read(kCcr1), 0U);  // read only as an input
    EXPECT_EQ(b.read(kSr) & 2U, 0U);
    b.write(kEgr, 2);
    EXPECT_EQ(b.read(kSr) & 2U, 2U);
    EXPECT_EQ(b.read(kCcr1), 77U);
    EXPECT_EQ(b.read(kSr) & 2U, 0U);  // cleared by the reading
}

TEST(Tim, AnExternalClockThatNeverTicks) {  // slave modes: no trigger, no edge
    Bench b;
    b.write(kSmcr, 7);
    b.write(kCr1, kCen);
    b.wait_us(10);
    EXPECT_EQ(b.read(kCnt), 0U);
    b.write(kSmcr, 0);
    b.wait_us(10);
    EXPECT_EQ(b.read(kCnt), 10U);
}

TEST(Tim, ResetStopsAndForgets) {  // RCC xxxRST
    Bench b;
    b.write(kArr, 9);
    b.write(kDier, 1);
    b.write(kCr1, kCen);
    b.wait_us(20);
    EXPECT_TRUE(b.tim.irq.level());
    b.tim.reset(ResetKind::peripheral);
    EXPECT_FALSE(b.tim.irq.level());
    EXPECT_EQ(b.clock.next_deadline(), kNever);
    b.wait_us(20);
    EXPECT_EQ(b.read(kCnt), 0U);
    b.write(kCr1, kCen);
    b.wait_us(20);
    EXPECT_EQ(b.read(kCnt), 20U);  // and the kernel clock is still there
}

TEST(Tim, SavedInTheMiddleOfAPeriodItGoesOn) {  // snapshots
    Bench one;
    one.write(kPsc, 6);
    one.write(kArr, 99);
    one.write(kEgr, 1);
    one.write(kSr, 0);
    one.write(kDier, 1);
    one.write(kCr1, kCen);
    one.wait(123'456'789);
    StateWriter out;
    one.tim.save(out);
    Bench two;
    two.clock.advance_to(one.clock.now());
    StateReader in(out.data());
    two.tim.load(in);
    EXPECT_TRUE(in.finish());
    EXPECT_EQ(two.clock.next_deadline(), one.clock.next_deadline());
    EXPECT_EQ(two.read(kCnt), one.read(kCnt));
}

TEST(Tim, HalTimeBaseOfOneMillisecond) {  // system.md 6.3: HAL_InitTick
    Bench b(Kind::basic, 240'000'000);
    b.write(kPsc, 239);
    b.write(kArr, 999);
    b.write(kEgr, 1);
    b.write(kSr, ~kUif);
    b.write(kDier, 1);
    b.write(kCr1, kCen);
    unsigned ticks = 0;
    b.tim.irq.connect([&](bool level) {
        if (!level) return;
        ++ticks;
    });
    for (unsigned n = 0; n < 50; ++n) {
        b.wait_us(1000);
        b.write(kSr, ~kUif);
    }
    EXPECT_EQ(ticks, 50U);
}

}  // namespace
}  // namespace h7::tim

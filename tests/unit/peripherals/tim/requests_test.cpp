// DMA requests of the timers. RM0399 DIER, CR2.CCDS, DCR, DMAR.
#include <gtest/gtest.h>

#include "emulator/fabric/clock.hpp"
#include "peripherals/tim/tim.hpp"

namespace h7::tim {
namespace {

struct Rig {
    Clock clock;
    Tim tim{"TIM3", 0x4000'0400, Kind::general, clock};
    std::array<unsigned, Tim::kRequests> rises{};

    Rig() {
        tim.set_clock(1'000'000);
        for (unsigned i = 0; i < Tim::kRequests; ++i)
            tim.dma[i].connect([this, i](bool level) { rises[i] += level; });
    }
    void reg(Address offset, std::uint32_t value) {
        EXPECT_TRUE(tim.write({0x4000'0400 + offset, 4, Op::write, Master::cm7}, value));
    }
    std::uint32_t reg(Address offset) {
        return static_cast<std::uint32_t>(*tim.read({0x4000'0400 + offset, 4, Op::read, Master::cm7}));
    }
    void pass(unsigned microseconds) { clock.advance_to(clock.now() + microseconds * kMicrosecond); }
};

TEST(TimRequests, AnUpdateAsksUntilItIsServed) {  // RM0399 DIER.UDE
    Rig rig;
    rig.reg(0x2C, 9);
    rig.reg(0x0C, 1 << 8);
    rig.reg(0x00, 1);
    rig.pass(9);
    EXPECT_FALSE(rig.tim.dma[0].level());
    rig.pass(1);
    EXPECT_TRUE(rig.tim.dma[0].level());
    rig.pass(25);  // two more nobody hears
    EXPECT_EQ(rig.rises[0], 1U);
    rig.tim.dma[0].acknowledge();
    EXPECT_FALSE(rig.tim.dma[0].level());
    rig.pass(5);
    EXPECT_TRUE(rig.tim.dma[0].level()) << "UIF is still set, the request does not care";
}

TEST(TimRequests, EachCompareHasItsOwn) {  // DIER.CCxDE
    Rig rig;
    rig.reg(0x2C, 99);
    rig.reg(0x34, 10), rig.reg(0x40, 40);
    rig.reg(0x0C, 1 << 9 | 1 << 12);
    rig.reg(0x00, 1);
    rig.pass(10);
    EXPECT_EQ(rig.rises, (std::array<unsigned, 7>{0, 1, 0, 0, 0, 0, 0}));
    rig.pass(30);
    EXPECT_EQ(rig.rises, (std::array<unsigned, 7>{0, 1, 0, 0, 1, 0, 0}));
}

TEST(TimRequests, CompareRequestsAtTheUpdate) {  // CR2.CCDS
    Rig rig;
    rig.reg(0x2C, 99);
    rig.reg(0x34, 10);
    rig.reg(0x04, 1 << 3);
    rig.reg(0x0C, 1 << 9);
    rig.reg(0x00, 1);
    rig.pass(99);
    EXPECT_EQ(rig.rises[1], 0U);
    rig.pass(1);
    EXPECT_EQ(rig.rises[1], 1U);
}

TEST(TimRequests, SoftwareEventsAskToo) {  // EGR.UG unless URS, EGR.TG
    Rig rig;
    rig.reg(0x0C, 1 << 8 | 1 << 14);
    rig.reg(0x14, 1 << 6);
    EXPECT_EQ(rig.rises, (std::array<unsigned, 7>{0, 0, 0, 0, 0, 0, 1}));
    rig.reg(0x00, 4);
    rig.reg(0x14, 1);
    EXPECT_EQ(rig.rises[0], 0U);
    rig.reg(0x00, 0);
    rig.reg(0x14, 1);
    EXPECT_EQ(rig.rises[0], 1U);
}

TEST(TimRequests, ABurstGoesToSeveralRegisters) {  // DCR, DMAR: HAL_TIM_DMABurst_WriteStart
    Rig rig;
    rig.reg(0x48, 13 | 2 << 8);  // three transfers from CCR1 on
    rig.reg(0x0C, 1 << 8);
    rig.reg(0x14, 1);
    for (const std::uint32_t value : {11U, 12U, 13U}) {
        EXPECT_TRUE(rig.tim.dma[0].level());
        rig.reg(0x4C, value);
        rig.tim.dma[0].acknowledge();
    }
    EXPECT_FALSE(rig.tim.dma[0].level());
    EXPECT_EQ(rig.reg(0x34), 11U);
    EXPECT_EQ(rig.reg(0x38), 12U);
    EXPECT_EQ(rig.reg(0x3C), 13U);
    EXPECT_EQ(rig.reg(0x40), 0U);
}

TEST(TimRequests, WithoutAnEnabledRequestThereIsNoEvent) {  // issue 5: nothing between deadlines
    Rig rig;
    rig.reg(0x2C, 9);
    rig.reg(0x00, 1);
    EXPECT_EQ(rig.clock.next_deadline(), kNever);
    rig.reg(0x0C, 1 << 8);
    EXPECT_NE(rig.clock.next_deadline(), kNever);
    rig.pass(10);
    EXPECT_EQ(rig.clock.next_deadline(), kNever) << "as long as it is not served";
}

}  // namespace
}  // namespace h7::tim

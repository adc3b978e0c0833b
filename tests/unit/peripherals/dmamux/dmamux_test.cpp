// Routing, synchronization and generators. RM0399 section 18.
#include "peripherals/dmamux/dmamux.hpp"

#include <gtest/gtest.h>

namespace h7::dmamux {
namespace {

enum Channel : std::uint32_t {
    kSoie = 1 << 8,
    kEge = 1 << 9,
    kSe = 1 << 16,
    kRising = 1 << 17,
    kFalling = 2 << 17
};
constexpr std::uint32_t kOie = 1 << 8, kGe = 1 << 16;
constexpr std::uint32_t number(std::uint32_t n) { return n << 19; }
constexpr std::uint32_t sync(std::uint32_t n) { return n << 24; }

struct Rig {
    Dmamux mux{"DMAMUX1", 0x4002'0800, kDmamux1};
    DmaRequest uart, timer;
    unsigned served = 0;

    Rig() {
        mux.connect(41, uart);
        mux.connect(69, timer);
        uart.served = [this] { ++served; };
    }
    void reg(Address offset, std::uint32_t value) {
        EXPECT_TRUE(mux.write({0x4002'0800 + offset, 4, Op::write, Master::cm7}, value));
    }
    std::uint32_t reg(Address offset) {
        return static_cast<std::uint32_t>(*mux.read({0x4002'0800 + offset, 4, Op::read, Master::cm7}));
    }
};

TEST(Dmamux, AChannelShowsTheRequestItSelected) {  // RM0399 18.4.4
    Rig rig;
    rig.uart.set(true);
    EXPECT_FALSE(rig.mux.out[9].level());
    rig.reg(9 * 4, 41);
    EXPECT_TRUE(rig.mux.out[9].level());
    EXPECT_FALSE(rig.mux.out[8].level());
    rig.mux.out[9].acknowledge();
    EXPECT_EQ(rig.served, 1U);
    rig.uart.set(false);
    EXPECT_FALSE(rig.mux.out[9].level());
    rig.timer.set(true);
    rig.reg(9 * 4, 69);
    EXPECT_TRUE(rig.mux.out[9].level());
    rig.reg(9 * 4, 0);
    EXPECT_FALSE(rig.mux.out[9].level());
}

TEST(Dmamux, SynchronizedRequestsGoThroughInLots) {  // RM0399 figure 91
    Rig rig;
    rig.reg(0, 41 | number(1));
    rig.reg(0, 41 | number(1) | sync(6) | kRising | kSe | kSoie);
    rig.mux.set_sync(6, true);  // nobody waits: the event is lost
    rig.mux.set_sync(6, false);
    rig.uart.set(true);
    EXPECT_FALSE(rig.mux.out[0].level());
    rig.mux.set_sync(6, true);
    EXPECT_TRUE(rig.mux.out[0].level());
    rig.mux.out[0].acknowledge();
    EXPECT_TRUE(rig.mux.out[0].level()) << "NBREQ + 1 requests for one event";
    rig.mux.set_sync(6, false);
    rig.mux.set_sync(6, true);
    EXPECT_EQ(rig.reg(0x80), 1U) << "an event before the counter is through";
    EXPECT_TRUE(rig.mux.irq.level());
    rig.mux.out[0].acknowledge();
    EXPECT_FALSE(rig.mux.out[0].level());
    rig.reg(0x84, 1);
    EXPECT_EQ(rig.reg(0x80), 0U);
    EXPECT_FALSE(rig.mux.irq.level());
}

TEST(Dmamux, AnEventForEachLotOfRequests) {  // RM0399 18.4.4, EGE
    Rig rig;
    unsigned events = 0;
    rig.mux.event[2].connect([&](bool level) { events += level; });
    rig.reg(8, 41 | number(2));
    rig.reg(8, 41 | number(2) | kEge);
    rig.uart.set(true);
    for (unsigned i = 0; i < 7; ++i) rig.mux.out[2].acknowledge();
    EXPECT_EQ(events, 2U);
}

TEST(Dmamux, TheNumberOfRequestsIsTakenWhileNothingCounts) {  // RM0399 18.6.1
    Rig rig;
    rig.reg(0, number(3));
    rig.reg(0, number(3) | kEge);
    rig.reg(0, number(9) | kEge);
    EXPECT_EQ(rig.reg(0), number(3) | kEge);
}

TEST(Dmamux, AGeneratorMakesRequestsFromAnEdge) {  // RM0399 18.4.5
    Rig rig;
    rig.reg(3 * 4, 2);  // generator 1
    rig.reg(0x104, 6 | number(1) | kFalling | kOie);
    rig.reg(0x104, 6 | number(1) | kFalling | kOie | kGe);
    rig.mux.set_trigger(6, true);
    EXPECT_FALSE(rig.mux.out[3].level());
    rig.mux.set_trigger(6, false);
    EXPECT_TRUE(rig.mux.out[3].level());
    rig.mux.out[3].acknowledge();
    EXPECT_TRUE(rig.mux.out[3].level());
    rig.mux.set_trigger(6, true);
    rig.mux.set_trigger(6, false);
    EXPECT_EQ(rig.reg(0x140), 2U) << "overrun";
    EXPECT_TRUE(rig.mux.irq.level());
    rig.mux.out[3].acknowledge();
    EXPECT_FALSE(rig.mux.out[3].level());
    rig.reg(0x144, 2);
    EXPECT_FALSE(rig.mux.irq.level());
}

TEST(Dmamux, SwitchedOffAGeneratorIsQuiet) {
    Rig rig;
    rig.reg(0, 1);
    rig.reg(0x100, kRising | kGe);
    rig.mux.set_trigger(0, true);
    EXPECT_TRUE(rig.mux.out[0].level());
    rig.reg(0x100, kRising);
    EXPECT_FALSE(rig.mux.out[0].level());
}

TEST(Dmamux, TheSmallOneHasLess) {  // RM0399 table 125
    Dmamux mux("DMAMUX2", 0x5802'5800, kDmamux2);
    const auto write = [&](Address offset) {
        EXPECT_TRUE(mux.write({0x5802'5800 + offset, 4, Op::write, Master::cm4}, 0xFFFF'FFFF));
        return *mux.read({0x5802'5800 + offset, 4, Op::read, Master::cm4});
    };
    EXPECT_EQ(write(0x1C), 0x1FFF'031FU);
    EXPECT_EQ(write(0x20), 0U);
    EXPECT_EQ(write(0x100), 0x00FF'011FU);
}

TEST(Dmamux, SavedInTheMiddleItGoesOn) {
    Rig one, two;
    one.reg(0, 41 | number(1));
    one.reg(0, 41 | number(1) | sync(6) | kRising | kSe);
    one.uart.set(true);
    one.mux.set_sync(6, true);
    one.mux.out[0].acknowledge();
    StateWriter out;
    one.mux.save(out);
    two.uart.set(true);
    StateReader in(out.data());
    two.mux.load(in);
    ASSERT_TRUE(in.finish());
    EXPECT_TRUE(two.mux.out[0].level());
    two.mux.out[0].acknowledge();
    EXPECT_FALSE(two.mux.out[0].level());
}

}  // namespace
}  // namespace h7::dmamux

#include "peripherals/dbgmcu/dbgmcu.hpp"

#include <gtest/gtest.h>

namespace h7::dbgmcu {
namespace {

Access at(Address offset, Op op, Master master) { return {0x5C00'1000 + offset, 4, op, master}; }

TEST(DebugMcu, EveryoneReadsTheIdentity) {  // A12, system.md 6.11
    Dbgmcu block;
    for (const Master who : {Master::cm7, Master::cm4, Master::ap0, Master::ap3})
        EXPECT_EQ(*block.read(at(0, Op::read, who)), 0x2003'6450U) << name_of(who);
    ASSERT_TRUE(block.write(at(0, Op::write, Master::cm7), 0));
    EXPECT_EQ(*block.read(at(0, Op::read, Master::cm7)), 0x2003'6450U);
    Dbgmcu older(kRevisionX);
    EXPECT_EQ(*older.read(at(0, Op::read, Master::cm7)), 0x2001'6450U);
}

TEST(DebugMcu, OnlyPowerOnResets) {  // A12, system.md 3.3
    Dbgmcu block;
    int changes = 0;
    block.control_changed = [&] { ++changes; };
    ASSERT_TRUE(block.write(at(4, Op::write, Master::ap0), 0x10));
    EXPECT_TRUE(block.keeps_clock_in_stop(2));
    EXPECT_FALSE(block.keeps_clock_in_stop(1));
    for (const ResetKind kind :
         {ResetKind::system, ResetKind::domain, ResetKind::standby_exit, ResetKind::peripheral})
        block.reset(kind);
    EXPECT_EQ(*block.read(at(4, Op::read, Master::cm4)), 0x10U);
    EXPECT_EQ(changes, 1);
    block.reset(ResetKind::power_on);
    EXPECT_FALSE(block.keeps_clock_in_stop(2));
    EXPECT_EQ(changes, 2);
}

TEST(DebugMcu, FreezeBitsHoldWhileTheirCoreIsHalted) {  // system.md 6.11
    Dbgmcu block;
    int changes = 0;
    block.freeze_changed = [&] { ++changes; };
    ASSERT_TRUE(block.write(at(0x54, Op::write, Master::cm7), 1U << 18));  // APB4FZ1: while the CM7 is halted
    ASSERT_TRUE(block.write(at(0x58, Op::write, Master::cm7), 1U << 19));  // APB4FZ2: while the CM4 is
    EXPECT_EQ(changes, 2);
    EXPECT_TRUE(block.freezes(0x54, 18, true, false));
    EXPECT_FALSE(block.freezes(0x54, 18, false, true));
    EXPECT_TRUE(block.freezes(0x54, 19, false, true));
    EXPECT_FALSE(block.freezes(0x54, 19, true, false));
    EXPECT_FALSE(block.freezes(0x54, 18, false, false));
}

TEST(DebugMcu, FreezeBitsWithoutAModelAreNamed) {  // system.md 6.11
    Trace trace;
    Dbgmcu block;
    block.set_trace(&trace);
    ASSERT_TRUE(block.write(at(0x54, Op::write, Master::cm7), 1U << 7));  // I2C4
    EXPECT_EQ(*block.read(at(0x54, Op::read, Master::cm7)), 1U << 7);
    EXPECT_GE(trace.unmodelled_count(), 1U);
}

}  // namespace
}  // namespace h7::dbgmcu

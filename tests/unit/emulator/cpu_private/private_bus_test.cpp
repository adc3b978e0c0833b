#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kStir = 0xE000'EF00, kCcr = 0xE000'ED14, kDemcr = 0xE000'EDFC, kDwtCtrl = 0xE000'1000,
                  kCyccnt = 0xE000'1004, kLar = 0xE000'1FB0, kLsr = 0xE000'1FB4, kDhcsr = 0xE000'EDF0;

TEST(PrivateBus, RefusesUnprivilegedCode) {  // system.md 5.6
    Private core;
    core.privileged = false;
    for (const Address a : {0xE000'E010U, 0xE000'E100U, 0xE000'ED80U, 0xE000'1004U, 0xE00F'F000U}) {
        EXPECT_FALSE(core.bus.read(core.access(a, Op::read, 4)).has_value()) << std::hex << a;
        EXPECT_FALSE(core.bus.write(core.access(a, Op::write, 4), 0).has_value()) << std::hex << a;
    }
    EXPECT_TRUE(
        core.bus.write(core.access(0xE000'0000, Op::write, 1), 'x').has_value());  // ITM stimulus port
}

TEST(PrivateBus, UsersetmpendOpensStir) {  // system.md 5.1
    Private core;
    core.privileged = false;
    EXPECT_FALSE(core.bus.write(core.access(kStir, Op::write, 4), 39).has_value());
    EXPECT_FALSE(core.bus.nvic().pending(kFirstIrq + 39));
    core.privileged = true;
    core.write(kCcr, 0x202);
    core.privileged = false;
    EXPECT_TRUE(core.bus.write(core.access(kStir, Op::write, 4), 39).has_value());
    EXPECT_TRUE(core.bus.nvic().pending(kFirstIrq + 39));
    EXPECT_FALSE(core.bus.read(core.access(kStir, Op::read, 4)).has_value());
}

TEST(PrivateBus, StirIgnoresNumbersBeyondTheLastInterrupt) {  // system.md 5.1
    Private core;
    core.write(kStir, 150);
    core.write(kStir, 0x1FF);
    EXPECT_FALSE(core.bus.nvic().isrpending());
}

TEST(PrivateBus, UnknownOffsetsReadZero) {  // system.md 1.5
    Private core;
    for (const Address a : {0xE000'0E00U, 0xE000'3000U, 0xE000'E000U, 0xE004'0000U, 0xE00F'F000U}) {
        core.write(a, 0xFFFF'FFFF);
        EXPECT_EQ(core.read(a), 0U) << std::hex << a;
    }
}

TEST(PrivateBus, DoubleWordsAreTwoWords) {  // system.md 1.1
    Private core;
    EXPECT_TRUE(core.bus.write(core.access(0xE000'ED34, Op::write, 8), 0x2222'2222'1111'1111).has_value());
    EXPECT_EQ(core.read(0xE000'ED34), 0x1111'1111U);
    EXPECT_EQ(core.read(0xE000'ED38), 0x2222'2222U);
    EXPECT_EQ(core.bus.read(core.access(0xE000'ED34, Op::read, 8)).value(), 0x2222'2222'1111'1111U);
}

TEST(PrivateBus, EachCoreHasItsOwn) {  // system.md 1.1
    Private cm7(Model::cortex_m7), cm4(Model::cortex_m4);
    cm7.write(0xE000'E100, 1);
    EXPECT_EQ(cm4.read(0xE000'E100), 0U);
}

TEST(PrivateBus, StateSurvivesSaveAndLoad) {
    Private core;
    core.program.cycle = 77;
    core.write(kDwtCtrl, 1);
    core.write(0xE000'E014, 99);
    core.write(0xE000'E010, 7);
    core.write(0xE000'ED9C, 0x2400'0013);
    StateWriter out;
    core.bus.save(out);
    Private other;
    StateReader in(out.data());
    other.bus.load(in);
    EXPECT_TRUE(in.finish().has_value());
    core.program.cycle = other.program.cycle = 100;
    for (const Address a : {kCyccnt, 0xE000'E018U, 0xE000'E010U, 0xE000'ED9CU})
        EXPECT_EQ(core.read(a), other.read(a));
    EXPECT_EQ(other.read(kCyccnt), 23U);
}

TEST(Dwt, CyccntCountsCoreCycles) {  // system.md 5.5 A17
    Private core;
    EXPECT_EQ(core.read(kDwtCtrl), 0x4000'0000U);
    core.program.cycle = 1000;
    EXPECT_EQ(core.read(kCyccnt), 0U);
    core.write(kCyccnt, 5);
    core.write(kDwtCtrl, core.read(kDwtCtrl) | 1);
    core.program.cycle = 1100;
    EXPECT_EQ(core.read(kCyccnt), 105U);
    core.write(kCyccnt, 0);
    core.program.cycle = 1100 + 0x1'0000'0007ULL;
    EXPECT_EQ(core.read(kCyccnt), 7U);  // wraps
    core.write(kDwtCtrl, 0);
    core.program.cycle += 50;
    EXPECT_EQ(core.read(kCyccnt), 7U);
}

TEST(Dwt, StrictModeWantsTrcenaAndTheUnlockOnTheCm7) {  // system.md 5.5
    Private core;
    core.bus.dwt().set_strict(true);
    EXPECT_EQ(core.read(kLsr), 3U);
    core.write(kDwtCtrl, 1);
    EXPECT_EQ(core.read(kDwtCtrl), 0x4000'0000U);
    core.write(kLar, 0xC5AC'CE55);
    EXPECT_EQ(core.read(kLsr), 1U);
    core.write(kDwtCtrl, 1);
    core.program.cycle = 10;
    EXPECT_EQ(core.read(kCyccnt), 0U);
    core.write(kDemcr, 1U << 24);
    core.program.cycle = 25;
    EXPECT_EQ(core.read(kCyccnt), 15U);
    core.write(kDemcr, 0);
    core.program.cycle = 99;
    EXPECT_EQ(core.read(kCyccnt), 15U);
}

TEST(Dwt, TheCm4HasNoLock) {  // system.md 5.5
    Private core(Model::cortex_m4);
    core.bus.dwt().set_strict(true);
    EXPECT_EQ(core.read(kLsr), 0U);
    core.write(kDemcr, 1U << 24);
    core.write(kDwtCtrl, 1);
    core.program.cycle = 25;
    EXPECT_EQ(core.read(kCyccnt), 25U);
}

TEST(CoreDebug, SurvivesEveryResetButPowerOn) {  // system.md 3.1: the debug domain
    Private core;
    core.write(kDemcr, 1U << 24 | 1U << 16);
    core.write(kDwtCtrl, 1);
    core.bus.reset(ResetKind::system, 0);
    EXPECT_EQ(core.read(kDemcr), 1U << 24 | 1U << 16);
    EXPECT_TRUE(core.bus.nvic().enabled(kDebugMonitor));
    core.program.cycle = 10;
    EXPECT_EQ(core.read(kCyccnt), 10U);
    core.bus.reset(ResetKind::power_on, 0);
    EXPECT_EQ(core.read(kDemcr), 0U);
    EXPECT_FALSE(core.bus.nvic().enabled(kDebugMonitor));
}

TEST(CoreDebug, MonitorPendsByDemcr) {  // system.md 5.5
    Private core;
    core.write(kDemcr, 3U << 16);
    EXPECT_EQ(core.bus.nvic().to_take({}), kDebugMonitor);
    EXPECT_EQ(core.read(kDemcr), 3U << 16);
    core.write(kDemcr, 1U << 16);
    EXPECT_EQ(core.bus.nvic().to_take({}), 0U);
}

TEST(CoreDebug, OnlyADebuggerWithTheKeyTurnsHaltingOn) {  // system.md 7.1
    Private core;
    core.write(kDhcsr, 0xA05F'0001);
    EXPECT_EQ(core.read(kDhcsr) & 1U, 0U);
    core.master = Master::ap0;
    core.write(kDhcsr, 0x0000'0001);
    EXPECT_EQ(core.read(kDhcsr) & 1U, 0U);
    core.write(kDhcsr, 0xA05F'0001);
    core.master = Master::cm7;
    EXPECT_EQ(core.read(kDhcsr) & 1U, 1U);  // what firmware asks to see whether a debugger is there
}

TEST(BreakpointUnit, IdentifiesItself) {  // system.md 5.5
    Private cm7(Model::cortex_m7), cm4(Model::cortex_m4);
    EXPECT_EQ(cm7.read(0xE000'2000), 0x80U);
    EXPECT_EQ(cm4.read(0xE000'2000), 0x260U);
}

}  // namespace
}  // namespace h7::cpu::test

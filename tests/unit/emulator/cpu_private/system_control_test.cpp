#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kCpuid = 0xE000'ED00, kIcsr = 0xE000'ED04, kVtor = 0xE000'ED08, kAircr = 0xE000'ED0C,
                  kScr = 0xE000'ED10, kCcr = 0xE000'ED14, kShpr1 = 0xE000'ED18, kShpr3 = 0xE000'ED20,
                  kShcsr = 0xE000'ED24, kCfsr = 0xE000'ED28, kHfsr = 0xE000'ED2C, kMmfar = 0xE000'ED34,
                  kBfar = 0xE000'ED38, kCcsidr = 0xE000'ED80, kCsselr = 0xE000'ED84, kCpacr = 0xE000'ED88,
                  kFpccr = 0xE000'EF34;

struct ScbTest : testing::Test {
    Private cm7{Model::cortex_m7};
    Private cm4{Model::cortex_m4};
    SystemControl& scb = cm7.bus.scb();
};

TEST_F(ScbTest, EachCoreSaysWhoItIs) {  // system.md 5.6, 5.8
    EXPECT_EQ(cm7.read(kCpuid), 0x411F'C271U);
    EXPECT_EQ(cm4.read(kCpuid), 0x410F'C241U);
    EXPECT_EQ(cm7.read(0xE000'EF40), 0x1011'0221U);
    EXPECT_EQ(cm7.read(0xE000'EF44), 0x1200'0011U);
    EXPECT_EQ(cm7.read(0xE000'EF48), 0x0000'0040U);
    EXPECT_EQ(cm4.read(0xE000'EF40), 0x1011'0021U);
    EXPECT_EQ(cm4.read(0xE000'EF44), 0x1100'0011U);
}

TEST_F(ScbTest, VtorTakesTheBootAddressAndBits31To7) {  // system.md 2.3, 5.6
    EXPECT_EQ(cm7.read(kVtor), 0x0800'0000U);
    cm7.bus.reset(ResetKind::system, 0x1FF0'9000);
    EXPECT_EQ(cm7.read(kVtor), 0x1FF0'9000U);
    unsigned heard = 0;
    scb.changed = [&] { ++heard; };
    cm7.write(kVtor, 0x2400'00FF);
    EXPECT_EQ(scb.vtor(), 0x2400'0080U);
    EXPECT_EQ(heard, 1U);
}

TEST_F(ScbTest, AircrNeedsItsKey) {  // system.md 5.6
    unsigned resets = 0;
    scb.sysresetreq = [&] { ++resets; };
    EXPECT_EQ(cm7.read(kAircr), 0xFA05'0000U);
    cm7.write(kAircr, 0xFA05'0304);
    cm7.write(kAircr, 0x0304, 2);
    EXPECT_EQ(cm7.read(kAircr), 0xFA05'0000U);
    EXPECT_EQ(resets, 0U);
    cm7.write(kAircr, 0x05FA'0300);
    EXPECT_EQ(cm7.read(kAircr), 0xFA05'0300U);
    cm7.write(kAircr + 2, 0x05FA, 2);  // the key alone: the other half is not written
    EXPECT_EQ(cm7.read(kAircr), 0xFA05'0300U);
    EXPECT_EQ(resets, 0U);
    cm7.write(kAircr, 0x05FA'0304);  // A6
    EXPECT_EQ(resets, 1U);
    EXPECT_EQ(cm7.read(kAircr), 0xFA05'0300U);
}

TEST_F(ScbTest, IcsrPendsAndShowsWhatRuns) {  // system.md 5.6
    Nvic& nvic = cm7.bus.nvic();
    EXPECT_EQ(cm7.read(kIcsr), 1U << 11);
    cm7.write(kIcsr, 1U << 28);
    EXPECT_EQ(cm7.read(kIcsr), 1U << 28 | kPendSv << 12 | 1U << 11);
    cm7.write(kIcsr, 1U << 27);
    EXPECT_FALSE(nvic.pending(kPendSv));

    nvic.enter(kSysTick);
    cm7.program.ipsr = kSysTick;
    nvic.set_enabled(kFirstIrq + 39, true);
    nvic.set_line(39, true);
    EXPECT_EQ(cm7.read(kIcsr), kSysTick | 1U << 11 | (kFirstIrq + 39) << 12 | 1U << 22);
    nvic.enter(kFirstIrq + 39);
    cm7.program.ipsr = kFirstIrq + 39;
    EXPECT_EQ(cm7.read(kIcsr), kFirstIrq + 39);  // RETTOBASE 0: SysTick is active below
}

TEST_F(ScbTest, VectpendingSeesBasepriButNotPrimask) {  // system.md 5.6
    cm7.write(kShpr3, 0x80U << 24);
    cm7.write(kIcsr, 1U << 26);
    cm7.program.mask.primask = true;
    EXPECT_EQ(extract(cm7.read(kIcsr), 20, 12), kSysTick);
    cm7.program.mask.basepri = 0x80;
    EXPECT_EQ(extract(cm7.read(kIcsr), 20, 12), 0U);
}

TEST_F(ScbTest, SleepBits) {  // system.md 5.6
    cm7.write(kScr, 0xFFFF'FFFF);
    EXPECT_EQ(cm7.read(kScr), 0x16U);
    EXPECT_TRUE(scb.sleepdeep() && scb.sleeponexit() && scb.sevonpend());
}

TEST_F(ScbTest, CcrOfBothCores) {  // system.md 5.6
    EXPECT_EQ(cm7.read(kCcr), 0x0004'0200U);
    EXPECT_EQ(cm4.read(kCcr), 0x0000'0200U);
    cm7.write(kCcr, 0x0003'0000);
    EXPECT_EQ(cm7.read(kCcr), 0x0007'0200U);  // BP and STKALIGN are always 1
    cm4.write(kCcr, 0x0003'0000);
    EXPECT_EQ(cm4.read(kCcr), 0U);
}

TEST_F(ScbTest, SystemHandlerPriorities) {  // system.md 5.6
    cm7.write(kShpr1, 0xFFFF'FFFF);
    EXPECT_EQ(cm7.read(kShpr1), 0x00F0'F0F0U);  // exception 7 does not exist
    cm7.write(kShpr1 + 1, 0x10, 1);
    EXPECT_EQ(cm7.read(kShpr1), 0x00F0'10F0U);
    cm7.write(kShpr3 + 3, 0xF0, 1);
    EXPECT_EQ(cm7.read(kShpr3), 0xF000'0000U);
    EXPECT_EQ(cm7.bus.nvic().priority(kSysTick), 0xF0);
    EXPECT_EQ(cm7.bus.nvic().priority(kUsageFault), 0xF0);
}

TEST_F(ScbTest, ShcsrEnablesPendsAndActivates) {  // system.md 5.6
    Nvic& nvic = cm7.bus.nvic();
    cm7.write(kShcsr, 0x0007'0000);
    EXPECT_TRUE(nvic.enabled(kMemManage) && nvic.enabled(kBusFault) && nvic.enabled(kUsageFault));
    nvic.enter(kSvCall);
    EXPECT_EQ(cm7.read(kShcsr), 0x0007'0080U);
    cm7.write(kShcsr, 0x0007'4000);
    EXPECT_FALSE(nvic.active(kSvCall));
    EXPECT_EQ(nvic.to_take({}), kBusFault);
    cm7.write(kShcsr + 2, 0, 1);  // the other lanes stay
    EXPECT_EQ(cm7.read(kShcsr), 0x0000'4000U);
}

TEST_F(ScbTest, FaultStatusClearsByWritingOnes) {  // system.md 5.6, 1.5
    scb.report_bus_fault(cfsr::kPreciserr, 0x2000'0000);
    scb.report_mem_manage(cfsr::kDaccviol, 0x6000'0000);
    scb.report(cfsr::kUndefinstr);
    scb.report_hard_fault(hfsr::kForced);
    EXPECT_EQ(cm7.read(kCfsr), 0x0001'8282U);
    EXPECT_EQ(cm7.read(kCfsr + 1, 1), 0x82U);
    EXPECT_EQ(cm7.read(kBfar), 0x2000'0000U);
    EXPECT_EQ(cm7.read(kMmfar), 0x6000'0000U);
    cm7.write(kCfsr + 1, 0xFF, 1);
    EXPECT_EQ(cm7.read(kCfsr), 0x0001'0082U);
    cm7.write(kHfsr, hfsr::kForced);
    EXPECT_EQ(cm7.read(kHfsr), 0U);
}

TEST_F(ScbTest, CacheSizesLeadSetWayLoopsToTheirEnd) {  // system.md 5.6
    cm7.write(kCsselr, 0);
    EXPECT_EQ(cm7.read(kCcsidr), 0xF00F'E019U);
    EXPECT_EQ(extract(cm7.read(kCcsidr), 27, 13) + 1, 128U);
    EXPECT_EQ(extract(cm7.read(kCcsidr), 12, 3) + 1, 4U);
    cm7.write(kCsselr, 1);
    EXPECT_EQ(cm7.read(kCcsidr), 0xF01F'E009U);
    EXPECT_EQ(cm7.read(0xE000'ED78), 0x0900'0003U);
    EXPECT_EQ(cm7.read(0xE000'ED7C), 0x8303'C003U);
    cm7.write(0xE000'EF60, 0x123);  // DCISW
    EXPECT_EQ(cm7.read(0xE000'EF60), 0U);
}

TEST_F(ScbTest, TcmControlsAreStrappedOn) {  // system.md 5.6
    EXPECT_EQ(cm7.read(0xE000'EF90), 0x39U);
    EXPECT_EQ(cm7.read(0xE000'EF94), 0x41U);
    EXPECT_EQ(cm7.read(0xE000'EF98), 0x07U);
    EXPECT_EQ(cm7.read(0xE000'EF9C), 0U);
    EXPECT_EQ(cm7.read(0xE000'EFA0), 0x800U);
}

TEST_F(ScbTest, TheCm4HasNoCacheRegisters) {  // system.md 5.6
    for (const Address a : {0xE000'ED78U, 0xE000'ED80U, 0xE000'EF90U, 0xE000'EFA0U})
        EXPECT_EQ(cm4.read(a), 0U);
    cm4.write(kCsselr, 1);
    EXPECT_EQ(cm4.read(kCsselr), 0U);
}

TEST_F(ScbTest, CpacrOpensTheFpu) {  // system.md 2.3, 5.6
    EXPECT_FALSE(scb.fpu_access(true));
    cm7.write(kCpacr, 0x0050'0000);
    EXPECT_TRUE(scb.fpu_access(true));
    EXPECT_FALSE(scb.fpu_access(false));
    cm7.write(kCpacr, 0x00F0'0000);
    EXPECT_TRUE(scb.fpu_access(false));
}

TEST_F(ScbTest, LazyStackingIsOnAfterReset) {  // system.md 5.8
    EXPECT_EQ(cm7.read(kFpccr), 0xC000'0000U);
    scb.set_fpcar(0x2000'1007);
    EXPECT_EQ(cm7.read(0xE000'EF38), 0x2000'1000U);
    scb.set_fpccr(0xFFFF'FFFF);
    EXPECT_EQ(cm7.read(kFpccr), 0xC000'017BU);
}

}  // namespace
}  // namespace h7::cpu::test

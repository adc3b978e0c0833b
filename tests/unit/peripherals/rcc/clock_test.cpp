#include "tests/unit/peripherals/rcc/rcc_bench.hpp"

namespace h7::rcc {
namespace {

using ClockTree = RccTest;

constexpr std::uint32_t kPll1On = 1U << 24, kPll1Rdy = 1U << 25, kHseOn = 1U << 16, kHseRdy = 1U << 17,
                        kHseByp = 1U << 18;

TEST_F(ClockTree, StartsOnTheInternalOscillatorAt64MHz) {  // system.md 4.1, 11.6
    EXPECT_EQ(read(kCr), 0x0000'C025U);
    const Frequencies f = rcc.frequencies();
    EXPECT_EQ(f.sys_ck, 64'000'000U);
    EXPECT_EQ(f.cpu1, 64'000'000U);
    EXPECT_EQ(f.cpu2, 64'000'000U);
    EXPECT_EQ(f.pclk1, 64'000'000U);
    EXPECT_EQ(f.usart234578, 64'000'000U);
}

// The register traffic of ST's SystemClock_Config on a NUCLEO-H745ZI-Q.
TEST_F(ClockTree, SystemClockConfigReaches400And200MHz) {  // A13, system.md 11.2
    set_bits(kCr, kHseByp);
    set_bits(kCr, kHseOn);
    ASSERT_NE(read(kCr) & kHseRdy, 0U);
    clear_bits(kCr, kPll1On);
    ASSERT_EQ(read(kCr) & kPll1Rdy, 0U);
    write(kPllckselr, 0x0202'0000U | 4U << 4 | 2U);  // HSE, DIVM1 = 4
    write(kPll1divr, (400U - 1) | (2U - 1) << 9 | (4U - 1) << 16 | (2U - 1) << 24);
    clear_bits(kPllcfgr, 1U);
    write(kPll1fracr, 0);
    set_bits(kPllcfgr, 1U << 16 | 1U << 17 | 1U << 18 | 1U << 2);
    set_bits(kPllcfgr, 1U);
    set_bits(kCr, kPll1On);
    ASSERT_NE(read(kCr) & kPll1Rdy, 0U);
    write(kD2cfgr, 4U << 4 | 4U << 8);  // APB1, APB2 / 2
    write(kD3cfgr, 4U << 4);
    write(kD1cfgr, 4U << 4 | 8U);  // APB3 / 2, HPRE / 2
    int changes = 0;
    rcc.clocks_changed = [&] { ++changes; };
    write(kCfgr, 3);
    EXPECT_EQ(read(kCfgr) >> 3 & 7U, 3U);
    EXPECT_EQ(changes, 1);
    const Frequencies f = rcc.frequencies();
    EXPECT_EQ(f.cpu1, 400'000'000U);
    EXPECT_EQ(f.hclk, 200'000'000U);
    EXPECT_EQ(f.cpu2, 200'000'000U);
    EXPECT_EQ(f.pclk1, 100'000'000U);
    EXPECT_EQ(f.pclk3, 100'000'000U);
    EXPECT_EQ(f.pclk4, 100'000'000U);
}

TEST_F(ClockTree, FractionIsTakenOverWhenItIsEnabled) {  // system.md 4.2
    write(kPllckselr, 0x0202'0000U | 32U << 4);          // HSI / 32 = 2 MHz
    write(kPll1divr, 99U | 1U << 9 | 1U << 16 | 1U << 24);
    write(kPll1fracr, 4096U << 3);
    set_bits(kPllcfgr, 1U);
    write(kPll1fracr, 0);  // not yet in use
    set_bits(kCr, kPll1On);
    write(kCfgr, 3);
    EXPECT_EQ(rcc.frequencies().sys_ck, 100'500'000U);  // 2 MHz * 100.5 / 2
    clear_bits(kPllcfgr, 1U);
    EXPECT_EQ(rcc.frequencies().sys_ck, 100'000'000U);
}

TEST_F(ClockTree, SwitchWaitsUntilTheWantedClockRuns) {  // system.md 4.2
    write(kCfgr, 1);                                     // CSI is off
    EXPECT_EQ(read(kCfgr), 1U);
    EXPECT_EQ(rcc.frequencies().sys_ck, 64'000'000U);
    set_bits(kCr, 1U << 7);
    EXPECT_EQ(read(kCfgr), 1U | 1U << 3);
    EXPECT_EQ(rcc.frequencies().sys_ck, 4'000'000U);
}

TEST_F(ClockTree, ClockInUseCannotBeStopped) {  // system.md 4.2
    clear_bits(kCr, 1U);                        // HSI is sys_ck
    EXPECT_NE(read(kCr) & 1U, 0U);
    set_bits(kCr, kHseOn);
    write(kPllckselr, 0x0202'0000U | 4U << 4 | 2U);
    set_bits(kCr, kPll1On);
    clear_bits(kCr, kHseOn);  // reference of PLL1
    EXPECT_NE(read(kCr) & kHseOn, 0U);
    write(kCfgr, 3);
    clear_bits(kCr, kPll1On);  // sys_ck
    EXPECT_NE(read(kCr) & kPll1On, 0U);
    clear_bits(kCr, 1U);  // now nobody needs HSI
    EXPECT_EQ(read(kCr) & 5U, 0U);
}

TEST_F(ClockTree, RunningPllKeepsItsConfiguration) {  // system.md 4.2
    write(kPllckselr, 32U << 4);
    set_bits(kCr, kPll1On);
    const std::uint32_t divr = read(kPll1divr), sources = read(kPllckselr);
    write(kPll1divr, 0);
    EXPECT_EQ(read(kPll1divr), divr);
    write(kPllckselr, 0x0020'1011U);
    EXPECT_EQ(read(kPllckselr), 0x0020'1000U | (sources & 0x3F3U));  // DIVM2 and DIVM3 of stopped PLLs follow
    clear_bits(kPllcfgr, 0x01FF'0000U);
    EXPECT_EQ(read(kPllcfgr) >> 16, 7U);
    const std::uint32_t cr = read(kCr);
    write(kCr, cr | 3U << 3);  // HSIDIV while HSI feeds the PLL
    EXPECT_EQ(read(kCr), cr);
}

TEST_F(ClockTree, HseBypassIsChosenWhileHseIsOff) {  // system.md 4.2
    set_bits(kCr, kHseOn);
    set_bits(kCr, kHseByp);
    EXPECT_EQ(read(kCr) & kHseByp, 0U);
    clear_bits(kCr, kHseOn);
    set_bits(kCr, kHseByp);
    EXPECT_NE(read(kCr) & kHseByp, 0U);
}

TEST_F(ClockTree, Pll1DividesByEvenNumbers) {  // system.md 4.2
    const std::uint32_t before = read(kPll1divr);
    write(kPll1divr, (before & ~(0x7FU << 9)) | 2U << 9);  // division by 3
    EXPECT_EQ(read(kPll1divr), before);
    write(kPll1divr, (before & ~(0x7FU << 9)) | 3U << 9);  // by 4
    EXPECT_EQ(read(kPll1divr) >> 9 & 0x7FU, 3U);
}

TEST_F(ClockTree, MissingCrystalNeverGetsReady) {  // system.md 4.2
    Rcc bare{{.dbp = [] { return true; }, .debug_keeps_clock = {}},
             {.hse_hz = 8'000'000, .hse_present = false, .lse_present = false}};
    const auto at = [&](Address offset) { return Access{bare.base() + offset, 4, Op::write}; };
    ASSERT_TRUE(bare.write(at(kCr), 0x1'0001));
    ASSERT_TRUE(bare.write(at(kBdcr), 1));
    EXPECT_EQ(*bare.read(at(kCr)) & kHseRdy, 0U);
    EXPECT_EQ(*bare.read(at(kBdcr)), 1U);
}

TEST_F(ClockTree, UsartKernelClockFollowsItsMultiplexer) {  // system.md 4.2
    write(kD2cfgr, 4U << 4 | 5U << 8);
    EXPECT_EQ(rcc.frequencies().usart234578, 32'000'000U);
    EXPECT_EQ(rcc.frequencies().usart16, 16'000'000U);
    write(kD2ccip2r, 3U | 4U << 3);  // HSI, CSI
    EXPECT_EQ(rcc.frequencies().usart234578, 64'000'000U);
    EXPECT_EQ(rcc.frequencies().usart16, 0U);  // CSI is off
    set_bits(kCr, 1U << 7);
    EXPECT_EQ(rcc.frequencies().usart16, 4'000'000U);
}

TEST_F(ClockTree, AbsurdSettingsLeaveARunningClock) {
    write(kPllckselr, 63U << 4);
    write(kPll1divr, 0x7F7F'0000U | 127U << 9);
    set_bits(kCr, kPll1On);
    write(kCfgr, 3);
    write(kD1cfgr, 0xF7FU);
    write(kD2cfgr, 0x770U);
    EXPECT_GE(rcc.frequencies().pclk1, 1U);
    EXPECT_GE(rcc.frequencies().pclk3, 1U);
}

TEST_F(ClockTree, ReadyInterruptComesOnlyWhenEnabled) {  // system.md 4.1
    set_bits(kCr, 1U << 7);
    EXPECT_EQ(read(kCifr), 0U);
    clear_bits(kCr, 1U << 7);
    write(kCier, 1U << 4);
    set_bits(kCr, 1U << 7);
    EXPECT_EQ(read(kCifr), 1U << 4);
    EXPECT_TRUE(rcc.irq.level());
    write(kCicr, 1U << 4);
    EXPECT_EQ(read(kCifr), 0U);
    EXPECT_FALSE(rcc.irq.level());
}

TEST_F(ClockTree, StopLeavesHsiOrCsi) {  // system.md 4.2
    set_bits(kCr, kHseOn | 1U << 12);
    write(kCfgr, 2U | 1U << 6);
    rcc.system_stopped();
    EXPECT_EQ(read(kCfgr), 1U | 1U << 3 | 1U << 6);
    EXPECT_EQ(read(kCr) & (kHseOn | kHseRdy | 3U << 12), 0U);
}

TEST_F(ClockTree, WatchdogKeepsLsiOn) {  // system.md 4.2
    rcc.force_lsi();
    EXPECT_EQ(read(kCsr), 2U);
    write(kCsr, 1);
    write(kCsr, 0);
    EXPECT_EQ(read(kCsr), 2U);
    rcc.reset(ResetKind::system);
    EXPECT_EQ(read(kCsr), 0U);
}

TEST_F(ClockTree, DomainClockFollowsCoresAndAllocations) {  // A5, system.md 4.3
    EXPECT_EQ(read(kCr) & (kD1Ckrdy | kD2Ckrdy), kD1Ckrdy | kD2Ckrdy);
    rcc.set_core_state(2, false);
    EXPECT_EQ(read(kCr) & kD2Ckrdy, 0U);
    write(kApb1lenr, 1U << 18);  // the CM7 allocates USART3: D2 wakes without its core
    EXPECT_NE(read(kCr) & kD2Ckrdy, 0U);
    write(kApb1lenr, 0);
    write(kAhb4enr, 1U << 25);  // HSEM is in D3
    EXPECT_EQ(read(kCr) & kD2Ckrdy, 0U);
    rcc.set_core_state(2, true);
    EXPECT_NE(read(kCr) & kD2Ckrdy, 0U);
    rcc.set_core_state(1, false);
    EXPECT_EQ(read(kCr) & kD1Ckrdy, 0U);
    write(0x0D4, 1U << 31, Master::cm4);  // AXISRAMEN
    EXPECT_NE(read(kCr) & kD1Ckrdy, 0U);
}

TEST_F(ClockTree, PollingTheControlRegisterIsNoticed) {  // D-28
    int looks = 0;
    rcc.looked_at = [&](const Access& access) { looks += access.master == Master::cm7 ? 1 : 0; };
    (void)read(kCr);
    (void)read(kCfgr);
    EXPECT_EQ(looks, 1);
}

TEST_F(ClockTree, DebuggerCanKeepTheDomainClock) {  // system.md 2.4, the trap
    debug_stop_d2 = true;
    rcc.set_core_state(2, false);
    EXPECT_NE(read(kCr) & kD2Ckrdy, 0U);
    debug_stop_d2 = false;
    rcc.debug_clocks_changed();
    EXPECT_EQ(read(kCr) & kD2Ckrdy, 0U);
}

}  // namespace
}  // namespace h7::rcc

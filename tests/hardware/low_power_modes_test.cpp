// Stop, DStandby and Standby of the whole chip: who goes there when, what is lost, what wakes it, clocks
// afterwards. system.md 1.6, 4.2 to 4.4, 6.4, 7.1, 11.7; decisions 0190, 0191. Resets by them:
// reset_tree_test.
#include <gmock/gmock.h>

#include "tests/support/idle_chip.hpp"

namespace h7::test {
namespace {

constexpr Master kCm7 = Master::cm7, kCm4 = Master::cm4, kD3 = Master::ap1;
constexpr std::uint32_t kStopf = 1U << 5;

class LowPowerModes : public IdleChip {
protected:
    /// Nothing is enabled for the other core.
    void alone() {
        for (const Address bank : {0x60U, 0xC0U})
            for (const Address enr : {0xD4U, 0xD8U, 0xDCU, 0xE8U, 0xECU, 0xF0U})
                put(kRcc + bank + enr, 0, kD3);
    }
    void choose(std::uint32_t pdds) { put(kPwr + 0x10, pdds, kD3), put(kPwr + 0x14, pdds, kD3); }
    /// EXTI line 0 for these cores, by software.
    void unmask_line0(std::initializer_list<Master> cores) {
        for (const Master core : cores) put(kExti + (core == kCm7 ? 0x80U : 0xC0U), 1, kD3);
    }
    void trigger_line0() { put(kExti + 8, 1, kD3); }
    void enable_irq(Master core, unsigned irq) {
        put_private(core, 0xE000'E100 + irq / 32 * 4, 1U << irq % 32);
    }
    void pass(Time time = kMillisecond) { (void)chip->run(time); }
    void into_stop() { alone(), into_cstop(kCm7), into_cstop(kCm4); }
};

TEST_F(LowPowerModes, StopPutsTheClocksBackAndSaysSo) {  // system.md 4.2, 4.3, 4.4
    for (const bool to_csi : {false, true}) {
        begin();
        or_in(kRcc, 1U << 16 | 1U << 12);           // HSE, HSI48
        put(kRcc + 0x28, 4U << 4 | 2);              // HSE / 4
        put(kRcc + 0x30, 0x0101'0200 | (200 - 1));  // VCO 400 MHz, P = 2
        or_in(kRcc, 1U << 24);
        put(kRcc + 0x10, 3 | (to_csi ? 1U << 6 : 0));
        put(kPwr + 0x18, 3U << 14);
        EXPECT_EQ(get(kRcc + 0x10) >> 3 & 7, 3U);
        unmask_line0({kCm7, kCm4});
        enable_irq(kCm7, 6);
        into_stop();
        pass();
        EXPECT_TRUE(traced("the system is in Stop"));
        trigger_line0();
        pass(kMicrosecond);
        EXPECT_EQ(state(kCm7), cpu::RunState::running);
        EXPECT_EQ(state(kCm4), cpu::RunState::deep_sleep) << "its NVIC does not want line 0";
        EXPECT_EQ(get(kRcc + 0x10) & 0x3F, to_csi ? 9U : 0U) << "SW and SWS";
        EXPECT_EQ(get(kRcc) & (1U << 24 | 1U << 16 | 1U << 12), 0U) << "PLL1, HSE, HSI48";
        EXPECT_EQ(get(kPwr + 0x18) >> 14, 1U) << "scale 3";
        EXPECT_EQ(get(kPwr + 0x10) & kStopf, kStopf);
        EXPECT_EQ(get(kPwr + 0x14) & kStopf, kStopf);
        EXPECT_EQ(get(kRcc + 0x130, kD3) & 0xFF00'0000, 0U) << "no reset";
    }
}

TEST_F(LowPowerModes, WhatKeepsTheSystemOutOfStop) {  // system.md 4.3
    begin();
    into_stop();
    pass();
    EXPECT_TRUE(traced("the system is in Stop"));
    begin();
    put(kPwr + 0x10, 1U << 11, kD3);  // RUN_D3
    into_stop();
    pass();
    EXPECT_FALSE(traced("the system is in Stop"));
    put(kPwr + 0x10, 0, kD3);
    pass();
    EXPECT_TRUE(traced("the system is in Stop")) << "as soon as it goes";
    begin();
    put(0x5C00'1004, 1U << 1);  // DBGSTOP_D1
    into_stop();
    pass();
    EXPECT_FALSE(traced("the system is in Stop"));
    begin(a_chip().with_option("BCM4", 0));
    alone(), into_cstop(kCm7);
    pass();
    EXPECT_FALSE(traced("the system is in Stop")) << "a held core is not in CStop";
}

TEST_F(LowPowerModes, AHeldCoreStandsUntilItIsLetGo) {  // system.md 4.4, 5.2b e
    begin();
    unmask_line0({kCm7, kCm4});
    enable_irq(kCm7, 148), enable_irq(kCm4, 6);
    put(kPwr + 0x10, 1U << 10);  // HOLD2
    into_stop();
    pass();
    trigger_line0();
    pass();
    EXPECT_EQ(state(kCm7), cpu::RunState::running) << "called in its place, by interrupt 148";
    EXPECT_NE(get(kPwr + 0x10) & 1U << 4, 0U) << "HOLD2F";
    const std::uint64_t before = (*chip)->cm4().instructions();
    pass();
    EXPECT_EQ((*chip)->cm4().instructions(), before);
    put(kPwr + 0x10, 1U << 9 | 1U << 10);  // CSSF
    EXPECT_EQ(get(kPwr + 0x10) & 0x30, 0x10U) << "it is still called";
    put(kPwr + 0x10, 0);
    pass();
    EXPECT_GT((*chip)->cm4().instructions(), before);
}

TEST_F(LowPowerModes, ADomainWithoutPowerAnswersNobody) {  // system.md 1.6, decision 0191
    begin();
    put(0x2400'1000, 0x1234), put(0x2000'1000, 0x1234), put(0x3000'9000, 0x1234);
    alone(), choose(1);
    into_cstop(kCm7);
    pass();
    ASSERT_TRUE(traced("D1 is in DStandby"));
    const auto answers = [&](Master who, Address at) {
        return (*chip)->read({at, 4, Op::read, who, Context::application, true}).has_value();
    };
    for (const Address at : {0x2400'1000U, 0x0800'0000U, 0x5200'2000U, 0x5000'3000U})
        EXPECT_FALSE(answers(kCm4, at)) << std::hex << at;
    for (const Address at : {0x3000'9000U, 0x3800'9000U, 0x4000'0000U, 0x5802'4400U, 0x5C00'1000U})
        EXPECT_TRUE(answers(kCm4, at)) << std::hex << at;
    EXPECT_FALSE(answers(Master::mdma, 0x2000'1000));
    EXPECT_FALSE((*chip)->debug_port().state(Master::ap0, 0x2400'0000).open);
    EXPECT_TRUE((*chip)->debug_port().state(Master::ap3, 0x3000'0000).open);
    EXPECT_TRUE((*chip)->debug_port().state(Master::ap1, 0x3800'0000).open);
    put(kRcc + 0xC0 + 0xD4, 1, kD3);  // the CM4 takes the MDMA into use
    pass(kMicrosecond);
    EXPECT_TRUE(traced("D1 leaves DStandby"));
    EXPECT_NE(get(0x2400'1000), 0x1234U) << "without power";
    EXPECT_NE(get(0x2000'1000), 0x1234U);
    EXPECT_EQ(get(0x3000'9000), 0x1234U);
    EXPECT_EQ(get(kPwr + 0x10) & 0x180, 0x80U) << "SBF_D1";
    EXPECT_EQ(get(kPwr + 0x14) & 0x180, 0x80U);
    EXPECT_TRUE(chip->run_until_text("hello from the Cortex-M7\n"));
}

TEST_F(LowPowerModes, TheDebuggerKeepsADomainSupplied) {  // system.md 7.1
    begin();
    put(0x2400'1000, 0x1234);
    put(0x5C00'1004, 1U << 2);  // DBGSTBY_D1
    alone(), choose(1), into_cstop(kCm7);
    pass();
    EXPECT_TRUE(traced("D1 is in DStandby"));
    EXPECT_TRUE((*chip)->debug_port().read(Master::ap0, 0x2400'1000, 4));
}

TEST_F(LowPowerModes, AWakeUpFlagForbidsStandby) {  // system.md 4.3
    begin();
    put(kPwr + 0x28, 2);
    (*chip)->port('A')->drive(2, true);
    EXPECT_EQ(get(kPwr + 0x24), 2U) << "WKUPF2";
    EXPECT_EQ(private_register(kCm7, 0xE000'E210) >> 21 & 1, 1U) << "interrupt 149";
    alone(), choose(1), into_cstop(kCm7);
    pass();
    EXPECT_FALSE(traced("D1 is in DStandby"));
    put(kPwr + 0x20, 2, kD3);
    EXPECT_EQ(get(kPwr + 0x24, kD3), 0U);
    pass();
    EXPECT_TRUE(traced("D1 is in DStandby"));
}

TEST_F(LowPowerModes, EveryWakeUpPinEndsStandby) {  // system.md 4.4, 11.7
    constexpr std::pair<char, unsigned> kPins[] = {{'A', 0},  {'A', 2},  {'I', 8},
                                                   {'C', 13}, {'I', 11}, {'C', 1}};
    for (unsigned n = 0; n < 6; ++n)
        for (const bool falling : {false, true}) {
            begin();
            (*chip)->port(kPins[n].first)->drive(kPins[n].second, falling);
            put(kPwr + 0x28, 1U << n | (falling ? 1U << (8 + n) : 0));
            alone(), choose(7), into_cstop(kCm7), into_cstop(kCm4);
            pass();
            ASSERT_TRUE(traced("the system is in Standby")) << n;
            (*chip)->port(kPins[n].first)->drive(kPins[n].second, !falling);
            pass(kMicrosecond);
            EXPECT_TRUE(traced("exit from Standby")) << n;
            EXPECT_EQ(get(kPwr + 0x24), 1U << n) << "kept";
            EXPECT_EQ(get(kPwr + 0x10) & 0x40, 0x40U) << "SBF";
            EXPECT_EQ(get(kPwr + 0x14) & 0x40, 0x40U);
        }
}

TEST_F(LowPowerModes, TheRtcEndsStandbyAndKeepsItsRegisters) {  // system.md 6.6, 11.7, 3.3
    begin();
    or_in(kRcc + 0x74, 1);
    or_in(kPwr, 1U << 8);
    put(kRcc + 0x70, 2U << 8 | 1U << 15);  // RTC on LSI
    constexpr Address kRtc = 0x5800'4000;
    put(kRtc + 0x24, 0xCA), put(kRtc + 0x24, 0x53);
    put(kRtc + 0x50, 0x600D'F00D);
    put(kRtc + 0x14, 100);               // 101 steps of RTC / 16: 50 ms
    put(kRtc + 8, 1U << 10 | 1U << 14);  // WUTE, WUTIE
    alone(), choose(7), into_cstop(kCm7), into_cstop(kCm4);
    pass();
    ASSERT_TRUE(traced("the system is in Standby"));
    pass(20 * kMillisecond);
    EXPECT_FALSE(traced("exit from Standby"));
    pass(60 * kMillisecond);
    EXPECT_TRUE(traced("exit from Standby"));
    EXPECT_EQ(get(kRtc + 0x50), 0x600D'F00DU);
    EXPECT_NE(get(kRtc + 0xC) & 1U << 10, 0U) << "WUTF";
}

TEST_F(LowPowerModes, ATamperOrTimeStampEndsStandby) {  // system.md 6.6, 11.7
    constexpr Address kRtc = 0x5800'4000;
    for (const bool stamp : {false, true}) {
        SCOPED_TRACE(stamp);
        begin();
        or_in(kRcc + 0xE0, 1U << 28), or_in(kPwr, 1U << 8);
        put(kPwr + 8, 1);                      // BREN: the backup SRAM is still there afterwards
        or_in(kRcc + 0x74, 1);                 // LSI
        put(kRcc + 0x70, 2U << 8 | 1U << 15);  // RTC on LSI
        (*chip)->port('C')->drive(13, false);
        put(kRtc + 0x24, 0xCA), put(kRtc + 0x24, 0x53);
        put(kRtc + 0x50, 0x600D'F00D), put(0x3880'0000, 0x600D'F00D);
        if (stamp)
            put(kRtc + 8, 1U << 11 | 1U << 15);  // TSE, TSIE, rising
        else
            put(kRtc + 0x40, 1U | 1U << 2);  // TAMP1E, rising, TAMPIE
        alone(), choose(7), into_cstop(kCm7), into_cstop(kCm4);
        pass();
        ASSERT_TRUE(traced("the system is in Standby"));
        pass(20 * kMillisecond);
        EXPECT_FALSE(traced("exit from Standby"));
        (*chip)->port('C')->drive(13, true);
        pass();
        EXPECT_TRUE(traced("exit from Standby"));
        EXPECT_NE(get(kRtc + 0xC) & (stamp ? 1U << 11 : 1U << 13), 0U) << "TSF, TAMP1F";
        EXPECT_EQ(get(kPwr + 0x10) & 0x40, 0x40U) << "SBF";
        or_in(kRcc + 0xE0, 1U << 28);
        EXPECT_EQ(get(kRtc + 0x50), stamp ? 0x600D'F00DU : 0U) << "a tamper erases";
        EXPECT_EQ(get(0x3880'0000), stamp ? 0x600D'F00DU : 0U);
    }
}

TEST_F(LowPowerModes, TheWatchdogCountsInStandbyUnlessFrozen) {  // system.md 6.4; F-155
    for (const std::uint32_t counts : {0U, 1U}) {
        begin(a_chip().with_option("FZ_IWDG_SDBY", counts));
        put(0x5800'4800, 0xCCCC);
        alone(), choose(7), into_cstop(kCm7), into_cstop(kCm4);
        pass(kSecond);
        EXPECT_TRUE(traced("the system is in Standby"));
        EXPECT_EQ(traced("IWDG1 reset"), counts != 0);
    }
}

TEST_F(LowPowerModes, BootPinAndOptionsAreReadAgainAfterStandby) {  // system.md 2.1, 11.7
    begin(a_chip().with_option("BCM4", 0).with_option("BOOT_CM7_ADD1", 0x3800));
    put(kRcc + 0xA0, 8);  // BOOT_C2: the CM4 runs
    pass(10 * kMillisecond);
    put(kPwr + 0x28, 1);
    alone(), choose(7), into_cstop(kCm7), into_cstop(kCm4);
    pass();
    (*chip)->set_boot0(true);
    (*chip)->port('A')->drive(0, true);
    pass(kMicrosecond);
    EXPECT_EQ((*chip)->boot_choice().cm7, 0x3800'0000U);
    EXPECT_EQ(get(kRcc + 0xA0), 0U);
    EXPECT_EQ(state(kCm4), cpu::RunState::held);
}

TEST_F(LowPowerModes, ASecuredCm7StartsInTheRssWhenD1Returns) {  // decisions 0140, 0191
    begin(a_chip().with_option("SECURITY", 1));
    alone(), choose(1), into_cstop(kCm7);
    pass();
    ASSERT_TRUE(traced("D1 is in DStandby"));
    unmask_line0({kCm7});
    trigger_line0();
    pass(kMicrosecond);
    EXPECT_TRUE(traced("SECURITY in force"));
    EXPECT_TRUE(traced("RSS hands over")) << "as after every reset of the system";
    EXPECT_EQ(take_flags(1), 0x00FE'0000U);
}

TEST_F(LowPowerModes, APartWithOneCoreAsksOnlyThatOne) {  // decision 0170
    begin(a_chip().part("H743"));
    put(kPwr + 0x10, 7, kD3);
    put(kPwr + 0x28, 1);
    alone(), into_cstop(kCm7);
    pass();
    ASSERT_TRUE(traced("the system is in Standby"));
    (*chip)->port('A')->drive(0, true);
    pass(kMicrosecond);
    EXPECT_TRUE(traced("exit from Standby"));
    EXPECT_EQ(state(kCm7), cpu::RunState::running);
}

TEST_F(LowPowerModes, ASnapshotKnowsThem) {  // 0111
    begin();
    put(kPwr + 0x28, 1);
    alone(), choose(7), into_cstop(kCm7);
    pass();
    const auto in_dstandby = (*chip)->snapshot();
    into_cstop(kCm4);
    pass();
    ASSERT_TRUE(traced("the system is in Standby"));
    (*chip)->restore(*in_dstandby);
    EXPECT_FALSE((*chip)->debug_port().state(Master::ap0, 0x2400'0000).open);
    EXPECT_TRUE((*chip)->debug_port().state(Master::ap3, 0x3000'0000).open);
    into_cstop(kCm4);
    pass();
    (*chip)->port('A')->drive(0, true);
    pass(kMicrosecond);
    EXPECT_TRUE(traced("exit from Standby"));
}

}  // namespace
}  // namespace h7::test

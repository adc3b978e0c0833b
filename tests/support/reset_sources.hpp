// Every source of a reset, caused on an idle chip by its name in system.md 3.1.
#pragma once

#include "tests/support/idle_chip.hpp"

namespace h7::test {

inline constexpr Master kCm7 = Master::cm7, kCm4 = Master::cm4;

class ResetSources : public IdleChip {
protected:
    static constexpr Address kGpiob = 0x5802'0400;

    /// What `name` needs of the option bytes.
    static ChipBuilder builder_for(std::string_view name, ChipBuilder builder) {
        const auto is = [&](std::string_view text) { return name.find(text) != std::string_view::npos; };
        if (is("NRST_"))
            builder.with_option(is("STOP_D1")   ? "NRST_STOP_D1"
                                : is("STOP_D2") ? "NRST_STOP_D2"
                                : is("STBY_D1") ? "NRST_STBY_D1"
                                                : "NRST_STBY_D2",
                                0);
        return builder;
    }
    /// The source strikes; chip and cores have gone through it afterwards.
    void cause(std::string_view name) {
        const auto is = [&](std::string_view text) { return name.find(text) != std::string_view::npos; };
        if (name == "power-on") (*chip)->power_off(), (*chip)->power_on();
        if (name == "brown-out") (*chip)->brown_out();
        if (name == "NRST") (*chip)->press_reset();
        if (is("SYSRESETREQ")) software_reset(is("CM7") ? kCm7 : kCm4), pass();
        if (is("IWDG")) watchdog(is("IWDG1") ? 0x5800'4800 : 0x5800'4C00), pass();
        if (is("WWDG")) {
            if (is("RSC")) put(kRcc + 0xA0, 3);
            put(is("WWDG1") ? 0x5000'3000 : 0x4000'2C00, 0xC1), pass();
        }
        if (is("BDRST")) put(kRcc + 0x70, 1U << 16), put(kRcc + 0x70, 0);
        if (is("Stand") || is("CStop")) {
            const std::uint32_t off = is("exit from Standby") || is("NRST in") ? 7
                                      : is("DStandby") && is("D1")             ? 1
                                      : is("DStandby")                         ? 2
                                                                               : 0;
            if (is("BREN")) put(kPwr + 8, 1);
            if (off == 7) put(kPwr + 0x28, 1);  // WKUP1, rising
            drop_allocations();
            put(kPwr + 0x10, off, Master::ap1), put(kPwr + 0x14, off, Master::ap1);
            if (off == 7 || is("D1") || is("CM7")) into_cstop(kCm7);
            if (off == 7 || is("D2") || is("CM4")) into_cstop(kCm4);
            if (is("exit from Standby")) {
                EXPECT_TRUE(traced("the system is in Standby"));
                pass(kMicrosecond), (*chip)->port('A')->drive(0, true), pass();
            }
            if (is("NRST in")) {
                EXPECT_TRUE(traced("in Standby"));
                (*chip)->press_reset();
            }
            if (is("leaves")) {
                EXPECT_TRUE(traced(is("D1") ? "D1 is in DStandby" : "D2 is in DStandby"));
                EXPECT_EQ(state(is("D1") ? kCm7 : kCm4), cpu::RunState::held);
                line9(is("D1") ? kCm7 : kCm4);
            }
        }
    }

    void clocks() {
        or_in(kRcc + 0xD4, 1), or_in(kRcc + 0xE8, 1), or_in(kRcc + 0xE0, 1U << 28 | 3U);
        or_in(kRcc + 0xE4, 1U << 6), or_in(kRcc + 0xE8, 1U << 11, kCm4);
    }
    /// Nobody enables anything for the other core: a domain may sleep.
    void drop_allocations() {
        for (const Address bank : {0x60U, 0xC0U})
            for (const Address enr : {0xD4U, 0xD8U, 0xDCU, 0xE8U, 0xECU, 0xF0U})
                put(kRcc + bank + enr, 0, Master::ap1);
    }
    void watchdog(Address base) { put(base, 0xCCCC), put(base, 0x5555), put(base + 8, 3), put(base, 0xAAAA); }
    void software_reset(Master core) { put_private(core, 0xE000'ED0C, 0x05FA'0004); }
    void pass(Time time = 20 * kMillisecond) { (void)chip->run(time); }
    /// A pulse on PB9, which EXTI line 9 hears for `core`.
    void line9(Master core) {
        or_in(kRcc + 0xC0 + 0xF4, 2, Master::ap1);  // SYSCFG
        put(0x5800'0410, 1U << 4, Master::ap1);
        put(kExti, 1U << 9, Master::ap1);
        put(kExti + (core == kCm7 ? 0x80U : 0xC0U), 1U << 9 | 0xFFC0'0000, Master::ap1);
        put(kGpiob, 0xFFFF'FFFF & ~(3U << 18), Master::ap1);  // input
        (*chip)->port('B')->drive(9, true);
        pass(kMicrosecond * 100);
    }
};

}  // namespace h7::test

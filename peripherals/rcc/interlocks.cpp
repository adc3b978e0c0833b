// Writes the hardware refuses: a clock that is in use cannot be stopped or reconfigured (system.md 4.2).
#include "peripherals/rcc/rcc.hpp"

namespace h7::rcc {

/// The bits `held` of the register at `offset` take back their value from before the write.
void Rcc::keep(Address offset, std::uint32_t old, std::uint32_t held) {
    std::uint32_t& word = regs_.stored(regs_.slot_at(offset));
    word = (word & ~held) | (old & held);
}

BusResult<void> Rcc::control_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Rcc>;
    const std::uint32_t old = write.old;
    const std::uint32_t system = regs_.get<"CFGR.SWS">();
    const std::uint32_t source = regs_.get<"PLLCKSELR.PLLSRC">();
    const bool pll1_on = Regs::field<"CR.PLL1ON">(old) != 0;
    const bool a_pll_on = pll1_on || Regs::field<"CR.PLL2ON">(old) != 0 || Regs::field<"CR.PLL3ON">(old) != 0;
    const auto in_use = [&](std::uint32_t oscillator) {
        return system == oscillator || (source == oscillator && pll1_on);
    };

    std::uint32_t held = 0;
    if (in_use(0)) held |= old & Regs::mask<"CR.HSION">();
    if (in_use(1)) held |= old & Regs::mask<"CR.CSION">();
    if (in_use(2)) held |= old & Regs::mask<"CR.HSEON">();
    if (system == 3) held |= old & Regs::mask<"CR.PLL1ON">();
    if (source == 0 && a_pll_on) held |= Regs::mask<"CR.HSIDIV">();
    if (Regs::field<"CR.HSEON">(old) != 0) held |= Regs::mask<"CR.HSEBYP">();
    keep(0x000, old, held);
    update();
    return {};
}

BusResult<void> Rcc::pll_sources_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Rcc>;
    std::uint32_t held = 0;
    if (any_pll_on()) held |= Regs::mask<"PLLCKSELR.PLLSRC">();
    if (pll_on(1)) held |= Regs::mask<"PLLCKSELR.DIVM1">();
    if (pll_on(2)) held |= Regs::mask<"PLLCKSELR.DIVM2">();
    if (pll_on(3)) held |= Regs::mask<"PLLCKSELR.DIVM3">();
    keep(0x028, write.old, held);
    update();
    return {};
}

BusResult<void> Rcc::pll_configuration_written(const RegisterWrite& write) {
    std::uint32_t held = 0;
    for (unsigned n = 1; n <= 3; ++n)
        if (pll_on(n)) held |= mask(18 + 3 * (n - 1), 16 + 3 * (n - 1));
    keep(0x02C, write.old, held);
    const std::uint32_t risen = regs_.get<"PLLCFGR">() & ~write.old;
    if (test_bit(risen, 0)) fraction_[0] = regs_.get<"PLL1FRACR.FRACN1">();
    if (test_bit(risen, 4)) fraction_[1] = regs_.get<"PLL2FRACR.FRACN2">();
    if (test_bit(risen, 8)) fraction_[2] = regs_.get<"PLL3FRACR.FRACN3">();
    update();
    return {};
}

bool Rcc::pll_off(const RegisterWrite& write) const {
    const unsigned n = (offset_of(write.access) - 0x30) / 8 + 1;
    return !pll_on(n) && !pll_ready(n);
}

BusResult<void> Rcc::pll_dividers_written(const RegisterWrite& write) {
    // PLL1_P divides by 1 or by an even number; another value leaves the field as it was (decision 0040).
    const std::uint32_t p = regs_.get<"PLL1DIVR.DIVP1">();
    if ((offset_of(write.access) & ~3U) == 0x030 && p != 0 && p % 2 == 0)
        keep(0x030, write.old, RegisterFile<Rcc>::mask<"PLL1DIVR.DIVP1">());
    return {};
}

BusResult<void> Rcc::backup_domain_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Rcc>;
    if (regs_.get<"BDCR.BDRST">() != 0) {  // while it is 1 the domain stays at its reset values
        regs_.set<"BDCR">(Regs::mask<"BDCR.BDRST">());
        if (Regs::field<"BDCR.BDRST">(write.old) == 0 && backup_domain_reset) backup_domain_reset();
    } else if (Regs::field<"BDCR.RTCSEL">(write.old) != 0) {  // chosen once, until BDRST
        keep(0x070, write.old, Regs::mask<"BDCR.RTCSEL">());
    }
    update();
    return {};
}

}  // namespace h7::rcc

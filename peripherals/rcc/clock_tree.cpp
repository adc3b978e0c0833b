// From oscillators to the clocks of cores, buses and USARTs (system.md 4.2).
#include <algorithm>

#include "peripherals/rcc/rcc.hpp"

namespace h7::rcc {
namespace {

constexpr std::uint32_t kHsiHz = 64'000'000;
constexpr std::uint32_t kCsiHz = 4'000'000;
constexpr std::uint32_t kLsiHz = 32'000;
constexpr std::uint32_t kHsi48Hz = 48'000'000;

/// HPRE, D1CPRE: 0xxx divides by 1, 8..15 by 2, 4, 8, 16, 64, 128, 256, 512 (there is no 32).
constexpr unsigned core_shift(std::uint32_t field) {
    if (field < 8) return 0;
    return field < 12 ? field - 7 : field - 6;
}
/// D1PPRE, D2PPRE1, D2PPRE2, D3PPRE: 0xx divides by 1, 4..7 by 2, 4, 8, 16.
constexpr unsigned bus_shift(std::uint32_t field) { return field < 4 ? 0 : field - 3; }

static_assert(core_shift(7) == 0 && core_shift(8) == 1 && core_shift(11) == 4 && core_shift(12) == 6 &&
              core_shift(15) == 9);
static_assert(bus_shift(3) == 0 && bus_shift(4) == 1 && bus_shift(7) == 4);

}  // namespace

std::uint32_t Rcc::hsi() const {
    return regs_.get<"CR.HSIRDY">() != 0 ? kHsiHz >> regs_.get<"CR.HSIDIV">() : 0;
}
std::uint32_t Rcc::csi() const { return regs_.get<"CR.CSIRDY">() != 0 ? kCsiHz : 0; }
std::uint32_t Rcc::hse() const { return regs_.get<"CR.HSERDY">() != 0 ? board_.hse_hz : 0; }
std::uint32_t Rcc::lse() const { return regs_.get<"BDCR.LSERDY">() != 0 ? board_.lse_hz : 0; }

std::uint32_t Rcc::lsi() const { return regs_.get<"CSR.LSIRDY">() != 0 ? kLsiHz : 0; }

std::uint32_t Rcc::per_clock() const {
    switch (regs_.get<"D1CCIPR.CKPERSEL">()) {
        case 0:
            return hsi();
        case 1:
            return csi();
        case 2:
            return hse();
        default:
            return 0;
    }
}

std::uint32_t Rcc::pll_source() const {
    switch (regs_.get<"PLLCKSELR.PLLSRC">()) {
        case 0:
            return hsi();
        case 1:
            return csi();
        case 2:
            return hse();
        default:
            return 0;
    }
}

std::uint32_t Rcc::pll_reference_divider(unsigned n) const {
    switch (n) {
        case 1:
            return regs_.get<"PLLCKSELR.DIVM1">();
        case 2:
            return regs_.get<"PLLCKSELR.DIVM2">();
        default:
            return regs_.get<"PLLCKSELR.DIVM3">();
    }
}

bool Rcc::pll_on(unsigned n) const { return test_bit(regs_.get<"CR">(), 22 + 2 * n); }
bool Rcc::pll_ready(unsigned n) const { return test_bit(regs_.get<"CR">(), 23 + 2 * n); }

std::uint32_t Rcc::pll(unsigned n, PllOutput output) const {
    const auto out = static_cast<unsigned>(output);
    const std::uint32_t configuration = regs_.get<"PLLCFGR">();
    if (!pll_ready(n) || !test_bit(configuration, 16 + 3 * (n - 1) + out)) return 0;
    const std::array<std::uint32_t, 3> dividers = {regs_.get<"PLL1DIVR">(), regs_.get<"PLL2DIVR">(),
                                                   regs_.get<"PLL3DIVR">()};
    const std::uint32_t d = dividers[n - 1];
    const std::uint64_t multiplier = std::uint64_t{extract(d, 8, 0) + 1} * 8192 +
                                     (test_bit(configuration, 4 * (n - 1)) ? fraction_[n - 1] : 0);
    constexpr std::array<std::pair<unsigned, unsigned>, 3> kFields = {{{15, 9}, {22, 16}, {30, 24}}};
    const std::uint64_t divider = extract(d, kFields[out].first, kFields[out].second) + 1;
    const std::uint64_t hz =
        pll_source() * multiplier / (pll_reference_divider(n) * std::uint64_t{8192} * divider);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(hz, 1, 0xFFFF'FFFFU));
}

std::uint32_t Rcc::system_clock(unsigned sw) const {
    switch (sw) {
        case 0:
            return hsi();
        case 1:
            return csi();
        case 2:
            return hse();
        case 3:
            return pll(1, PllOutput::p);
        default:
            return 0;
    }
}

std::uint32_t Rcc::usart_clock(unsigned selection, std::uint32_t bus_clock) const {
    switch (selection) {
        case 0:
            return bus_clock;
        case 1:
            return pll(2, PllOutput::q);
        case 2:
            return pll(3, PllOutput::q);
        case 3:
            return hsi();
        case 4:
            return csi();
        case 5:
            return lse();
        default:
            return 0;
    }
}

/// A timer runs faster than its bus: up to twice or, with TIMPRE, up to four times, but never faster than
/// HCLK.
std::uint32_t Rcc::timer_clock(std::uint32_t hclk, unsigned shift) const {
    const unsigned faster = regs_.get<"CFGR.TIMPRE">() != 0 ? 2 : 1;
    return shift > faster ? hclk >> (shift - faster) : hclk;
}

std::uint32_t Rcc::lptim_clock(unsigned selection, std::uint32_t bus_clock) const {
    switch (selection) {
        case 0:
            return bus_clock;
        case 1:
            return pll(2, PllOutput::p);
        case 2:
            return pll(3, PllOutput::r);
        case 3:
            return lse();
        case 4:
            return lsi();
        case 5:
            return per_clock();
        default:
            return 0;
    }
}

std::uint32_t Rcc::rng_clock() const {
    switch (regs_.get<"D2CCIP2R.RNGSEL">()) {
        case 0:
            return regs_.get<"CR.HSI48RDY">() != 0 ? kHsi48Hz : 0;
        case 1:
            return pll(1, PllOutput::q);
        case 2:
            return lse();
        default:
            return lsi();
    }
}

Frequencies Rcc::frequencies() const {
    Frequencies f;
    f.sys_ck = system_clock(regs_.get<"CFGR.SWS">());
    const auto divided = [](std::uint32_t hz, unsigned shift) {
        return hz == 0 ? 0 : std::max(hz >> shift, 1U);  // a clock that runs is never counted as stopped
    };
    f.cpu1 = divided(f.sys_ck, core_shift(regs_.get<"D1CFGR.D1CPRE">()));
    f.hclk = divided(f.cpu1, core_shift(regs_.get<"D1CFGR.HPRE">()));
    f.cpu2 = f.hclk;
    f.pclk1 = divided(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE1">()));
    f.pclk2 = divided(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE2">()));
    f.pclk3 = divided(f.hclk, bus_shift(regs_.get<"D1CFGR.D1PPRE">()));
    f.pclk4 = divided(f.hclk, bus_shift(regs_.get<"D3CFGR.D3PPRE">()));
    const bool d1 = domain_clocked(1), d2 = domain_clocked(2);
    f.usart16 = usart_clock(regs_.get<"D2CCIP2R.USART16SEL">(), d2 ? f.pclk2 : 0);
    f.usart234578 = usart_clock(regs_.get<"D2CCIP2R.USART234578SEL">(), d2 ? f.pclk1 : 0);
    f.lpuart1 = usart_clock(regs_.get<"D3CCIPR.LPUART1SEL">(), d1 || d2 ? f.pclk4 : 0);
    if (d2) {
        f.tim1 = timer_clock(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE1">()));
        f.tim2 = timer_clock(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE2">()));
    }
    f.lptim1 = lptim_clock(regs_.get<"D2CCIP2R.LPTIM1SEL">(), d2 ? f.pclk1 : 0);
    f.lptim2 = lptim_clock(regs_.get<"D3CCIPR.LPTIM2SEL">(), d1 || d2 ? f.pclk4 : 0);
    f.lptim345 = lptim_clock(regs_.get<"D3CCIPR.LPTIM345SEL">(), d1 || d2 ? f.pclk4 : 0);
    f.rng = rng_clock();
    f.lsi = lsi();
    f.rtc = rtc_clock();
    return f;
}

std::uint32_t Rcc::rtc_clock() const {
    if (regs_.get<"BDCR.RTCEN">() == 0) return 0;
    switch (regs_.get<"BDCR.RTCSEL">()) {
        case 1:
            return lse();
        case 2:
            return lsi();
        case 3: {
            const std::uint32_t divider = regs_.get<"CFGR.RTCPRE">();
            return divider >= 2 ? hse() / divider : 0;  // 0 and 1: no clock
        }
        default:
            return 0;
    }
}

}  // namespace h7::rcc

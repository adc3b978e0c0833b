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

std::uint32_t Rcc::clock(Source source) const {
    switch (source) {
        case Source::none:
            return 0;
        case Source::hsi:
            return hsi();
        case Source::csi:
            return csi();
        case Source::hse:
            return hse();
        case Source::lse:
            return lse();
        case Source::lsi:
            return lsi();
        case Source::hsi48:
            return regs_.get<"CR.HSI48RDY">() != 0 ? kHsi48Hz : 0;
        case Source::per:
            return chosen(kOscillators, regs_.get<"D1CCIPR.CKPERSEL">());
        case Source::pll1_p:
            return pll(1, PllOutput::p);
        case Source::pll1_q:
            return pll(1, PllOutput::q);
        case Source::pll2_p:
            return pll(2, PllOutput::p);
        case Source::pll2_q:
            return pll(2, PllOutput::q);
        case Source::pll3_q:
            return pll(3, PllOutput::q);
        case Source::pll3_r:
            return pll(3, PllOutput::r);
    }
    return 0;
}

/// What a selection field chooses; its other values choose nothing.
std::uint32_t Rcc::chosen(std::span<const Source> sources, unsigned selection) const {
    return selection < sources.size() ? clock(sources[selection]) : 0;
}

std::uint32_t Rcc::pll_source() const { return chosen(kOscillators, regs_.get<"PLLCKSELR.PLLSRC">()); }
std::uint32_t Rcc::system_clock(unsigned sw) const { return chosen(kSystemClocks, sw); }

std::uint32_t Rcc::pll_reference_divider(unsigned n) const {
    const std::array<std::uint32_t, 3> dividers = {
        regs_.get<"PLLCKSELR.DIVM1">(), regs_.get<"PLLCKSELR.DIVM2">(), regs_.get<"PLLCKSELR.DIVM3">()};
    return dividers[n - 1];
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

/// A timer runs faster than its bus: up to twice or, with TIMPRE, up to four times, but never faster than
/// HCLK.
std::uint32_t Rcc::timer_clock(std::uint32_t hclk, unsigned shift) const {
    const unsigned faster = regs_.get<"CFGR.TIMPRE">() != 0 ? 2 : 1;
    return shift > faster ? hclk >> (shift - faster) : hclk;
}

Frequencies Rcc::frequencies() const {
    Frequencies f;
    f.sys_ck = system_clock(regs_.get<"CFGR.SWS">());
    // A USART's and an LPTIM's first choice is the clock of its bus.
    const auto of_bus = [this](std::span<const Source> others, unsigned selection, std::uint32_t bus_clock) {
        return selection == 0 ? bus_clock : chosen(others, selection - 1);
    };
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
    f.usart16 = of_bus(kUsartClocks, regs_.get<"D2CCIP2R.USART16SEL">(), d2 ? f.pclk2 : 0);
    f.usart234578 = of_bus(kUsartClocks, regs_.get<"D2CCIP2R.USART234578SEL">(), d2 ? f.pclk1 : 0);
    f.lpuart1 = of_bus(kUsartClocks, regs_.get<"D3CCIPR.LPUART1SEL">(), d1 || d2 ? f.pclk4 : 0);
    if (d2) {
        f.tim1 = timer_clock(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE1">()));
        f.tim2 = timer_clock(f.hclk, bus_shift(regs_.get<"D2CFGR.D2PPRE2">()));
    }
    f.lptim1 = of_bus(kLptimClocks, regs_.get<"D2CCIP2R.LPTIM1SEL">(), d2 ? f.pclk1 : 0);
    f.lptim2 = of_bus(kLptimClocks, regs_.get<"D3CCIPR.LPTIM2SEL">(), d1 || d2 ? f.pclk4 : 0);
    f.lptim345 = of_bus(kLptimClocks, regs_.get<"D3CCIPR.LPTIM345SEL">(), d1 || d2 ? f.pclk4 : 0);
    f.rng = chosen(kRngClocks, regs_.get<"D2CCIP2R.RNGSEL">());
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

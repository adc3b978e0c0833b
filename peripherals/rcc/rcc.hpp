// Reset and clock control: oscillators, PLLs, the clock tree, peripheral clock enables of both cores,
// peripheral resets, reset flags, and who boots. system.md 4.1 to 4.3, 3.2, 2.2.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"
#include "peripherals/rcc/reset_flags.hpp"

namespace h7::rcc {

/// What the board connects to the oscillator pins.
struct Board {
    std::uint32_t hse_hz = 8'000'000;  // NUCLEO: 8 MHz from the ST-LINK; DISCOVERY: 25 MHz crystal
    bool hse_present = true;           // false: HSERDY never comes
    bool lse_present = true;           // false: LSERDY never comes
    std::uint32_t lse_hz = 32'768;
};

/// Clocks in Hz; 0 is a clock that does not run.
struct Frequencies {
    std::uint32_t sys_ck = 0;
    std::uint32_t cpu1 = 0, cpu2 = 0;  // CM7, CM4
    std::uint32_t hclk = 0;            // AXI and every AHB
    std::uint32_t pclk1 = 0, pclk2 = 0, pclk3 = 0, pclk4 = 0;
    std::uint32_t usart16 = 0;      // kernel clock of USART1 and USART6
    std::uint32_t usart234578 = 0;  // kernel clock of USART2, 3 and UART4, 5, 7, 8
    std::uint32_t lpuart1 = 0;
    std::uint32_t tim1 = 0, tim2 = 0;                    // timers on APB1, on APB2; 0 while D2 has no clock
    std::uint32_t lptim1 = 0, lptim2 = 0, lptim345 = 0;  // kernel clocks
    std::uint32_t rng = 0;                               // kernel clock
    std::uint32_t lsi = 0;
    std::uint32_t rtc = 0;  // RTCCLK; 0 without RTCEN or while its source stands
    bool operator==(const Frequencies&) const = default;
};

/// What the RCC asks of other blocks. An empty function: DBP is 0; the debugger keeps no clock.
struct Ports {
    std::function<bool()> dbp;                               // PWR_CR1.DBP: RCC_BDCR may be written
    std::function<bool(unsigned domain)> debug_keeps_clock;  // DBGMCU_CR.DBGSTOP_D1 / _D2
    std::function<bool()> flash_busy{};                      // BSY, QW or WBNE: D1 stays out of DStop (F-239)
};

/// The enable bits of one bus clock, in the registers of both cores: open while one of them is set. Follows
/// the registers; lives as long as the RCC. Without bits it is never open.
struct ClockEnable {
    const std::uint32_t* of_cm7 = nullptr;
    const std::uint32_t* of_cm4 = nullptr;
    std::uint32_t bits = 0;
    bool open() const { return bits != 0 && ((*of_cm7 | *of_cm4) & bits) != 0; }
};

class Rcc final : public RegisterBlock<Rcc> {
public:
    static constexpr std::size_t kRegisters = 74;
    static const std::array<Register<Rcc>, kRegisters> registers;

    explicit Rcc(Ports ports, Board board = {});

    Frequencies frequencies() const;
    /// Whether the bus clock of a peripheral runs: the enable bit of either core. `enr_offset` as in the
    /// common window, 0xD4 (AHB3ENR) to 0xF4 (APB4ENR).
    bool clocked(Address enr_offset, unsigned bit) const;
    /// The same for whoever asks at every access; `bits`: several, where each opens the clock.
    ClockEnable clock_enable(Address enr_offset, std::uint32_t bits);
    /// The xRSTR register whose bits stand where those of this xENR do.
    const std::uint32_t* reset_register(Address enr_offset);
    std::uint32_t rtc_clock() const;
    /// Whether D1 or D2 has its bus clock (CR.D1CKRDY, D2CKRDY).
    bool domain_clocked(unsigned domain) const {
        return (domain == 1 ? regs_.get<"CR.D1CKRDY">() : regs_.get<"CR.D2CKRDY">()) != 0;
    }
    bool csi_ready() const { return regs_.get<"CR.CSIRDY">() != 0; }
    /// GCR.BOOT_C1 / BOOT_C2: a held core (1 or 2) was released since the last reset.
    bool boot_released_for(unsigned core) const;

    /// GCR.WW1RSC, WW2RSC: a window watchdog resets the whole system, not only its core (1 or 2).
    bool window_watchdog_resets_system(unsigned core) const {
        return (core == 1 ? regs_.get<"GCR.WW1RSC">() : regs_.get<"GCR.WW2RSC">()) != 0;
    }

    /// A reset happened: `flags` (reset_flags.hpp) are set in the registers of both cores.
    void record_reset(std::uint32_t flags);
    /// A core (1 = CM7, 2 = CM4) enters CStop (false) or leaves it (true). A held core counts as running
    /// (system.md 2.2).
    void set_core_state(unsigned core, bool crun_or_csleep);
    /// A watchdog runs: LSI is on until the next reset and cannot be stopped.
    void force_lsi();
    /// The whole system went to Stop: PLLs, HSE and HSI48 are off, sys_ck restarts from HSI or CSI
    /// (STOPWUCK).
    void system_stopped();
    /// DBGMCU_CR changed: D1CKRDY and D2CKRDY may follow.
    void debug_clocks_changed() { update(); }

    /// Any value of frequencies() changed; heard after the registers show it.
    std::function<void()> clocks_changed;
    /// A bit of an xxxRSTR register changed: while `level` is true the peripheral is held at its reset
    /// values.
    std::function<void(Address rstr_offset, unsigned bit, bool level)> peripheral_reset;
    /// Software set GCR.BOOT_C1 or BOOT_C2.
    std::function<void(unsigned core)> boot_released;
    /// BDCR.BDRST went to 1: the RTC domain is reset.
    std::function<void()> backup_domain_reset;
    /// An enable bit changed: clocked() may answer differently.
    std::function<void()> enables_changed;
    /// A domain got or lost its bus clock: domain_clocked() and the clocks of its timers are others.
    std::function<void()> domains_changed;
    /// CR was read: whoever polls a ready or domain clock flag, the other core should have its turn (D-28).
    std::function<void(const Access& access)> looked_at;
    Wire irq;  // RCC global interrupt, IRQ 5

    // The window 0x0D0-0x11C shows the bank of the core that asks (system.md 4.1).
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    static constexpr std::array<Register<Rcc>, kRegisters> table();

    // Guards and effects named by the table.
    bool backup_domain_open(const RegisterWrite&) const { return ports_.dbp && ports_.dbp(); }
    bool pll_off(const RegisterWrite& write) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> clocks_written(const RegisterWrite&);
    BusResult<void> pll_sources_written(const RegisterWrite& write);
    BusResult<void> pll_configuration_written(const RegisterWrite& write);
    BusResult<void> pll_dividers_written(const RegisterWrite& write);
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> backup_domain_written(const RegisterWrite& write);
    BusResult<void> drive_resets(const RegisterWrite& write);
    BusResult<void> boot_written(const RegisterWrite& write);
    BusResult<void> reset_flags_written(const RegisterWrite& write);
    BusResult<void> enables_written(const RegisterWrite&);

    // The clock tree (clock_tree.cpp).
    enum class PllOutput : unsigned { p, q, r };
    enum class Source : std::uint8_t {
        none,
        hsi,
        csi,
        hse,
        lse,
        lsi,
        hsi48,
        per,
        pll1_p,
        pll1_q,
        pll2_p,
        pll2_q,
        pll3_q,
        pll3_r
    };
    // What the selection fields choose, in the order of their values.
    static constexpr Source kOscillators[] = {Source::hsi, Source::csi, Source::hse};  // CKPERSEL, PLLSRC
    static constexpr Source kSystemClocks[] = {Source::hsi, Source::csi, Source::hse, Source::pll1_p};
    static constexpr Source kUsartClocks[] = {Source::pll2_q, Source::pll3_q, Source::hsi, Source::csi,
                                              Source::lse};
    static constexpr Source kLptimClocks[] = {Source::pll2_p, Source::pll3_r, Source::lse, Source::lsi,
                                              Source::per};
    static constexpr Source kRngClocks[] = {Source::hsi48, Source::pll1_q, Source::lse, Source::lsi};
    std::uint32_t clock(Source source) const;
    std::uint32_t chosen(std::span<const Source> sources, unsigned selection) const;
    std::uint32_t hsi() const;
    std::uint32_t csi() const;
    std::uint32_t hse() const;
    std::uint32_t lse() const;
    std::uint32_t pll_source() const;
    std::uint32_t pll_reference_divider(unsigned n) const;
    bool pll_on(unsigned n) const;
    bool pll_ready(unsigned n) const;
    bool any_pll_on() const { return pll_on(1) || pll_on(2) || pll_on(3); }
    std::uint32_t pll(unsigned n, PllOutput output) const;
    std::uint32_t system_clock(unsigned sw) const;
    std::uint32_t lsi() const;
    std::uint32_t timer_clock(std::uint32_t hclk, unsigned shift) const;

    /// Everything the hardware derives from the registers: ready flags, clock switch, domain clocks,
    /// interrupt.
    void update();
    void settle_oscillators();
    void settle_domains();
    std::uint32_t& bank_word(unsigned core, Address window_offset);
    std::uint32_t bank_word(unsigned core, Address window_offset) const;
    void keep(Address offset, std::uint32_t old, std::uint32_t held);

    Ports ports_;
    Board board_;
    std::array<std::uint32_t, 3> fraction_{};  // FRACN in use, taken over at a rise of PLLxFRACEN
    std::array<bool, 2> running_{true, true};  // CM7, CM4: not in CStop
    bool lsi_forced_ = false;
    Frequencies last_{};
};

}  // namespace h7::rcc

#include "peripherals/rcc/registers.hpp"  // IWYU pragma: export

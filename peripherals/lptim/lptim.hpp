// LPTIM1 to LPTIM5: a sixteen-bit counter that runs on its kernel clock through Stop: single and continuous
// counting, compare and auto-reload match, their interrupts. RM0399, "Low-power timer (LPTIM)";
// system.md 4.2, 5.1.
//
// Time. Nothing ticks: the counter is worked out from virtual time when somebody looks, and only an enabled
// interrupt makes an event on the clock.
#pragma once

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::lptim {

class Lptim final : public RegisterBlock<Lptim> {
public:
    static const Register<Lptim> registers[9];

    /// `name` as in the manual ("LPTIM1"); it must outlive the block. The kernel clock stands until
    /// set_clock().
    Lptim(std::string_view name, Address base, Clock& clock);

    /// The kernel clock has `hz` from now on; 0: it is gated, or frozen by the debugger.
    void set_clock(std::uint32_t hz);

    /// Interrupt request: to the NVICs and the wake-up line of the EXTI.
    Wire irq;
    /// lptim_out: high while the counter is above CMP (WAVE: from the first match on), inverted by WAVPOL.
    /// Its edges come in time only while somebody listens: an edge costs an event.
    Wire out;
    void listen_to_output(bool heard);

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& to) const override;
    void load(StateReader& in) override;

private:
    enum class Run : std::uint8_t { stopped, once, on };

    bool enabled() const { return regs_.get<"CR.ENABLE">() != 0; }
    bool when_enabled(const RegisterWrite&) const { return enabled(); }
    bool when_disabled(const RegisterWrite&) const { return !enabled(); }
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> clear_written(const RegisterWrite& write);
    BusResult<void> compare_written(const RegisterWrite&);
    BusResult<void> reload_written(const RegisterWrite&);
    std::uint32_t count(unsigned) const { return value_; }

    /// CKSEL, COUNTMODE or ENC: pulses come from a pin, and none ever does.
    bool internal() const;
    /// Starts wait for TRIGEN; triggers never come.
    bool by_software() const { return regs_.get<"CFGR.TRIGEN">() == 0; }
    bool output() const;
    bool counting() const { return run_ != Run::stopped && internal(); }
    std::uint64_t divider() const { return std::uint64_t{1} << regs_.get<"CFGR.PRESC">(); }
    std::uint32_t period() const { return reload_ + 1; }
    void flag(std::uint32_t flags) { regs_.set<"ISR">(regs_.get<"ISR">() | flags); }

    void catch_up() { run(ticks_.take(clock_.now())); }
    void run(std::uint64_t ticks);
    void count_to_end(std::uint64_t& steps);
    void period_ends();
    void settle();

    Clock& clock_;
    Alarm alarm_;
    TickCounter ticks_;
    std::uint64_t phase_ = 0;  // kernel clock periods into the present step
    Run run_ = Run::stopped;
    std::uint32_t value_ = 0;
    std::uint32_t reload_ = 1, compare_ = 0;  // in use
    bool heard_ = false;                      // somebody listens to the output
    bool matched_ = false;                    // the counter was above CMP since the start
};

}  // namespace h7::lptim

#include "peripherals/lptim/registers.hpp"  // IWYU pragma: export

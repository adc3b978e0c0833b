// The extended interrupt and event controller: turns edges and levels of 89 lines into interrupts, events and
// wake-ups, with masks and pending bits of its own for each core. system.md 5.2, 5.2b, 11.9.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "emulator/fabric/register_map.hpp"
#include "peripherals/exti/lines.hpp"

namespace h7::exti {

/// What one core hears. Empty functions are not called.
struct Outputs {
    /// The OR of the lines routed to `irq` changed. The chip ORs it with the peripheral's own request.
    std::function<void(unsigned irq, bool level)> interrupt;
    /// One-shot event into the core's event register (ends a WFE).
    std::function<void()> event;
    /// An unmasked line asks the core to leave Stop; heard at each new request.
    std::function<void()> wakeup;
};

/// Registers are accessed by words; anything narrower reads 0 and writes nothing.
class Exti final : public RegisterBlock<Exti> {
public:
    static const Register<Exti> registers[36];

    Exti();

    Outputs& outputs(Cpu cpu) { return out_[index(cpu)]; }

    /// Level of an input line 0..88: a GPIO pin that SYSCFG selected, a peripheral's request. The setter is
    /// the wire: an edge is a change of level.
    void set_input(unsigned line, bool level);
    /// High and low again: the SEV of the other core (79, 80).
    void pulse_input(unsigned line);

    /// A configurable line has an edge selected, so that its input matters.
    bool hears(unsigned line) const;
    std::function<void()> edges_selected;

    /// A line asks the core to be awake: pending, or direct and high, and not masked.
    bool wake_requested(Cpu cpu) const;

    /// A core looked at a pending or event register: it may be polling, the other core should have its turn
    /// (D-28).
    std::function<void(const Access& access)> looked_at;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    static constexpr unsigned index(Cpu cpu) { return cpu == Cpu::cpu1 ? 0 : 1; }

    enum class Bank : std::uint8_t { rtsr = 0x00, ftsr = 0x04, imr = 0x80, emr = 0x84, pr = 0x88 };
    std::uint32_t& stored(Bank bank, unsigned word, Cpu cpu = Cpu::cpu1);
    std::uint32_t stored(Bank bank, unsigned word, Cpu cpu = Cpu::cpu1) const;

    BusResult<void> edges_written(const RegisterWrite& write);
    BusResult<void> software_trigger(const RegisterWrite& write);
    BusResult<void> masks_written(const RegisterWrite& write);

    void trigger(unsigned line);
    LineSet requests(Cpu cpu) const;
    void drive(Cpu cpu);
    void drive_both();

    LineSet level_{};
    std::array<Outputs, 2> out_;
    std::array<LineSet, 2> driven_{};  // the requests the outputs show
};

}  // namespace h7::exti

#include "peripherals/exti/registers.hpp"  // IWYU pragma: export

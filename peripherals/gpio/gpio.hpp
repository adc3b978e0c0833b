// One GPIO port: sixteen pins, their configuration, levels and lock. system.md 6.1.
#pragma once

#include <functional>
#include <optional>

#include "emulator/fabric/register_map.hpp"

namespace h7::gpio {

class Gpio final : public RegisterBlock<Gpio> {
public:
    static const Register<Gpio> registers[10];
    static constexpr unsigned kPins = 16;

    /// Port 'A' .. 'K'; base, name and reset values follow.
    explicit Gpio(char port);

    /// The outside drives a pin of 0..15, until release(): a pressed button, a jumper, a chip on the board.
    void drive(unsigned pin, bool level);
    void release(unsigned pin);
    /// The level on the pin: its output driver, else the outside, else the pull resistor. A pin that floats,
    /// and one in analog mode, reads 0.
    bool level(unsigned pin) const { return test_bit(levels_, pin); }

    /// Software drives the pin: it is a general-purpose output.
    bool output(unsigned pin) const { return extract(regs_.get<"MODER">(), 2 * pin + 1, 2 * pin) == 1; }

    /// The serial-wire pins belong to the debug port: PA13 and PA14 are alternate function 0
    /// (rss-sfi-bootloader.md 1.7). Only port A has them.
    bool swj_pins_in_af0() const;

    /// What the outside drives a pin to; empty: nobody does.
    std::optional<bool> outside(unsigned pin) const {
        return test_bit(driven_, pin) ? std::optional(test_bit(external_, pin)) : std::nullopt;
    }
    /// Heard at each change of outside(), with the value before, whatever the mode of the pin: wake-up pins
    /// do not look at it.
    std::function<void(unsigned pin, std::optional<bool> before)> outside_changed;

    /// Heard at each change of level().
    std::function<void(unsigned pin, bool level)> pin_changed;

    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    std::uint32_t input(unsigned) const { return levels_; }
    BusResult<void> one_bit_written(const RegisterWrite& write);
    BusResult<void> two_bits_written(const RegisterWrite& write);
    BusResult<void> alternate_written(const RegisterWrite& write);
    BusResult<void> output_written(const RegisterWrite&);
    BusResult<void> set_reset_written(const RegisterWrite& write);
    BusResult<void> lock_written(const RegisterWrite& write);

    /// What the table cannot hold: reset values that differ from port to port.
    std::uint32_t reset_value(Address offset, std::uint32_t common) const;
    /// Locked pins take back `bits_per_pin` bits each; the register begins with `first_pin`.
    BusResult<void> keep_locked_pins(const RegisterWrite& write, unsigned bits_per_pin, unsigned first_pin);
    void settle();

    char port_;
    std::uint32_t levels_ = 0;
    std::uint32_t driven_ = 0, external_ = 0;  // pins the outside drives, and to what
    unsigned lock_step_ = 0;                   // words of the lock sequence seen so far
    std::uint32_t lock_pins_ = 0;              // pins the sequence began with
};

}  // namespace h7::gpio

#include "peripherals/gpio/registers.hpp"  // IWYU pragma: export

// The counter of a timer behind its prescaler: arithmetic only, without registers and without time. It moves
// in legs, from where it stands to its next turn (overflow or underflow), so that a look costs the same after
// a microsecond and after an hour.
#pragma once

#include <cstdint>

#include "emulator/fabric/state.hpp"

namespace h7::tim {

enum class Mode : std::uint8_t { up, down, center };

/// A movement of the counter that ends at a turn at the latest.
struct Leg {
    std::uint64_t ticks = 0;    // periods of the kernel clock it took
    std::uint32_t from = 0;     // value before
    std::uint32_t last = 0;     // last value reached by counting
    std::uint32_t landing = 0;  // value after it: differs from `last` when the counter starts anew
    bool up = true;
    bool turn = false;    // ends with an overflow or underflow
    bool beyond = false;  // .. at which a compare value above the reload value counts as met
    std::uint32_t reload = 0;

    /// The counter arrived at `compare` on this leg.
    bool meets(std::uint32_t compare) const;
};

class Counter {
public:
    explicit Counter(std::uint32_t all_ones) : top(all_ones) {}

    std::uint32_t top;  // all ones: 16 or 32 bits
    std::uint32_t value = 0;
    bool down = false;  // direction; in Mode::center it alternates
    Mode mode = Mode::up;
    std::uint32_t reload = 0;     // auto-reload value in use
    std::uint32_t prescaler = 0;  // in use; the kernel clock is divided by prescaler + 1
    std::uint64_t phase = 0;      // kernel clock periods into the prescaler's present round

    /// With a reload value of 0 the counter is blocked.
    bool blocked() const { return reload == 0; }
    /// Moves by at most `ticks` (> 0) periods of the kernel clock and at most to the next turn. Not when
    /// blocked.
    Leg advance(std::uint64_t ticks);

    /// Inside the range it repeats for ever. A value above reload (after a smaller one was written) is
    /// outside.
    bool periodic() const { return value <= reload && (mode != Mode::center || value != reload || down); }
    /// Kernel clock periods of the whole cycle, and from turn to turn.
    std::uint64_t cycle() const { return turn_distance() * turns_per_cycle(); }
    std::uint64_t turn_distance() const;
    unsigned turns_per_cycle() const { return mode == Mode::center ? 2 : 1; }

    /// Kernel clock periods to the next turn.
    std::uint64_t ticks_to_turn() const;
    /// .. until a leg in an accepted direction meets `compare`; 0: never. The present range stays in use.
    std::uint64_t ticks_to(std::uint32_t compare, bool while_up, bool while_down) const;

    void save(StateWriter& out) const;
    void load(StateReader& in);

private:
    struct Road {
        std::uint64_t steps;  // of the counter, up to and with the landing
        std::uint32_t last, landing;
        bool up, turn;
    };
    Road road() const;
};

}  // namespace h7::tim

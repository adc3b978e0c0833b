// What start-up code and drivers see of a block that is not modelled: reset values, ready bits, bits that
// clear themselves. One row is one fact; a block has a list of them (emulator/chip/stored_habits.cpp).
#pragma once

#include <cstdint>

#include "emulator/fabric/access.hpp"

namespace h7::storage {

struct Habit {
    enum class Kind : std::uint8_t {
        resets_to,     // the register is `bits` after a reset
        reads_one,     // `bits` read 1, whatever was written
        reads_zero,    // `bits` read 0: they clear themselves
        follows,       // `bits` read 1 while any of `cause_bits` of the register `cause` is 1, 0 otherwise
        sets,          // a write of 1 to any of `cause_bits` of `cause` sets `bits`
        clears,        // a write of 1 to any of `cause_bits` of `cause` clears `bits`
        acknowledged,  // a write to `cause` clears those of `bits` that are written 1
    };
    Kind kind;
    Address offset;  // the register that shows it
    std::uint32_t bits;
    Address cause = 0;
    std::uint32_t cause_bits = 0;
};

}  // namespace h7::storage

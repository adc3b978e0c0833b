// What GDB is told of a core: its registers, and what lies where in its memory map. XML, as GDB reads it.
#pragma once

#include <string>

#include "emulator/cpu/core.hpp"
#include "emulator/fabric/access.hpp"

namespace h7::debug {

/// Register numbers of the description. R0-R15 have their own numbers.
enum Register : unsigned {
    kXpsr = 25,
    kD0 = 26,  // .. D15
    kFpscr = 42,
    kMsp,
    kPsp,
    kPrimask,
    kBasepri,
    kFaultmask,
    kControl,
    kRegisterEnd
};

/// Width in bytes of register `number`; 0: there is no such register.
unsigned register_size(unsigned number);

/// target.xml: the features m-profile, vfp and m-system.
std::string target_description();

/// The regions `core` reaches; user flash as flash of 128-Kbyte sectors.
std::string memory_map(Master core, std::uint32_t sectors_per_bank, unsigned banks = 2);

}  // namespace h7::debug

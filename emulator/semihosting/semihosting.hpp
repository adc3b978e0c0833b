// Semihosting on a core: BKPT 0xAB with the operation in R0 and its parameter in R1, the answer in R0.
#pragma once

#include "emulator/cpu/core.hpp"
#include "emulator/semihosting/session.hpp"

namespace h7::semihosting {

/// A BKPT of `core`, from Core::on_breakpoint. False: not a semihosting call (the immediate is not 0xAB).
bool call(Session& session, cpu::Core& core, std::uint8_t immediate);

}  // namespace h7::semihosting

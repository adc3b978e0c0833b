// Where inside a translated block the engine stands, from the block's own unwind table: without side effects,
// where cpu_restore_state would leave ITSTATE behind (spec: unicorn.md 1, 7).
#pragma once

#include <cstdint>

#include "emulator/cpu/unicorn/layout.hpp"

namespace h7::cpu {

struct Position {
    std::uint32_t pc = 0;       // of the instruction that executes
    std::uint32_t itstate = 0;  // before it
    unsigned before = 0;        // instructions of the block already completed
    unsigned total = 0;         // instructions of the whole block, as the budget counts them
};

/// `host_pc`: the return address into the translated code. False when it is not inside any block.
bool find_position(void* tcg, std::uintptr_t host_pc, Position& position);

}  // namespace h7::cpu

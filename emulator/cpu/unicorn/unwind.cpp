#include "emulator/cpu/unicorn/unwind.hpp"

#include <array>

namespace h7::cpu {
namespace {

/// Signed LEB128, as the engine packs its unwind tables.
std::int32_t take_number(const std::uint8_t*& at) {
    std::uint32_t value = 0;
    unsigned shift = 0;
    std::uint8_t byte = 0;
    do {
        byte = *at++;
        value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        shift += 7;
    } while ((byte & 0x80) != 0);
    if (shift < 32 && (byte & 0x40) != 0) value |= ~std::uint32_t{0} << shift;
    return static_cast<std::int32_t>(value);
}

}  // namespace

bool find_position(void* tcg, std::uintptr_t host_pc, Position& position) {
    const layout::Block* block = tcg_tb_lookup_arm(tcg, host_pc);
    if (block == nullptr) return false;
    // For each instruction: pc, ITSTATE, syndrome and end of its host code, each as the difference to the one
    // in front.
    const std::uint8_t* at = block->code + block->code_size;
    std::array<std::uint32_t, 3> words{block->pc, 0, 0};
    auto host_end = reinterpret_cast<std::uintptr_t>(block->code);
    const std::uint32_t end = block->pc + block->size;
    bool found = false;
    position.total = 0;
    for (unsigned n = 0; n < block->count; ++n) {
        for (std::uint32_t& word : words) word += static_cast<std::uint32_t>(take_number(at));
        host_end += static_cast<std::uintptr_t>(static_cast<std::intptr_t>(take_number(at)));
        if (!found && host_pc - 2 < host_end) {
            found = true;
            position.pc = words[0];
            position.itstate = words[1];
            position.before = n;
        }
        if (words[0] != end)
            ++position.total;  // one at the end stands for a boundary, not for an instruction
    }
    return found;
}

}  // namespace h7::cpu

// The little of the Thumb encoding that translation has to know in advance.
#pragma once

#include <bit>
#include <cstdint>

namespace h7::cpu::thumb {

/// The instruction has a second halfword.
constexpr bool is_wide(std::uint16_t first) { return (first >> 11) >= 0x1D; }

/// An FPU instruction: coprocessors 10 and 11.
constexpr bool is_fpu(std::uint16_t first, std::uint16_t second) {
    return (first & 0xEC00U) == 0xEC00U && (second & 0x0E00U) == 0x0A00U;
}

/// Loads and stores of several words and of FPU registers need a word-aligned address whatever
/// CCR.UNALIGN_TRP says (ARMv7-M A3.2.1): LDM, STM, PUSH, POP, LDRD, STRD, VLDR, VSTR, VLDM, VSTM.
constexpr bool needs_word_alignment(std::uint16_t first, std::uint16_t second) {
    if (!is_wide(first))
        return (first & 0xF600U) == 0xB400U || (first & 0xF000U) == 0xC000U;  // PUSH and POP; STM and LDM
    if ((first & 0xFE40U) == 0xE800U) return true;                            // LDM, STM, POP.W, PUSH.W
    if ((first & 0xFE40U) == 0xE840U)  // LDRD, STRD; else the exclusives and table branches
        return (first & 0x0120U) != 0;
    return is_fpu(first, second) && (first & 0xEE00U) == 0xEC00U;
}

/// A store of one register that changes nothing but memory: STR, STRB, STRH without write-back.
constexpr bool is_plain_store(std::uint16_t first, std::uint16_t second) {
    if (!is_wide(first)) {
        const unsigned top = first >> 11;  // immediate offsets, stack pointer, register offset
        return top == 0x0C || top == 0x0E || top == 0x10 || top == 0x12 || top == 0x0A;
    }
    if ((first & 0xFF90U) == 0xF880U) return (first & 0x60U) != 0x60U;  // 12-bit offset
    if ((first & 0xFF90U) != 0xF800U || (first & 0x60U) == 0x60U) return false;
    return (second & 0x0FC0U) == 0 || (second & 0x0F00U) == 0x0C00U;  // register, negative offset
}

/// The IT instruction.
constexpr bool is_it(std::uint16_t first) { return (first & 0xFF00U) == 0xBF00U && (first & 0x000FU) != 0; }

/// How many instructions are conditional, by the mask in bits 3:0 of IT, or of what is left of it in ITSTATE.
constexpr unsigned it_length(std::uint16_t mask) {
    return (mask & 15U) == 0 ? 0 : 4 - static_cast<unsigned>(std::countr_zero(mask));
}

/// LDRD without write-back whose first destination is its base register: the base is lost when the second
/// word faults.
constexpr bool overwrites_base(std::uint16_t first, std::uint16_t second) {
    return (first & 0xFF70U) == 0xE950U && (second >> 12) == (first & 15U);
}

}  // namespace h7::cpu::thumb

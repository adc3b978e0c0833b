// The event lines of the chip: which are configurable, which core hears them, and which interrupt they raise.
// system.md 5.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "emulator/base/bits.hpp"

namespace h7::exti {

enum class Cpu : std::uint8_t { cpu1, cpu2 };  // CM7, CM4

inline constexpr unsigned kLines = 89;  // 0..88
/// A set of lines: three words of 32.
using LineSet = std::array<std::uint32_t, 3>;

constexpr bool contains(const LineSet& set, unsigned line) {
    return line < kLines && test_bit(set[line / 32], line % 32);
}

/// Edges select them, they have a pending bit and a software trigger: 0-21, 49, 51, 82, 84-86. The others are
/// direct: the level of the peripheral passes through.
inline constexpr LineSet kConfigurable = {0x003F'FFFF, 0x000A'0000, 0x0074'0000};
/// Lines a core can mask for itself. 45, 81 and 83 do not exist; their IMR bits are reserved at 1.
inline constexpr LineSet kMaskable = {0xFFFF'FFFF, 0xFFFF'DFFF, 0x01F5'FFFF};

/// Five lines belong to one core: its own HSEM line, the SEV of the other core, the watchdog reset of the
/// other core.
constexpr bool reaches(unsigned line, Cpu cpu) {
    switch (line) {
        case 77:
        case 79:
        case 84:
            return cpu == Cpu::cpu1;
        case 78:
        case 80:
        case 82:
            return cpu == Cpu::cpu2;
        default:
            return contains(kMaskable, line);
    }
}

/// All lines `cpu` hears.
constexpr LineSet lines_of(Cpu cpu) {
    LineSet set{};
    for (unsigned line = 0; line < kLines; ++line)
        if (reaches(line, cpu)) set[line / 32] |= 1U << (line % 32);
    return set;
}

/// The interrupt a line raises. None: the peripheral drives the NVIC itself and the line only wakes (61-81,
/// 87), or the line has no interrupt (49, 51, 79, 80).
std::optional<unsigned> interrupt_of(unsigned line);

}  // namespace h7::exti

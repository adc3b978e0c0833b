// Readout protection: levels, the legal ways between them, and what a regression leaves. Pure (F-195..F-212).
#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/security/areas.hpp"

namespace h7::security {

enum class Rdp : std::uint8_t { level0, level1, level2 };

/// F-195: 0xAA level 0, 0xCC level 2, any other byte level 1.
constexpr Rdp decode_rdp(std::uint32_t byte) {
    if ((byte & 0xFFU) == 0xAA) return Rdp::level0;
    if ((byte & 0xFFU) == 0xCC) return Rdp::level2;
    return Rdp::level1;
}

/// Level 1 to level 0: the only step down, and it erases (F-161, F-208).
constexpr bool is_regression(Rdp from, Rdp to) { return from == Rdp::level1 && to == Rdp::level0; }

/// F-159..F-161, F-203: level 2 is for ever, everything else may be asked for.
constexpr bool may_change(Rdp from, Rdp to) { return from != Rdp::level2 || to == Rdp::level2; }

/// What one area of a bank is to a regression.
struct RegressionArea {
    Area area{};
    bool erase = false;  // its DME bit is set in CUR or in PRG
};

/// Sectors of a bank that keep their contents in a regression, bit n = sector n: those that touch a kept area
/// and touch no area that is to be erased (F-209..F-211, A-09). Write protection keeps nothing (F-097).
std::uint32_t kept_sectors(const RegressionArea& pcrop, const RegressionArea& secure, unsigned sectors);

/// "level 0"
std::string_view name_of(Rdp level);

}  // namespace h7::security

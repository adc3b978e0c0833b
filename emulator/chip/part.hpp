// The parts this chip can be. A profile is data; nothing else in the project asks for a part's name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace h7::chip {

struct Part {
    std::string_view name;          // "STM32H755"
    bool security;                  // secure access mode, RSS (F-017, R-001)
    bool crypto;                    // CRYP and HASH present
    unsigned sectors_per_bank;      // 8: 2 Mbytes ("I"), 4: 1 Mbyte ("G")
    std::uint32_t flash_kilobytes;  // the word at 0x1FF1E880
    std::uint32_t line_identifier;  // the word at 0x1FF1E8C0 (system.md 1.4)
    std::uint8_t package;           // SYSCFG_PKGR (system.md 4.5)
    std::uint8_t exit_abi;          // arguments of exitSecureArea (D-10)
};

// clang-format off
inline constexpr Part kParts[] = {
    //name         security crypto sectors  KB  line id      PKGR  exit ABI
    {"STM32H755",  true,    true,  8,     2048, 0x48373535U, 0x3,  2},
    {"STM32H745",  false,   false, 8,     2048, 0x48373435U, 0x3,  2},
    {"STM32H757",  true,    true,  8,     2048, 0x48373537U, 0x9,  2},
    {"STM32H747",  false,   false, 8,     2048, 0x48373437U, 0x9,  2},
    // G density; the parts with secure access mode are of I density only (F-017, F-020)
    {"STM32H745G", false,   false, 4,     1024, 0x48373435U, 0x3,  2},
    {"STM32H747G", false,   false, 4,     1024, 0x48373437U, 0x9,  2},
};
// clang-format on
inline constexpr const Part& kDefaultPart = kParts[0];

/// The profile called `name` ("STM32H755", "H755", any case); null when there is none.
const Part* find_part(std::string_view name);

}  // namespace h7::chip

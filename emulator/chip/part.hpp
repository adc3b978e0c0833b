// The parts this chip can be. A profile is data; nothing else in the project asks for a part's name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "peripherals/flash/controller.hpp"

namespace h7::chip {

struct Part {
    std::string_view name;          // "STM32H755"
    bool cm4;                       // false: a Cortex-M7 alone (decision 0170)
    bool security;                  // secure access mode, RSS (F-017, R-001)
    bool crypto;                    // CRYP and HASH present
    unsigned sectors_per_bank;      // of 128 Kbytes; 8: 2 Mbytes ("I"), 4: 1 Mbyte ("G")
    unsigned banks;                 // 1: the H750, whose second bank is reserved
    std::uint32_t flash_kilobytes;  // the word at 0x1FF1E880
    std::uint32_t line_identifier;  // the word at 0x1FF1E8C0 (system.md 1.4)
    std::uint8_t package;           // SYSCFG_PKGR (system.md 4.5)
    std::uint8_t exit_abi;          // arguments of exitSecureArea (D-10)

    bool dsi() const { return line_identifier % 256 == '7'; }  // the x7 lines have a DSI host (system.md 1.3)
    flash::Geometry geometry() const;
    flash::OptionWords factory_options() const;
    /// A flash as ST delivers it: erased, factory option bytes of this part.
    flash::Image factory_image() const;
};

/// System flash of bank 2, in bytes (D-17).
inline constexpr std::size_t kSystemFlash = std::size_t{128} << 10;

// clang-format off
inline constexpr Part kParts[] = {
    //name         CM4    security crypto sectors banks KB  line id      PKGR  exit ABI
    {"STM32H755",  true,  true,  true,  8, 2, 2048, 0x48373535U, 0x3,  2},
    {"STM32H745",  true,  false, false, 8, 2, 2048, 0x48373435U, 0x3,  2},
    {"STM32H757",  true,  true,  true,  8, 2, 2048, 0x48373537U, 0x9,  2},
    {"STM32H747",  true,  false, false, 8, 2, 2048, 0x48373437U, 0x9,  2},
    // G density; the parts with secure access mode are of I density only (F-017, F-020)
    {"STM32H745G", true,  false, false, 4, 2, 1024, 0x48373435U, 0x3,  2},
    {"STM32H747G", true,  false, false, 4, 2, 1024, 0x48373437U, 0x9,  2},
    // one core (flash-driver-view.md 14, rss-sfi-bootloader.md 1.1; decision 0170)
    {"STM32H753",  false, true,  true,  8, 2, 2048, 0x48373533U, 0x3,  1},
    {"STM32H743",  false, false, false, 8, 2, 2048, 0x48373433U, 0x3,  1},
    {"STM32H742",  false, false, false, 8, 2, 2048, 0x48373432U, 0x3,  1},
    {"STM32H750",  false, true,  true,  1, 1,  128, 0x48373530U, 0x3,  1},
    {"STM32H743G", false, false, false, 4, 2, 1024, 0x48373433U, 0x3,  1},
    {"STM32H742G", false, false, false, 4, 2, 1024, 0x48373432U, 0x3,  1},
};
// clang-format on
inline constexpr const Part& kDefaultPart = kParts[0];

/// OPTSR of a delivered chip with one core: what the sample of AN5054 for an H753 shows, with SECURITY off.
inline constexpr std::uint32_t kFactoryOptsrOfOneCore = 0x1006'AAD0;

/// The profile called `name` ("STM32H755", "H755", any case); null when there is none.
const Part* find_part(std::string_view name);

}  // namespace h7::chip

// What every install over a debug cable does first and last: looks at the chip, makes the one option change
// it may need, and takes the result from the RSS itself (rss-sfi-bootloader.md 11.1; D-16).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "rss/host/flasher/debug_link.hpp"
#include "rss/image/detail.hpp"

namespace h7::flasher {

/// What is installed wants of the chip.
struct Needs {
    bool no_areas = true;                   // neither PCROP nor secure-only areas in force
    std::optional<std::uint32_t> ram_size;  // ST_RAM_SIZE; none: any
};

/// "E_RDP: reason", the way the chip itself would say it.
Error refused_with(image::Detail detail, std::string_view reason);

/// 11.1, step 1: what would make the RSS refuse anyway, said before anything is changed.
Result<void> check_chip(DebugLink& link, const Needs& needs);

/// SECURITY=1 and the needed ST_RAM_SIZE: at most one option change, told to `say`. Error (refused): the chip
/// does not take it, or `may_change` is false and it would be needed.
Result<void> prepare_options(DebugLink& link, const Needs& needs, bool may_change,
                             const std::function<void(std::string_view line)>& say);

/// One system reset, and the RSS's own word on what was staged.
Result<void> let_the_rss_install(DebugLink& link, const std::function<void(std::string_view line)>& say);

}  // namespace h7::flasher

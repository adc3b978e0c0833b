// Every block of the map that is present as register storage only (system.md 1.3, 6.12), with the RCC bit
// that clocks it (system.md 4.1). A block that gets a model leaves this table.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "emulator/chip/interconnect.hpp"

namespace h7::chip {

struct StoredBlock {
    std::string_view name;
    Address base = 0;
    Address size = 0x400;
    std::optional<ClockGate> gate;
};

std::span<const StoredBlock> stored_blocks();

}  // namespace h7::chip

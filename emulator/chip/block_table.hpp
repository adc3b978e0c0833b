// Every block of the map that is present as register storage only (system.md 1.3, 6.12), with the RCC bit
// that clocks it (system.md 4.1). A block that gets a model leaves this table.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "emulator/chip/interconnect.hpp"
#include "emulator/chip/part.hpp"
#include "peripherals/storage/habit.hpp"

namespace h7::chip {

struct StoredBlock {
    std::string_view name;
    Address base = 0;
    Address size = 0x400;
    std::optional<ClockGate> gate;
};

std::span<const StoredBlock> stored_blocks();

/// What the block called `name` shows without a model (stored_habits.cpp).
std::span<const storage::Habit> habits_of(std::string_view name);
std::size_t blocks_with_habits();

/// The part has this block: the ART belongs to the CM4.
bool on(const Part& part, const StoredBlock& block);

}  // namespace h7::chip

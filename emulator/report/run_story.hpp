// What a run tells at its two ends: who boots where and why; then how long it was, what reset it, which
// faults came and what was refused. Lines for people, and the same as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/chip/chip.hpp"

namespace h7::report {

struct CoreStory {
    std::string name;   // "CM7"
    bool runs = false;  // false: held
    Address vectors = 0;
    std::string why;  // "BOOT_CM7_ADD0 (BOOT0 low)"
};
/// After power_on(), before the first instruction.
struct StartStory {
    std::string chip;  // "STM32H755, RDP level 0, SECURITY 0, BOOT0 low"
    std::vector<CoreStory> cores;
    bool counts_by_hook = false;  // the slower way to count instructions (docs/portability.md)

    std::vector<std::string> lines() const;
    nlohmann::ordered_json json() const;
};
StartStory start_story(chip::Chip& chip);

/// After the run.
std::vector<std::string> end_lines(chip::Chip& chip);
nlohmann::ordered_json end_json(chip::Chip& chip);

}  // namespace h7::report

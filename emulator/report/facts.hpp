// What a decision about flash contents looked at, with ST's names and the present values.
#pragma once

#include <vector>

#include "emulator/report/explain.hpp"
#include "emulator/report/what_if.hpp"

namespace h7::report {

/// The facts behind `now`, those that decide marked.
std::vector<Fact> facts_behind(chip::Chip& chip, const flash::Judgement& now,
                               const std::vector<WhatIf>& what_ifs);

/// "user flash, bank 1 sector 3, 0x08060000"
std::string place_text(const chip::Chip& chip, const flash::Judgement& now);

/// "0x08000000-0x08001fff" of an area in `bank` (physical), or "none"; visible addresses.
std::string area_text(const security::Area& area, unsigned bank, bool swapped);

}  // namespace h7::report

// What a decision about flash contents looked at, with ST's names and the present values.
#pragma once

#include <vector>

#include "emulator/report/explain.hpp"
#include "emulator/report/what_if.hpp"

namespace h7::report {

/// The facts behind `now`, those that decide marked.
std::vector<Fact> facts_behind(chip::Chip& chip, const flash::Judgement& now,
                               const std::vector<WhatIf>& what_ifs);

/// One option field: "OPTSR_CUR" is where it stands.
Fact option_fact(const chip::Chip& chip, std::string_view name, std::string_view where);
/// The limits of an area ("PROT" in "PRAR", "SEC" in "SCAR") of `bank` (physical).
Fact area_fact(std::string_view kind, std::string_view reg, const security::Area& area, std::uint32_t limits,
               unsigned bank, bool swapped);
/// "a debugger is or was connected since power-on"
std::string intrusion_text(const security::SecureMode& mode);

/// "user flash, bank 1 sector 3, 0x08060000"
std::string place_text(const chip::Chip& chip, const flash::Judgement& now);

/// "0x08000000-0x08001fff" of an area in `bank` (physical), or "none"; visible addresses.
std::string area_text(const security::Area& area, unsigned bank, bool swapped);

}  // namespace h7::report

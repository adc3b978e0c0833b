// What `run --check-caches` found, for people and for --json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/chip/cache_checker.hpp"
#include "emulator/loader/program.hpp"

namespace h7::cli {

/// One line a finding: who read what where, who wrote it, and what is missing in between.
std::string line_of(const chip::CacheFinding& finding, const std::vector<loader::Program>& programs);
nlohmann::ordered_json json_of(const std::vector<chip::CacheFinding>& findings,
                               const std::vector<loader::Program>& programs);
/// "2 pairs of instructions, 40 accesses"; "" when nothing was found.
std::string summary_of(const std::vector<chip::CacheFinding>& findings);

}  // namespace h7::cli

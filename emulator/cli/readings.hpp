// The readings of a chip that is made: --reading NAME=VALUE.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/result.hpp"

namespace h7::cli {

/// Adds --reading; its help lists what may be chosen.
void add_readings(CLI::App& command, std::vector<std::string>& texts);

/// `kept` with the readings of the command line over it, without those that are the default. Error (misuse):
/// not NAME=VALUE, an unknown name or value, a name given twice.
Result<std::map<std::string, std::string>> with_readings(std::map<std::string, std::string> kept,
                                                         const std::vector<std::string>& texts);

}  // namespace h7::cli

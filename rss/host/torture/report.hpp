// A report for people, for programs and for a CI server. No times in any of them: the same run gives the same
// bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rss/host/torture/torture.hpp"

namespace h7::torture {

/// Groups, how their cases ended, every violation with the command that brings it back (`command` and --only
/// NAME), and the last line: cycles, reads, violations.
std::string table(const Report& report, std::string_view command);
nlohmann::ordered_json to_json(const Report& report, std::string_view command);
std::string junit(const Report& report, std::string_view command);

}  // namespace h7::torture

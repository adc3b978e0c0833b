// What --json prints: one object a run, of the versioned schema in docs/json.md.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace h7::cli {

/// Grows when a member changes its meaning or goes; a new member is no new version.
inline constexpr int kJsonSchema = 1;

/// Prints {"schema": 1, "verb": "chip show", members..}. Bytes that are no UTF-8 (file names) become U+FFFD.
void print_json(std::string_view verb, const nlohmann::ordered_json& members);
/// The same of an object that another room wrote as text.
void print_json_text(std::string_view verb, std::string_view object);

}  // namespace h7::cli

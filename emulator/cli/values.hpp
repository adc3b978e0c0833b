// Values as people type them on a command line.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/result.hpp"
#include "emulator/fabric/clock.hpp"

namespace h7::cli {

/// "2s", "1.5ms", "300us", "20ns". Error (misuse, names `option`): no number, no unit, or more than 200 days.
Result<Time> parse_time(std::string_view option, std::string_view text);

/// A check for options that take a whole number: "" for 0 to 2^64-1 in decimal or 0x hexadecimal, else what
/// is wrong. The parser itself would take -1 and 99999999999999999999 for 2^64-1, and 010 for 8.
std::string whole_number(const std::string& text);

/// The shortest spelling parse_time would read back: "2s", "1500us".
std::string time_text(Time time);

}  // namespace h7::cli

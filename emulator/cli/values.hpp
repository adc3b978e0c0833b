// Values as people type them on a command line.
#pragma once

#include <string_view>

#include "emulator/base/result.hpp"
#include "emulator/fabric/clock.hpp"

namespace h7::cli {

/// "2s", "1.5ms", "300us", "20ns". Error (misuse, names `option`): no number, no unit, or more than 200 days.
Result<Time> parse_time(std::string_view option, std::string_view text);

/// The shortest spelling parse_time would read back: "2s", "1500us".
std::string time_text(Time time);

}  // namespace h7::cli

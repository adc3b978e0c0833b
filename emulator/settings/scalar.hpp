// The values of TOML that are one word or one text.
#pragma once

#include "emulator/settings/characters.hpp"

namespace h7::settings {

/// A text in quotes of any kind; the cursor stands on the first of them.
Result<std::string> text(Characters& in);

/// true, false, a whole number or a decimal one. Dates are refused.
Result<void> word(Characters& in, Value& value);

}  // namespace h7::settings

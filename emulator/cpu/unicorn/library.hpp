// Is the Unicorn library the one this program was made for? Asked once, before the first engine, because the
// engine reaches into it (layout.hpp, interposition.cpp). Error: one line that says what is different and
// what to install.
#pragma once

#include <string_view>

#include "emulator/base/result.hpp"

namespace h7::cpu {

/// Version, layout, and behaviour: counting, exact faults, ITSTATE, fast stores.
Result<void> check_library();

/// The first part alone. `version` as uc_version() gives it.
Result<void> check_version(unsigned version);

/// The refusal of a library of the right version in which `what` ("the layout of its structures") differs.
Error different(std::string_view what);

}  // namespace h7::cpu

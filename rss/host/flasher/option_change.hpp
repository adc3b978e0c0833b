// One option-byte change from outside, as STM32CubeProgrammer's -ob makes it: through AP0, by the registers,
// judged by the hardware's own rules (F-137..F-176).
#pragma once

#include "peripherals/flash/image.hpp"
#include "rss/host/flasher/debug_link.hpp"

namespace h7::flasher {

/// Asks the chip for `wanted` (words by physical bank) in one change. Returns whether anything differed.
/// Errors (refused): the debug port is closed, or OPTCHANGEERR; the message names the field and the rule, and
/// the options are what they were.
Result<bool> change_options(DebugLink& link, const flash::OptionWords& wanted);

}  // namespace h7::flasher

// PA13 and PA14, the debug pins. The RSS takes them away from the debug port where a secure area exists and
// user code gives them back (rss-sfi-bootloader.md 1.7).
#pragma once

#include "rss/install/machine.hpp"

namespace h7::rss {

/// Input, no pull, slow: nobody can attach through the pins.
void take_debug_pins(Machine& machine);
/// The reset state: alternate function 0, pull-up on SWDIO, pull-down on SWCLK.
void give_back_debug_pins(Machine& machine);

}  // namespace h7::rss

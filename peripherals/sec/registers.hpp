// Not in RM0399; the layout is spec/rss-sfi-bootloader.md 3.1.
#pragma once

#include "peripherals/sec/sec.hpp"

namespace h7::sec {

// clang-format off
inline constexpr Register<Sec> Sec::registers[1] = {
    // Writes can only clear: a 1 leaves the bit as it is.
    {.offset = 0x000, .name = "CONFSEC", .fields = {
         {bit(0), "SYSTEM_OPEN", rc_w0},     // RSS and secure system memory
         {bit(1), "USER_OPEN",   rc_w0}},    // secure user memory
     .written = &Sec::close, .live = &Sec::confsec},
};
// clang-format on
static_assert(well_formed(Sec::registers));

}  // namespace h7::sec

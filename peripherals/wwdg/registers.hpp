// RM0399, "WWDG registers" (system.md 6.5).
#pragma once

#include "peripherals/wwdg/wwdg.hpp"

namespace h7::wwdg {

// clang-format off
inline constexpr Register<Wwdg> Wwdg::registers[3] = {
    {.offset = 0x00, .name = "CR", .reset = 0x0000'007F, .fields = {
         {bits(6, 0),   "T",        rw}, {bit(7),       "WDGA",     rs}},
     .written = &Wwdg::control_written, .live = &Wwdg::control},
    {.offset = 0x04, .name = "CFR", .reset = 0x0000'007F, .fields = {
         {bits(6, 0),   "W",        rw}, {bit(9),       "EWI",      rs}, {bits(13, 11), "WDGTB",    rw}},
     .written = &Wwdg::configuration_written},
    {.offset = 0x08, .name = "SR", .fields = {
         {bit(0),       "EWIF",     rc_w0}}},
};
// clang-format on
static_assert(well_formed(Wwdg::registers), "two WWDG fields overlap, or a reserved bit has a reset value");

}  // namespace h7::wwdg

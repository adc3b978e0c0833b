// RM0399, "RNG registers" (system.md 6.7).
#pragma once

#include "peripherals/rng/rng.hpp"

namespace h7::rng {

// clang-format off
inline constexpr Register<Rng> Rng::registers[3] = {
    {.offset = 0x00, .name = "CR", .fields = {
         {bit(2),       "RNGEN",    rw}, {bit(3),       "IE",       rw}, {bit(5),       "CED",      rw}},
     .written = &Rng::control_written},
    {.offset = 0x04, .name = "SR", .fields = {
         {bit(0),       "DRDY",     r }, {bit(1),       "CECS",     r }, {bit(2),       "SECS",     r },
         {bit(5),       "CEIS",     rc_w0}, {bit(6),    "SEIS",     rc_w0}},
     .live = &Rng::status},
    {.offset = 0x08, .name = "DR", .fields = {
         {bits(31, 0),  "RNDATA",   r }},
     .taken = &Rng::take},
};
// clang-format on
static_assert(well_formed(Rng::registers), "two RNG fields overlap, or a reserved bit has a reset value");

}  // namespace h7::rng

// RM0399, "HSEM registers" (system.md 5.3).
#pragma once

#include "peripherals/hsem/hsem.hpp"

namespace h7::hsem {

// clang-format off
inline constexpr Register<Hsem> Hsem::registers[12] = {
    {.offset = 0x000, .name = "R",     .fields = {{bits(7, 0), "PROCID", rw}, {bits(11, 8), "COREID", rw}, {bit(31), "LOCK", rw}},
     .count = kSemaphores, .writable = &Hsem::may_write, .written = &Hsem::written},
    {.offset = 0x080, .name = "RLR",   .fields = {{bits(7, 0), "PROCID", r }, {bits(11, 8), "COREID", r }, {bit(31), "LOCK", r }},
     .count = kSemaphores, .taken = &Hsem::take},

    {.offset = 0x100, .name = "C1IER",  .fields = {{bits(31, 0), "ISE",  rw}}, .written = &Hsem::enable_written},
    {.offset = 0x104, .name = "C1ICR",  .fields = {{bits(31, 0), "ISC",  w }}, .written = &Hsem::clear1},
    {.offset = 0x108, .name = "C1ISR",  .fields = {{bits(31, 0), "ISF",  r }}},
    {.offset = 0x10C, .name = "C1MISR", .fields = {{bits(31, 0), "MISF", r }}, .live = &Hsem::masked1},
    {.offset = 0x110, .name = "C2IER",  .fields = {{bits(31, 0), "ISE",  rw}}, .written = &Hsem::enable_written},
    {.offset = 0x114, .name = "C2ICR",  .fields = {{bits(31, 0), "ISC",  w }}, .written = &Hsem::clear2},
    {.offset = 0x118, .name = "C2ISR",  .fields = {{bits(31, 0), "ISF",  r }}},
    {.offset = 0x11C, .name = "C2MISR", .fields = {{bits(31, 0), "MISF", r }}, .live = &Hsem::masked2},

    {.offset = 0x140, .name = "CR",     .fields = {{bits(11, 8), "COREID", w}, {bits(31, 16), "KEY", w}},
     .writable = &Hsem::may_clear, .written = &Hsem::clear_all},
    {.offset = 0x144, .name = "KEYR",   .fields = {{bits(31, 16), "KEY", rw}}},
};
// clang-format on
static_assert(well_formed(Hsem::registers), "two HSEM fields overlap, or a reserved bit has a reset value");

}  // namespace h7::hsem

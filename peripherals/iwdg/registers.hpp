// RM0399, "IWDG registers" (system.md 6.4). The update flags of SR are never seen: values cross to LSI at
// once.
#pragma once

#include "peripherals/iwdg/iwdg.hpp"

namespace h7::iwdg {

// clang-format off
inline constexpr Register<Iwdg> Iwdg::registers[5] = {
    {.offset = 0x00, .name = "KR", .fields = {
         {bits(15, 0),  "KEY",      w }},
     .written = &Iwdg::key_written},
    {.offset = 0x04, .name = "PR", .fields = {
         {bits(2, 0),   "PR",       rw}},
     .writable = &Iwdg::unlocked, .written = &Iwdg::prescaler_written},
    {.offset = 0x08, .name = "RLR", .reset = 0x0000'0FFF, .fields = {
         {bits(11, 0),  "RL",       rw}},
     .writable = &Iwdg::unlocked},
    {.offset = 0x0C, .name = "SR", .fields = {
         {bit(0),       "PVU",      r }, {bit(1),       "RVU",      r }, {bit(2),       "WVU",      r }}},
    {.offset = 0x10, .name = "WINR", .reset = 0x0000'0FFF, .fields = {
         {bits(11, 0),  "WIN",      rw}},
     .writable = &Iwdg::unlocked, .written = &Iwdg::window_written},
};
// clang-format on
static_assert(well_formed(Iwdg::registers), "two IWDG fields overlap, or a reserved bit has a reset value");

}  // namespace h7::iwdg

// RM0399, "CRC registers" (system.md 6.8).
#pragma once

#include "peripherals/crc/crc.hpp"

namespace h7::crc {

// clang-format off
inline constexpr Register<Crc> Crc::registers[5] = {
    {.offset = 0x00, .name = "DR", .reset = 0xFFFF'FFFF, .fields = {
         {bits(31, 0),  "DR",       rw}},
     .written = &Crc::data_written, .live = &Crc::result},
    {.offset = 0x04, .name = "IDR", .fields = {
         {bits(31, 0),  "IDR",      rw}}},
    {.offset = 0x08, .name = "CR", .fields = {
         {bit(0),       "RESET",    w }, {bits(4, 3),   "POLYSIZE", rw}, {bits(6, 5),   "REV_IN",   rw},
         {bit(7),       "REV_OUT",  rw}},
     .written = &Crc::control_written},
    {.offset = 0x10, .name = "INIT", .reset = 0xFFFF'FFFF, .fields = {
         {bits(31, 0),  "CRC_INIT", rw}},
     .written = &Crc::initial_written},
    {.offset = 0x14, .name = "POL", .reset = 0x04C1'1DB7, .fields = {
         {bits(31, 0),  "POL",      rw}}},
};
// clang-format on
static_assert(well_formed(Crc::registers), "two CRC fields overlap, or a reserved bit has a reset value");

}  // namespace h7::crc

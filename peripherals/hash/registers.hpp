// RM0399, "HASH registers" (system.md 6.9).
#pragma once

#include "peripherals/hash/hash.hpp"

namespace h7::hash {

// clang-format off
inline constexpr Register<Hash> Hash::registers[8] = {
    {.offset = 0x000, .name = "CR", .fields = {
         {bit(2),       "INIT",     w }, {bit(3),       "DMAE",     rw}, {bits(5, 4),   "DATATYPE", rw},
         {bit(6),       "MODE",     rw}, {bit(7),       "ALGO0",    rw}, {bits(11, 8),  "NBW",      r },
         {bit(12),      "DINNE",    r }, {bit(13),      "MDMAT",    rw}, {bit(16),      "LKEY",     rw},
         {bit(18),      "ALGO1",    rw}},
     .written = &Hash::control_written, .live = &Hash::control},
    {.offset = 0x004, .name = "DIN", .fields = {
         {bits(31, 0),  "DATAIN",   rw}},
     .written = &Hash::data_written},
    {.offset = 0x008, .name = "STR", .fields = {
         {bits(4, 0),   "NBLW",     rw}, {bit(8),       "DCAL",     w }},
     .written = &Hash::start_written},
    {.offset = 0x00C, .name = "HRA", .fields = {
         {bits(31, 0),  "H",        r }},
     .count = 5, .live = &Hash::result},
    {.offset = 0x020, .name = "IMR", .fields = {
         {bit(0),       "DINIE",    rw}, {bit(1),       "DCIE",     rw}}},
    {.offset = 0x024, .name = "SR", .reset = 0x0000'0001, .fields = {
         {bit(0),       "DINIS",    rc_w0}, {bit(1),    "DCIS",     rc_w0}, {bit(2),    "DMAS",     r },
         {bit(3),       "BUSY",     r }}},
    {.offset = 0x0F8, .name = "CSR", .fields = {
         {bits(31, 0),  "CS",       rw}},
     .count = kContextWords, .written = &Hash::context_written, .live = &Hash::context},
    {.offset = 0x310, .name = "HR", .fields = {
         {bits(31, 0),  "H",        r }},
     .count = kResultWords, .live = &Hash::result},
};
// clang-format on
static_assert(well_formed(Hash::registers), "two HASH fields overlap, or a reserved bit has a reset value");

}  // namespace h7::hash

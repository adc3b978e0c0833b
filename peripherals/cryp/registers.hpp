// RM0399, "CRYP registers" (system.md 6.9).
#pragma once

#include "peripherals/cryp/cryp.hpp"

namespace h7::cryp {

// clang-format off
inline constexpr Register<Cryp> Cryp::registers[12] = {
    {.offset = 0x00, .name = "CR", .fields = {
         {bit(2),       "ALGODIR",  rw}, {bits(5, 3),   "ALGOMODE", rw}, {bits(7, 6),   "DATATYPE", rw},
         {bits(9, 8),   "KEYSIZE",  rw}, {bit(14),      "FFLUSH",   w }, {bit(15),      "CRYPEN",   rw},
         {bits(17, 16), "GCM_CCMPH", rw}, {bit(19),     "ALGOMODE3", rw}, {bits(23, 20), "NPBLB",   rw}},
     .written = &Cryp::control_written},
    {.offset = 0x04, .name = "SR", .reset = 0x0000'0003, .fields = {
         {bit(0),       "IFEM",     r }, {bit(1),       "IFNF",     r }, {bit(2),       "OFNE",     r },
         {bit(3),       "OFFU",     r }, {bit(4),       "BUSY",     r }},
     .live = &Cryp::status},
    {.offset = 0x08, .name = "DIN", .fields = {
         {bits(31, 0),  "DATAIN",   rw}},
     .written = &Cryp::data_written},
    {.offset = 0x0C, .name = "DOUT", .fields = {
         {bits(31, 0),  "DATAOUT",  r }},
     .taken = &Cryp::take},
    {.offset = 0x10, .name = "DMACR", .fields = {
         {bit(0),       "DIEN",     rw}, {bit(1),       "DOEN",     rw}}},
    {.offset = 0x14, .name = "IMSCR", .fields = {
         {bit(0),       "INIM",     rw}, {bit(1),       "OUTIM",    rw}}},
    {.offset = 0x18, .name = "RISR", .reset = 0x0000'0001, .fields = {
         {bit(0),       "INRIS",    r }, {bit(1),       "OUTRIS",   r }},
     .live = &Cryp::requests},
    {.offset = 0x1C, .name = "MISR", .fields = {
         {bit(0),       "INMIS",    r }, {bit(1),       "OUTMIS",   r }},
     .live = &Cryp::masked_requests},
    {.offset = 0x20, .name = "K", .fields = {  // K0LR, K0RR .. K3RR
         {bits(31, 0),  "K",        w }},
     .count = 8, .writable = &Cryp::stands, .written = &Cryp::key_written},
    {.offset = 0x40, .name = "IV", .fields = {  // IV0LR, IV0RR, IV1LR, IV1RR
         {bits(31, 0),  "IV",       rw}},
     .count = 4},
    {.offset = 0x50, .name = "CSGCMCCMR", .fields = {
         {bits(31, 0),  "CS",       rw}},
     .count = 8, .written = &Cryp::context_written, .live = &Cryp::context},
    {.offset = 0x70, .name = "CSGCMR", .fields = {
         {bits(31, 0),  "CS",       rw}},
     .count = 8, .written = &Cryp::hash_key_written, .live = &Cryp::hash_key},
};
// clang-format on
static_assert(well_formed(Cryp::registers), "two CRYP fields overlap, or a reserved bit has a reset value");

}  // namespace h7::cryp

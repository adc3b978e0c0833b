// RM0399, "LPTIM registers". CFGR2 exists in LPTIM1 to LPTIM3.
#pragma once

#include "peripherals/lptim/lptim.hpp"

namespace h7::lptim {

// clang-format off
inline constexpr Register<Lptim> Lptim::registers[9] = {
    {.offset = 0x00, .name = "ISR", .fields = {
         {bit(0),       "CMPM",     r }, {bit(1),       "ARRM",     r }, {bit(2),       "EXTTRIG",  r },
         {bit(3),       "CMPOK",    r }, {bit(4),       "ARROK",    r }, {bit(5),       "UP",       r },
         {bit(6),       "DOWN",     r }}},
    {.offset = 0x04, .name = "ICR", .fields = {
         {bit(0),       "CMPMCF",   w }, {bit(1),       "ARRMCF",   w }, {bit(2),       "EXTTRIGCF", w},
         {bit(3),       "CMPOKCF",  w }, {bit(4),       "ARROKCF",  w }, {bit(5),       "UPCF",     w },
         {bit(6),       "DOWNCF",   w }},
     .written = &Lptim::clear_written},
    {.offset = 0x08, .name = "IER", .fields = {
         {bit(0),       "CMPMIE",   rw}, {bit(1),       "ARRMIE",   rw}, {bit(2),       "EXTTRIGIE", rw},
         {bit(3),       "CMPOKIE",  rw}, {bit(4),       "ARROKIE",  rw}, {bit(5),       "UPIE",     rw},
         {bit(6),       "DOWNIE",   rw}},
     .writable = &Lptim::when_disabled},
    {.offset = 0x0C, .name = "CFGR", .fields = {
         {bit(0),       "CKSEL",    rw}, {bits(2, 1),   "CKPOL",    rw}, {bits(4, 3),   "CKFLT",    not_modelled},
         {bits(7, 6),   "TRGFLT",   not_modelled}, {bits(11, 9), "PRESC", rw}, {bits(15, 13), "TRIGSEL", not_modelled},
         {bits(18, 17), "TRIGEN",   rw}, {bit(19),      "TIMOUT",   not_modelled}, {bit(20), "WAVE", rw},
         {bit(21),      "WAVPOL",   rw}, {bit(22), "PRELOAD", rw}, {bit(23), "COUNTMODE", rw},
         {bit(24),      "ENC",      rw}},
     .writable = &Lptim::when_disabled},
    {.offset = 0x10, .name = "CR", .fields = {
         {bit(0),       "ENABLE",   rw}, {bit(1),       "SNGSTRT",  w }, {bit(2),       "CNTSTRT",  w },
         {bit(3),       "COUNTRST", w }, {bit(4),       "RSTARE",   rw}},
     .written = &Lptim::control_written},
    {.offset = 0x14, .name = "CMP", .fields = {
         {bits(15, 0),  "CMP",      rw}},
     .writable = &Lptim::when_enabled, .written = &Lptim::compare_written},
    {.offset = 0x18, .name = "ARR", .reset = 0x0000'0001, .fields = {
         {bits(15, 0),  "ARR",      rw}},
     .writable = &Lptim::when_enabled, .written = &Lptim::reload_written},
    {.offset = 0x1C, .name = "CNT", .fields = {
         {bits(15, 0),  "CNT",      r }},
     .live = &Lptim::count},
    {.offset = 0x24, .name = "CFGR2", .fields = {
         {bits(1, 0),   "IN1SEL",   not_modelled}, {bits(5, 4), "IN2SEL", not_modelled}}},
};
// clang-format on
static_assert(well_formed(Lptim::registers), "two LPTIM fields overlap, or a reserved bit has a reset value");

}  // namespace h7::lptim

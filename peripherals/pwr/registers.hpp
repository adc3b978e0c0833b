// RM0399, "PWR registers" (system.md 4.4).
#pragma once

#include "peripherals/pwr/pwr.hpp"

namespace h7::pwr {

// clang-format off
inline constexpr Register<Pwr> Pwr::registers[10] = {
    {.offset = 0x00, .name = "CR1", .reset = 0xF000'C000, .fields = {
         {bit(0),       "LPDS",     rw}, {bit(4),       "PVDE",     rw}, {bits(7, 5),   "PLS",      rw},
         {bit(8),       "DBP",      rw}, {bit(9),       "FLPS",     rw}, {bits(15, 14), "SVOS",     rw},
         {bit(16),      "AVDEN",    rw}, {bits(18, 17), "ALS",      rw}, {bits(31, 28), "RESERVED", r }},
     .written = &Pwr::control_written},

    {.offset = 0x04, .name = "CSR1", .reset = 0x0000'4000, .fields = {
         {bit(4),       "PVDO",     r }, {bit(13),      "ACTVOSRDY", r}, {bits(15, 14), "ACTVOS",   r },
         {bit(16),      "AVDO",     r }}},

    {.offset = 0x08, .name = "CR2", .fields = {
         {bit(0),       "BREN",     rw}, {bit(4),       "MONEN",    rw}, {bit(16),      "BRRDY",    r },
         {bit(20),      "VBATL",    r }, {bit(21),      "VBATH",    r }, {bit(22),      "TEMPL",    r },
         {bit(23),      "TEMPH",    r }},
     .writable = &Pwr::dbp_open, .written = &Pwr::backup_written},

    {.offset = 0x0C, .name = "CR3", .reset = 0x0000'0006, .fields = {
         {bit(0),       "BYPASS",   rw}, {bit(1),       "LDOEN",    rw}, {bit(2),       "SDEN",     rw},
         {bit(3),       "SDEXTHP",  rw}, {bits(5, 4),   "SDLEVEL",  rw}, {bit(8),       "VBE",      rw},
         {bit(9),       "VBRS",     rw}, {bit(16),      "SDEXTRDY", r }, {bit(24),      "USB33DEN", rw},
         {bit(25),      "USBREGEN", rw}, {bit(26),      "USB33RDY", r }},
     .written = &Pwr::supply_written},

    {.offset = 0x10, .name = "CPU1CR", .fields = {
         {bit(0),       "PDDS_D1",  rw}, {bit(1),       "PDDS_D2",  rw}, {bit(2),       "PDDS_D3",  rw},
         {bit(4),       "HOLD2F",   r }, {bit(5),       "STOPF",    r }, {bit(6),       "SBF",      r },
         {bit(7),       "SBF_D1",   r }, {bit(8),       "SBF_D2",   r }, {bit(9),       "CSSF",     w },
         {bit(10),      "HOLD2",    rw}, {bit(11),      "RUN_D3",   rw}},
     .written = &Pwr::low_power_written},

    {.offset = 0x14, .name = "CPU2CR", .fields = {
         {bit(0),       "PDDS_D1",  rw}, {bit(1),       "PDDS_D2",  rw}, {bit(2),       "PDDS_D3",  rw},
         {bit(4),       "HOLD1F",   r }, {bit(5),       "STOPF",    r }, {bit(6),       "SBF",      r },
         {bit(7),       "SBF_D1",   r }, {bit(8),       "SBF_D2",   r }, {bit(9),       "CSSF",     w },
         {bit(10),      "HOLD1",    rw}, {bit(11),      "RUN_D3",   rw}},
     .written = &Pwr::low_power_written},

    // VOSRDY is already 1 when the first instruction looks; the manual prints 0x0000'4000.
    {.offset = 0x18, .name = "D3CR", .reset = 0x0000'6000, .fields = {
         {bit(13),      "VOSRDY",   r }, {bits(15, 14), "VOS",      rw}},
     .written = &Pwr::scaling_written},

    {.offset = 0x20, .name = "WKUPCR", .fields = {
         {bits(5, 0),   "WKUPC",    w }},
     .written = &Pwr::wakeup_cleared},

    {.offset = 0x24, .name = "WKUPFR", .fields = {
         {bits(5, 0),   "WKUPF",    r }}},

    {.offset = 0x28, .name = "WKUPEPR", .fields = {
         {bits(5, 0),   "WKUPEN",   rw}, {bits(13, 8),  "WKUPP",    rw}, {bits(27, 16), "WKUPPUPD", rw}}},
};
// clang-format on
static_assert(well_formed(Pwr::registers), "two PWR fields overlap, or a reserved bit has a reset value");

}  // namespace h7::pwr

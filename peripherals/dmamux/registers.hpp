// RM0399 18.6, "DMAMUX registers", as DMAMUX1 and DMAMUX2 have them together: what one of them lacks is in
// dmamux.cpp.
#pragma once

#include "peripherals/dmamux/dmamux.hpp"

namespace h7::dmamux {

// clang-format off
inline constexpr Register<Dmamux> Dmamux::registers[6] = {
    {.offset = 0x000, .name = "CxCR", .fields = {
         {bits(6, 0),   "DMAREQ_ID", rw}, {bit(8),       "SOIE",  rw}, {bit(9), "EGE", rw},
         {bit(16),      "SE",        rw}, {bits(18, 17), "SPOL",  rw},
         {bits(23, 19), "NBREQ",     rw}, {bits(28, 24), "SYNC_ID", rw}},
     .count = kChannels, .writable = &Dmamux::channel_writable, .written = &Dmamux::channel_written},
    {.offset = 0x080, .name = "CSR", .fields = {
         {bit(0), "SOF0", r}, {bit(1), "SOF1", r}, {bit(2), "SOF2", r}, {bit(3), "SOF3", r},
         {bit(4), "SOF4", r}, {bit(5), "SOF5", r}, {bit(6), "SOF6", r}, {bit(7), "SOF7", r},
         {bit(8), "SOF8", r}, {bit(9), "SOF9", r}, {bit(10), "SOF10", r}, {bit(11), "SOF11", r},
         {bit(12), "SOF12", r}, {bit(13), "SOF13", r}, {bit(14), "SOF14", r}, {bit(15), "SOF15", r}}},
    {.offset = 0x084, .name = "CFR", .fields = {
         {bit(0), "CSOF0", w}, {bit(1), "CSOF1", w}, {bit(2), "CSOF2", w}, {bit(3), "CSOF3", w},
         {bit(4), "CSOF4", w}, {bit(5), "CSOF5", w}, {bit(6), "CSOF6", w}, {bit(7), "CSOF7", w},
         {bit(8), "CSOF8", w}, {bit(9), "CSOF9", w}, {bit(10), "CSOF10", w}, {bit(11), "CSOF11", w},
         {bit(12), "CSOF12", w}, {bit(13), "CSOF13", w}, {bit(14), "CSOF14", w}, {bit(15), "CSOF15", w}},
     .written = &Dmamux::overruns_cleared},
    {.offset = 0x100, .name = "RGxCR", .fields = {
         {bits(4, 0),   "SIG_ID", rw}, {bit(8), "OIE", rw}, {bit(16), "GE", rw},
         {bits(18, 17), "GPOL",   rw}, {bits(23, 19), "GNBREQ", rw}},
     .count = kGenerators, .writable = &Dmamux::generator_writable, .written = &Dmamux::generator_written},
    {.offset = 0x140, .name = "RGSR", .fields = {
         {bit(0), "OF0", r}, {bit(1), "OF1", r}, {bit(2), "OF2", r}, {bit(3), "OF3", r},
         {bit(4), "OF4", r}, {bit(5), "OF5", r}, {bit(6), "OF6", r}, {bit(7), "OF7", r}}},
    {.offset = 0x144, .name = "RGCFR", .fields = {
         {bit(0), "COF0", w}, {bit(1), "COF1", w}, {bit(2), "COF2", w}, {bit(3), "COF3", w},
         {bit(4), "COF4", w}, {bit(5), "COF5", w}, {bit(6), "COF6", w}, {bit(7), "COF7", w}},
     .written = &Dmamux::triggers_cleared},
};
// clang-format on
static_assert(well_formed(Dmamux::registers));

}  // namespace h7::dmamux

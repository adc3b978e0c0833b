// RM0399 17.6, "BDMA registers". Eight channels of the same layout, 0x14 bytes apart.
#pragma once

#include "peripherals/bdma/bdma.hpp"

namespace h7::bdma {

// clang-format off
inline constexpr Register<Bdma> Bdma::registers[7] = {
    {.offset = 0x00, .name = "ISR", .fields = {
         {bit(0), "GIF0", r}, {bit(1), "TCIF0", r}, {bit(2), "HTIF0", r}, {bit(3), "TEIF0", r},
         {bit(4), "GIF1", r}, {bit(5), "TCIF1", r}, {bit(6), "HTIF1", r}, {bit(7), "TEIF1", r},
         {bit(8), "GIF2", r}, {bit(9), "TCIF2", r}, {bit(10), "HTIF2", r}, {bit(11), "TEIF2", r},
         {bit(12), "GIF3", r}, {bit(13), "TCIF3", r}, {bit(14), "HTIF3", r}, {bit(15), "TEIF3", r},
         {bit(16), "GIF4", r}, {bit(17), "TCIF4", r}, {bit(18), "HTIF4", r}, {bit(19), "TEIF4", r},
         {bit(20), "GIF5", r}, {bit(21), "TCIF5", r}, {bit(22), "HTIF5", r}, {bit(23), "TEIF5", r},
         {bit(24), "GIF6", r}, {bit(25), "TCIF6", r}, {bit(26), "HTIF6", r}, {bit(27), "TEIF6", r},
         {bit(28), "GIF7", r}, {bit(29), "TCIF7", r}, {bit(30), "HTIF7", r}, {bit(31), "TEIF7", r}}},
    {.offset = 0x04, .name = "IFCR", .fields = {
         {bit(0), "CGIF0", w}, {bit(1), "CTCIF0", w}, {bit(2), "CHTIF0", w}, {bit(3), "CTEIF0", w},
         {bit(4), "CGIF1", w}, {bit(5), "CTCIF1", w}, {bit(6), "CHTIF1", w}, {bit(7), "CTEIF1", w},
         {bit(8), "CGIF2", w}, {bit(9), "CTCIF2", w}, {bit(10), "CHTIF2", w}, {bit(11), "CTEIF2", w},
         {bit(12), "CGIF3", w}, {bit(13), "CTCIF3", w}, {bit(14), "CHTIF3", w}, {bit(15), "CTEIF3", w},
         {bit(16), "CGIF4", w}, {bit(17), "CTCIF4", w}, {bit(18), "CHTIF4", w}, {bit(19), "CTEIF4", w},
         {bit(20), "CGIF5", w}, {bit(21), "CTCIF5", w}, {bit(22), "CHTIF5", w}, {bit(23), "CTEIF5", w},
         {bit(24), "CGIF6", w}, {bit(25), "CTCIF6", w}, {bit(26), "CHTIF6", w}, {bit(27), "CTEIF6", w},
         {bit(28), "CGIF7", w}, {bit(29), "CTCIF7", w}, {bit(30), "CHTIF7", w}, {bit(31), "CTEIF7", w}},
     .written = &Bdma::flags_cleared},
    {.offset = 0x08, .name = "CCR", .fields = {
         {bit(0),       "EN",    rw}, {bit(1),       "TCIE",  rw}, {bit(2), "HTIE",    rw},
         {bit(3),       "TEIE",  rw}, {bit(4),       "DIR",   rw}, {bit(5), "CIRC",    rw},
         {bit(6),       "PINC",  rw}, {bit(7),       "MINC",  rw}, {bits(9, 8), "PSIZE", rw},
         {bits(11, 10), "MSIZE", rw}, {bits(13, 12), "PL",    rw}, {bit(14), "MEM2MEM", rw},
         {bit(15),      "DBM",   rw}, {bit(16),      "CT",    rw}},
     .count = kChannels, .stride = 0x14, .written = &Bdma::control_written},
    {.offset = 0x0C, .name = "CNDTR", .fields = {
         {bits(15, 0),  "NDT",   rw}},
     .count = kChannels, .stride = 0x14, .written = &Bdma::count_written},
    {.offset = 0x10, .name = "CPAR", .fields = {
         {bits(31, 0),  "PA",    rw}},
     .count = kChannels, .stride = 0x14},
    {.offset = 0x14, .name = "CM0AR", .fields = {
         {bits(31, 0),  "MA",    rw}},
     .count = kChannels, .stride = 0x14},
    {.offset = 0x18, .name = "CM1AR", .fields = {
         {bits(31, 0),  "MA",    rw}},
     .count = kChannels, .stride = 0x14},
};
// clang-format on
static_assert(well_formed(Bdma::registers));

}  // namespace h7::bdma

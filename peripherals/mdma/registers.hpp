// RM0399 15.5, "MDMA registers". Sixteen channels of the same layout, 0x40 bytes apart. Bursts are single
// accesses in a row here, BWM has nothing to buffer.
#pragma once

#include "peripherals/mdma/mdma.hpp"

namespace h7::mdma {

// clang-format off
inline constexpr Register<Mdma> Mdma::registers[14] = {
    {.offset = 0x00, .name = "GISR0", .fields = {
         {bit(0), "GIF0", r}, {bit(1), "GIF1", r}, {bit(2), "GIF2", r}, {bit(3), "GIF3", r},
         {bit(4), "GIF4", r}, {bit(5), "GIF5", r}, {bit(6), "GIF6", r}, {bit(7), "GIF7", r},
         {bit(8), "GIF8", r}, {bit(9), "GIF9", r}, {bit(10), "GIF10", r}, {bit(11), "GIF11", r},
         {bit(12), "GIF12", r}, {bit(13), "GIF13", r}, {bit(14), "GIF14", r}, {bit(15), "GIF15", r}},
     .live = &Mdma::global_status},
    {.offset = 0x40, .name = "CxISR", .fields = {
         {bit(0), "TEIF", r}, {bit(1), "CTCIF", r}, {bit(2), "BRTIF", r}, {bit(3), "BTIF", r},
         {bit(4), "TCIF", r}, {bit(16), "CRQA", r}},
     .count = kChannels, .stride = 0x40},
    {.offset = 0x44, .name = "CxIFCR", .fields = {
         {bit(0), "CTEIF", w}, {bit(1), "CCTCIF", w}, {bit(2), "CBRTIF", w}, {bit(3), "CBTIF", w},
         {bit(4), "CLTCIF", w}},
     .count = kChannels, .stride = 0x40, .written = &Mdma::flags_cleared},
    {.offset = 0x48, .name = "CxESR", .fields = {
         {bits(6, 0), "TEA", r}, {bit(7), "TED", r}, {bit(8), "TELD", r}, {bit(9), "TEMD", r},
         {bit(10), "ASE", r}, {bit(11), "BSE", r}},
     .count = kChannels, .stride = 0x40},
    {.offset = 0x4C, .name = "CxCR", .fields = {
         {bit(0),  "EN",   rw}, {bit(1),  "TEIE", rw}, {bit(2),  "CTCIE", rw}, {bit(3), "BRTIE", rw},
         {bit(4),  "BTIE", rw}, {bit(5),  "TCIE", rw}, {bits(7, 6), "PL", rw}, {bit(12), "BEX",  rw},
         {bit(13), "HEX",  rw}, {bit(14), "WEX",  rw}, {bit(16), "SWRQ",  w}},
     .count = kChannels, .stride = 0x40, .written = &Mdma::control_written},
    {.offset = 0x50, .name = "CxTCR", .fields = {
         {bits(1, 0),   "SINC",   rw}, {bits(3, 2),   "DINC",   rw}, {bits(5, 4),   "SSIZE",  rw},
         {bits(7, 6),   "DSIZE",  rw}, {bits(9, 8),   "SINCOS", rw}, {bits(11, 10), "DINCOS", rw},
         {bits(14, 12), "SBURST", rw}, {bits(17, 15), "DBURST", rw}, {bits(24, 18), "TLEN",   rw},
         {bit(25),      "PKE",    rw}, {bits(27, 26), "PAM",    rw}, {bits(29, 28), "TRGM",   rw},
         {bit(30),      "SWRM",   rw}, {bit(31),      "BWM",    rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x54, .name = "CxBNDTR", .fields = {
         {bits(16, 0),  "BNDT",   rw}, {bit(18), "BRSUM", rw}, {bit(19), "BRDUM", rw}, {bits(31, 20), "BRC", rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped, .written = &Mdma::block_written},
    {.offset = 0x58, .name = "CxSAR", .fields = {
         {bits(31, 0),  "SAR",    rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x5C, .name = "CxDAR", .fields = {
         {bits(31, 0),  "DAR",    rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x60, .name = "CxBRUR", .fields = {
         {bits(15, 0),  "SUV",    rw}, {bits(31, 16), "DUV", rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x64, .name = "CxLAR", .fields = {
         {bits(31, 3),  "LAR",    rw}},  // the low three bits are 0
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x68, .name = "CxTBR", .fields = {
         {bits(5, 0),   "TSEL",   rw}, {bit(16), "SBUS", rw}, {bit(17), "DBUS", rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x70, .name = "CxMAR", .fields = {
         {bits(31, 0),  "MAR",    rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
    {.offset = 0x74, .name = "CxMDR", .fields = {
         {bits(31, 0),  "MDR",    rw}},
     .count = kChannels, .stride = 0x40, .writable = &Mdma::stopped},
};
// clang-format on
static_assert(well_formed(Mdma::registers));

}  // namespace h7::mdma

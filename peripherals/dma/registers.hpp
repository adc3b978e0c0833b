// RM0399 16.5, "DMA registers". Eight streams of the same layout, 0x18 bytes apart. Bursts are single
// accesses in a row here, TRBUFF has nothing to buffer.
#pragma once

#include "peripherals/dma/dma.hpp"

namespace h7::dma {

// clang-format off
inline constexpr Register<Dma> Dma::registers[10] = {
    {.offset = 0x00, .name = "LISR", .fields = {
         {bit(0), "FEIF0", r}, {bit(2), "DMEIF0", r}, {bit(3), "TEIF0", r}, {bit(4), "HTIF0", r}, {bit(5), "TCIF0", r},
         {bit(6), "FEIF1", r}, {bit(8), "DMEIF1", r}, {bit(9), "TEIF1", r}, {bit(10), "HTIF1", r}, {bit(11), "TCIF1", r},
         {bit(16), "FEIF2", r}, {bit(18), "DMEIF2", r}, {bit(19), "TEIF2", r}, {bit(20), "HTIF2", r}, {bit(21), "TCIF2", r},
         {bit(22), "FEIF3", r}, {bit(24), "DMEIF3", r}, {bit(25), "TEIF3", r}, {bit(26), "HTIF3", r}, {bit(27), "TCIF3", r}}},
    {.offset = 0x04, .name = "HISR", .fields = {
         {bit(0), "FEIF4", r}, {bit(2), "DMEIF4", r}, {bit(3), "TEIF4", r}, {bit(4), "HTIF4", r}, {bit(5), "TCIF4", r},
         {bit(6), "FEIF5", r}, {bit(8), "DMEIF5", r}, {bit(9), "TEIF5", r}, {bit(10), "HTIF5", r}, {bit(11), "TCIF5", r},
         {bit(16), "FEIF6", r}, {bit(18), "DMEIF6", r}, {bit(19), "TEIF6", r}, {bit(20), "HTIF6", r}, {bit(21), "TCIF6", r},
         {bit(22), "FEIF7", r}, {bit(24), "DMEIF7", r}, {bit(25), "TEIF7", r}, {bit(26), "HTIF7", r}, {bit(27), "TCIF7", r}}},
    {.offset = 0x08, .name = "LIFCR", .fields = {
         {bit(0), "CFEIF0", w}, {bit(2), "CDMEIF0", w}, {bit(3), "CTEIF0", w}, {bit(4), "CHTIF0", w}, {bit(5), "CTCIF0", w},
         {bit(6), "CFEIF1", w}, {bit(8), "CDMEIF1", w}, {bit(9), "CTEIF1", w}, {bit(10), "CHTIF1", w}, {bit(11), "CTCIF1", w},
         {bit(16), "CFEIF2", w}, {bit(18), "CDMEIF2", w}, {bit(19), "CTEIF2", w}, {bit(20), "CHTIF2", w}, {bit(21), "CTCIF2", w},
         {bit(22), "CFEIF3", w}, {bit(24), "CDMEIF3", w}, {bit(25), "CTEIF3", w}, {bit(26), "CHTIF3", w}, {bit(27), "CTCIF3", w}},
     .written = &Dma::flags_cleared},
    {.offset = 0x0C, .name = "HIFCR", .fields = {
         {bit(0), "CFEIF4", w}, {bit(2), "CDMEIF4", w}, {bit(3), "CTEIF4", w}, {bit(4), "CHTIF4", w}, {bit(5), "CTCIF4", w},
         {bit(6), "CFEIF5", w}, {bit(8), "CDMEIF5", w}, {bit(9), "CTEIF5", w}, {bit(10), "CHTIF5", w}, {bit(11), "CTCIF5", w},
         {bit(16), "CFEIF6", w}, {bit(18), "CDMEIF6", w}, {bit(19), "CTEIF6", w}, {bit(20), "CHTIF6", w}, {bit(21), "CTCIF6", w},
         {bit(22), "CFEIF7", w}, {bit(24), "CDMEIF7", w}, {bit(25), "CTEIF7", w}, {bit(26), "CHTIF7", w}, {bit(27), "CTCIF7", w}},
     .written = &Dma::flags_cleared},

    {.offset = 0x10, .name = "SxCR", .fields = {
         {bit(0),       "EN",     rw}, {bit(1),       "DMEIE",  rw}, {bit(2),       "TEIE",   rw},
         {bit(3),       "HTIE",   rw}, {bit(4),       "TCIE",   rw}, {bit(5),       "PFCTRL", rw},
         {bits(7, 6),   "DIR",    rw}, {bit(8),       "CIRC",   rw}, {bit(9),       "PINC",   rw},
         {bit(10),      "MINC",   rw}, {bits(12, 11), "PSIZE",  rw}, {bits(14, 13), "MSIZE",  rw},
         {bit(15),      "PINCOS", rw}, {bits(17, 16), "PL",     rw}, {bit(18),      "DBM",    rw},
         {bit(19),      "CT",     rw}, {bit(20),      "TRBUFF", rw}, {bits(22, 21), "PBURST", rw},
         {bits(24, 23), "MBURST", rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::control_written},
    {.offset = 0x14, .name = "SxNDTR", .fields = {
         {bits(15, 0),  "NDT",    rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::count_written},
    {.offset = 0x18, .name = "SxPAR", .fields = {
         {bits(31, 0),  "PAR",    rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::address_written},
    {.offset = 0x1C, .name = "SxM0AR", .fields = {
         {bits(31, 0),  "M0A",    rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::memory0_written},
    {.offset = 0x20, .name = "SxM1AR", .fields = {
         {bits(31, 0),  "M1A",    rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::memory1_written},
    {.offset = 0x24, .name = "SxFCR", .reset = 0x21, .fields = {
         {bits(1, 0),   "FTH",    rw}, {bit(2),       "DMDIS",  rw}, {bits(5, 3),   "FS",     r},
         {bit(7),       "FEIE",   rw}},
     .count = kStreams, .stride = 0x18, .written = &Dma::fifo_written, .live = &Dma::fifo_control},
};
// clang-format on
static_assert(well_formed(Dma::registers));

}  // namespace h7::dma

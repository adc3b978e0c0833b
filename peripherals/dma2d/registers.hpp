// RM0399 19.5, "DMA2D registers". What has to stay while a transfer runs is guarded by idle().
#pragma once

#include "peripherals/dma2d/dma2d.hpp"

namespace h7::dma2d {

// clang-format off
inline constexpr Register<Dma2d> Dma2d::registers[22] = {
    {.offset = 0x000, .name = "CR", .fields = {
         {bit(0),       "START", rw}, {bit(1),       "SUSP",  rw}, {bit(2),       "ABORT", rw},
         {bit(6),       "LOM",   rw}, {bit(8),       "TEIE",  rw}, {bit(9),       "TCIE",  rw},
         {bit(10),      "TWIE",  rw}, {bit(11),      "CAEIE", rw}, {bit(12),      "CTCIE", rw},
         {bit(13),      "CEIE",  rw}, {bits(18, 16), "MODE",  rw}},
     .written = &Dma2d::control_written},
    {.offset = 0x004, .name = "ISR", .fields = {
         {bit(0), "TEIF", r}, {bit(1), "TCIF", r}, {bit(2), "TWIF", r}, {bit(3), "CAEIF", r},
         {bit(4), "CTCIF", r}, {bit(5), "CEIF", r}}},
    {.offset = 0x008, .name = "IFCR", .fields = {
         {bit(0), "CTEIF", rc_w1}, {bit(1), "CTCIF", rc_w1}, {bit(2), "CTWIF", rc_w1},
         {bit(3), "CAECIF", rc_w1}, {bit(4), "CCTCIF", rc_w1}, {bit(5), "CCEIF", rc_w1}},
     .written = &Dma2d::flags_cleared},
    {.offset = 0x00C, .name = "FGMAR", .fields = {{bits(31, 0), "MA", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x010, .name = "FGOR",  .fields = {{bits(15, 0), "LO", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x014, .name = "BGMAR", .fields = {{bits(31, 0), "MA", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x018, .name = "BGOR",  .fields = {{bits(15, 0), "LO", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x01C, .name = "FGPFCCR", .fields = {
         {bits(3, 0),   "CM",  rw}, {bit(4), "CCM", rw}, {bit(5), "START", rw}, {bits(15, 8),  "CS",    rw},
         {bits(17, 16), "AM",  rw}, {bits(19, 18), "CSS", not_modelled}, {bit(20), "AI", rw},
         {bit(21),      "RBS", rw}, {bits(31, 24), "ALPHA", rw}},
     .writable = &Dma2d::idle, .written = &Dma2d::foreground_written},
    {.offset = 0x020, .name = "FGCOLR", .fields = {
         {bits(7, 0),   "BLUE", rw}, {bits(15, 8), "GREEN", rw}, {bits(23, 16), "RED", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x024, .name = "BGPFCCR", .fields = {
         {bits(3, 0),   "CM",  rw}, {bit(4), "CCM", rw}, {bit(5), "START", rw}, {bits(15, 8),  "CS",    rw},
         {bits(17, 16), "AM",  rw}, {bit(20), "AI", rw}, {bit(21), "RBS", rw}, {bits(31, 24), "ALPHA", rw}},
     .writable = &Dma2d::idle, .written = &Dma2d::background_written},
    {.offset = 0x028, .name = "BGCOLR", .fields = {
         {bits(7, 0),   "BLUE", rw}, {bits(15, 8), "GREEN", rw}, {bits(23, 16), "RED", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x02C, .name = "FGCMAR", .fields = {{bits(31, 0), "MA", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x030, .name = "BGCMAR", .fields = {{bits(31, 0), "MA", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x034, .name = "OPFCCR", .fields = {
         {bits(2, 0),   "CM",  rw}, {bit(8), "SB", rw}, {bit(20), "AI", rw}, {bit(21), "RBS", rw}},
     .writable = &Dma2d::idle},
    {.offset = 0x038, .name = "OCOLR", .fields = {
         {bits(7, 0), "BLUE", rw}, {bits(15, 8), "GREEN", rw}, {bits(23, 16), "RED", rw}, {bits(31, 24), "ALPHA", rw}},
     .writable = &Dma2d::idle},
    {.offset = 0x03C, .name = "OMAR", .fields = {{bits(31, 0), "MA", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x040, .name = "OOR",  .fields = {{bits(15, 0), "LO", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x044, .name = "NLR",  .fields = {{bits(15, 0), "NL", rw}, {bits(29, 16), "PL", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x048, .name = "LWR",  .fields = {{bits(15, 0), "LW", rw}}, .writable = &Dma2d::idle},
    {.offset = 0x04C, .name = "AMTCR", .fields = {{bit(0), "EN", rw}, {bits(15, 8), "DT", rw}}},
    // Stand for the two colour tables, which are memory: dma2d.cpp.
    {.offset = 0x400, .name = "FGCLUT0", .fields = {{bits(31, 0), "FGCLUT", rw}}},
    {.offset = 0x800, .name = "BGCLUT0", .fields = {{bits(31, 0), "BGCLUT", rw}}},
};
// clang-format on
static_assert(well_formed(Dma2d::registers));

}  // namespace h7::dma2d

// RM0399, "SYSCFG registers" (system.md 4.5). UR3 follows ST's headers, which HAL code needs (0042).
#pragma once

#include "peripherals/syscfg/syscfg.hpp"

namespace h7::syscfg {

// clang-format off
inline constexpr Register<Syscfg> Syscfg::registers[30] = {
    // The reset value is that of a package that bonds Pxy and Pxy_C apart.
    {.offset = 0x004, .name = "PMCR", .reset = 0x0F00'0000, .fields = {
         {bits(23, 21), "EPIS",       rw}, {bit(24),      "PA0SO",     rw}, {bit(25),      "PA1SO",     rw},
         {bit(26),      "PC2SO",      rw}, {bit(27),      "PC3SO",     rw}}},

    {.offset = 0x008, .name = "EXTICR1", .fields = {
         {bits(3, 0),   "EXTI0",      rw}, {bits(7, 4),   "EXTI1",     rw}, {bits(11, 8),  "EXTI2",     rw},
         {bits(15, 12), "EXTI3",      rw}},
     .written = &Syscfg::selection_written},
    {.offset = 0x00C, .name = "EXTICR2", .fields = {
         {bits(3, 0),   "EXTI4",      rw}, {bits(7, 4),   "EXTI5",     rw}, {bits(11, 8),  "EXTI6",     rw},
         {bits(15, 12), "EXTI7",      rw}},
     .written = &Syscfg::selection_written},
    {.offset = 0x010, .name = "EXTICR3", .fields = {
         {bits(3, 0),   "EXTI8",      rw}, {bits(7, 4),   "EXTI9",     rw}, {bits(11, 8),  "EXTI10",    rw},
         {bits(15, 12), "EXTI11",     rw}},
     .written = &Syscfg::selection_written},
    {.offset = 0x014, .name = "EXTICR4", .fields = {
         {bits(3, 0),   "EXTI12",     rw}, {bits(7, 4),   "EXTI13",    rw}, {bits(11, 8),  "EXTI14",    rw},
         {bits(15, 12), "EXTI15",     rw}},
     .written = &Syscfg::selection_written},

    {.offset = 0x018, .name = "CFGR", .fields = {
         {bit(0),       "CM4L",       rs}, {bit(2),       "PVDL",      rs}, {bit(3),       "FLASHL",    rs},
         {bit(6),       "CM7L",       rs}, {bit(7),       "BKRAML",    rs}, {bit(9),       "SRAM4L",    rs},
         {bit(10),      "SRAM3L",     rs}, {bit(11),      "SRAM2L",    rs}, {bit(12),      "SRAM1L",    rs},
         {bit(13),      "DTCML",      rs}, {bit(14),      "ITCML",     rs}, {bit(15),      "AXISRAML",  rs}}},

    {.offset = 0x020, .name = "CCCSR", .fields = {
         {bit(0),       "EN",         rw}, {bit(1),       "CS",        rw}, {bit(8),       "READY",     r },
         {bit(16),      "HSLV",       rw}},
     .live = &Syscfg::compensation},
    {.offset = 0x024, .name = "CCVR", .fields = {
         {bits(3, 0),   "NCV",        r }, {bits(7, 4),   "PCV",       r }}},
    {.offset = 0x028, .name = "CCCR", .fields = {
         {bits(3, 0),   "NCC",        rw}, {bits(7, 4),   "PCC",       rw}}},
    {.offset = 0x02C, .name = "PWRCR", .fields = {
         {bit(0),       "ODEN",       rw}}},
    {.offset = 0x100, .name = "SR0", .reset = 0x0001'0001, .fields = {
         {bit(0),       "RESERVED",   r }, {bit(16),      "CM4PRESENT", r}},
     .live = &Syscfg::cores},
    {.offset = 0x124, .name = "PKGR", .fields = {
         {bits(3, 0),   "PKG",        r }},
     .live = &Syscfg::package},

    {.offset = 0x300, .name = "UR0", .fields = {
         {bit(0),       "BKS",        r }, {bits(23, 16), "RDP",       r }}},
    {.offset = 0x304, .name = "UR1", .fields = {
         {bit(0),       "BCM4",       rw}, {bit(16),      "BCM7",      rw}}},
    {.offset = 0x308, .name = "UR2", .fields = {
         {bits(1, 0),   "BORH",       r }, {bits(31, 16), "BCM7_ADD0", rw}}},
    {.offset = 0x30C, .name = "UR3", .fields = {
         {bits(15, 0),  "BCM7_ADD1",  rw}, {bits(31, 16), "BCM4_ADD0", rw}}},
    {.offset = 0x310, .name = "UR4", .fields = {
         {bits(15, 0),  "BCM4_ADD1",  rw}, {bit(16),      "MEPAD_1",   r }}},
    {.offset = 0x314, .name = "UR5", .fields = {
         {bit(0),       "MESAD_1",    r }, {bits(23, 16), "WRPN_1",    r }}},
    {.offset = 0x318, .name = "UR6", .fields = {
         {bits(11, 0),  "PABEG_1",    r }, {bits(27, 16), "PAEND_1",   r }}},
    {.offset = 0x31C, .name = "UR7", .fields = {
         {bits(11, 0),  "SABEG_1",    r }, {bits(27, 16), "SAEND_1",   r }}},
    {.offset = 0x320, .name = "UR8", .fields = {
         {bit(0),       "MEPAD_2",    r }, {bit(16),      "MESAD_2",   r }}},
    {.offset = 0x324, .name = "UR9", .fields = {
         {bits(7, 0),   "WRPN_2",     r }, {bits(27, 16), "PABEG_2",   r }}},
    {.offset = 0x328, .name = "UR10", .fields = {
         {bits(11, 0),  "PAEND_2",    r }, {bits(27, 16), "SABEG_2",   r }}},
    {.offset = 0x32C, .name = "UR11", .fields = {
         {bits(11, 0),  "SAEND_2",    r }, {bit(16),      "IWDG1M",    r }}},
    {.offset = 0x330, .name = "UR12", .fields = {
         {bit(0),       "IWDG2M",     r }, {bit(16),      "SECURE",    r }}},
    {.offset = 0x334, .name = "UR13", .fields = {
         {bits(1, 0),   "SDRS",       r }, {bit(16),      "D1SBRST",   rw}}},
    {.offset = 0x338, .name = "UR14", .fields = {
         {bit(0),       "D1STPRST",   rw}, {bit(16),      "D2SBRST",   rw}}},
    {.offset = 0x33C, .name = "UR15", .fields = {
         {bit(0),       "D2STPRST",   r }, {bit(16),      "FZIWDGSTB", r }}},
    {.offset = 0x340, .name = "UR16", .fields = {
         {bit(0),       "FZIWDGSTP",  r }, {bit(16),      "PKP",       r }}},
    {.offset = 0x344, .name = "UR17", .fields = {
         {bit(0),       "IOHSLV",     r }}},
};
// clang-format on
static_assert(well_formed(Syscfg::registers),
              "two SYSCFG fields overlap, or a reserved bit has a reset value");

}  // namespace h7::syscfg

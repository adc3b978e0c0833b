// RM0399, "DBGMCU registers" (system.md 6.11). FZ1 freezes while the CM7 is halted, FZ2 while the CM4 is.
#pragma once

#include "peripherals/dbgmcu/dbgmcu.hpp"

namespace h7::dbgmcu {

// clang-format off
inline constexpr Register<Dbgmcu> Dbgmcu::registers[12] = {
    {.offset = 0x00, .name = "IDC", .reset = kRevisionV, .fields = {
         {bits(15, 0),  "DEV_ID",       r }, {bits(31, 16), "REV_ID",      r }},
     .live = &Dbgmcu::identity},

    {.offset = 0x04, .name = "CR", .fields = {
         {bit(0),       "DBGSLEEP_D1",  not_modelled}, {bit(1),       "DBGSTOP_D1",  rw},
         {bit(2),       "DBGSTBY_D1",   rw},           {bit(3),       "DBGSLEEP_D2", not_modelled},
         {bit(4),       "DBGSTOP_D2",   rw},           {bit(5),       "DBGSTBY_D2",  rw},
         {bit(20),      "TRACECLKEN",   not_modelled}, {bit(21),      "D1DBGCKEN",   not_modelled},
         {bit(22),      "D3DBGCKEN",    not_modelled}, {bit(28),      "TRGOEN",      not_modelled}},
     .written = &Dbgmcu::control_written},

    {.offset = 0x34, .name = "APB3FZ1", .fields = {
         {bit(6),       "WWDG1",        rw}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x38, .name = "APB3FZ2", .fields = {
         {bit(6),       "WWDG1",        rw}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x3C, .name = "APB1LFZ1", .fields = {
         {bits(8, 0),   "TIM2_TIM14",   rw}, {bit(9),       "LPTIM1",      rw},
         {bit(11),      "WWDG2",        rw}, {bits(23, 21), "I2C1_I2C3",   not_modelled}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x40, .name = "APB1LFZ2", .fields = {
         {bits(8, 0),   "TIM2_TIM14",   rw}, {bit(9),       "LPTIM1",      rw},
         {bit(11),      "WWDG2",        rw}, {bits(23, 21), "I2C1_I2C3",   not_modelled}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x44, .name = "APB1HFZ1", .fields = {
         {bit(8),       "FDCAN",        not_modelled}}},
    {.offset = 0x48, .name = "APB1HFZ2", .fields = {
         {bit(8),       "FDCAN",        not_modelled}}},
    {.offset = 0x4C, .name = "APB2FZ1", .fields = {
         {bits(1, 0),   "TIM1_TIM8",    rw}, {bits(18, 16), "TIM15_TIM17", rw},
         {bit(29),      "HRTIM",        not_modelled}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x50, .name = "APB2FZ2", .fields = {
         {bits(1, 0),   "TIM1_TIM8",    rw}, {bits(18, 16), "TIM15_TIM17", rw},
         {bit(29),      "HRTIM",        not_modelled}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x54, .name = "APB4FZ1", .fields = {
         {bit(7),       "I2C4",         not_modelled}, {bits(12, 9),  "LPTIM2_LPTIM5", rw},
         {bit(16),      "RTC",          rw}, {bit(18),      "IWDG1",       rw},
         {bit(19),      "IWDG2",        rw}},
     .written = &Dbgmcu::freeze_written},
    {.offset = 0x58, .name = "APB4FZ2", .fields = {
         {bit(7),       "I2C4",         not_modelled}, {bits(12, 9),  "LPTIM2_LPTIM5", rw},
         {bit(16),      "RTC",          rw}, {bit(18),      "IWDG1",       rw},
         {bit(19),      "IWDG2",        rw}},
     .written = &Dbgmcu::freeze_written},
};
// clang-format on
static_assert(well_formed(Dbgmcu::registers),
              "two DBGMCU fields overlap, or a reserved bit has a reset value");

}  // namespace h7::dbgmcu

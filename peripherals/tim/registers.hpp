// RM0399, "TIMx registers" of TIM1/8, the widest layout. The others have parts of it: implemented().
#pragma once

#include "peripherals/tim/tim.hpp"

namespace h7::tim {

// clang-format off
inline constexpr Register<Tim> Tim::registers[26] = {
    {.offset = 0x00, .name = "CR1", .fields = {
         {bit(0),       "CEN",      rw}, {bit(1),       "UDIS",     rw}, {bit(2),       "URS",      rw},
         {bit(3),       "OPM",      rw}, {bit(4),       "DIR",      rw}, {bits(6, 5),   "CMS",      rw},
         {bit(7),       "ARPE",     rw}, {bits(9, 8),   "CKD",      rw}, {bit(11),      "UIFREMAP", rw}},
     .written = &Tim::control_written, .live = &Tim::control},
    {.offset = 0x04, .name = "CR2", .fields = {
         {bit(0),       "CCPC",     not_modelled}, {bit(2), "CCUS", not_modelled}, {bit(3), "CCDS", rw},
         {bits(6, 4),   "MMS",      not_modelled}, {bit(7), "TI1S", rw}, {bit(8),       "OIS1",     rw},
         {bit(9),       "OIS1N",    rw}, {bit(10),      "OIS2",     rw}, {bit(11),      "OIS2N",    rw},
         {bit(12),      "OIS3",     rw}, {bit(13),      "OIS3N",    rw}, {bit(14),      "OIS4",     rw},
         {bit(16),      "OIS5",     rw}, {bit(18),      "OIS6",     rw}, {bits(23, 20), "MMS2",     not_modelled}}},
    {.offset = 0x08, .name = "SMCR", .fields = {
         {bits(2, 0),   "SMS",      rw}, {bits(6, 4),   "TS",       rw}, {bit(7),       "MSM",      rw},
         {bits(11, 8),  "ETF",      rw}, {bits(13, 12), "ETPS",     rw}, {bit(14),      "ECE",      rw},
         {bit(15),      "ETP",      rw}, {bit(16),      "SMS_3",    rw}, {bits(21, 20), "TS_4_3",   rw}}},
    {.offset = 0x0C, .name = "DIER", .fields = {
         {bit(0),       "UIE",      rw}, {bit(1),       "CC1IE",    rw}, {bit(2),       "CC2IE",    rw},
         {bit(3),       "CC3IE",    rw}, {bit(4),       "CC4IE",    rw}, {bit(5),       "COMIE",    rw},
         {bit(6),       "TIE",      rw}, {bit(7),       "BIE",      rw}, {bit(8),       "UDE",      rw},
         {bit(9),       "CC1DE",    rw}, {bit(10), "CC2DE", rw}, {bit(11), "CC3DE", rw},
         {bit(12),      "CC4DE",    rw}, {bit(13), "COMDE", rw}, {bit(14), "TDE",   rw}}},
    {.offset = 0x10, .name = "SR", .fields = {
         {bit(0),       "UIF",      rc_w0}, {bit(1),    "CC1IF",    rc_w0}, {bit(2),    "CC2IF",    rc_w0},
         {bit(3),       "CC3IF",    rc_w0}, {bit(4),    "CC4IF",    rc_w0}, {bit(5),    "COMIF",    rc_w0},
         {bit(6),       "TIF",      rc_w0}, {bit(7),    "BIF",      rc_w0}, {bit(8),    "B2IF",     rc_w0},
         {bit(9),       "CC1OF",    rc_w0}, {bit(10),   "CC2OF",    rc_w0}, {bit(11),   "CC3OF",    rc_w0},
         {bit(12),      "CC4OF",    rc_w0}, {bit(13),   "SBIF",     rc_w0}, {bit(16),   "CC5IF",    rc_w0},
         {bit(17),      "CC6IF",    rc_w0}}},
    {.offset = 0x14, .name = "EGR", .fields = {
         {bit(0),       "UG",       w }, {bit(1),       "CC1G",     w }, {bit(2),       "CC2G",     w },
         {bit(3),       "CC3G",     w }, {bit(4),       "CC4G",     w }, {bit(5),       "COMG",     w },
         {bit(6),       "TG",       w }, {bit(7),       "BG",       w }, {bit(8),       "B2G",      w }},
     .written = &Tim::events_written},
    {.offset = 0x18, .name = "CCMR1", .fields = {
         {bits(1, 0),   "CC1S",     rw}, {bit(2),       "OC1FE",    rw}, {bit(3),       "OC1PE",    rw},
         {bits(6, 4),   "OC1M",     rw}, {bit(7),       "OC1CE",    rw}, {bits(9, 8),   "CC2S",     rw},
         {bit(10),      "OC2FE",    rw}, {bit(11),      "OC2PE",    rw}, {bits(14, 12), "OC2M",     rw},
         {bit(15),      "OC2CE",    rw}, {bit(16),      "OC1M_3",   rw}, {bit(24),      "OC2M_3",   rw}}},
    {.offset = 0x1C, .name = "CCMR2", .fields = {
         {bits(1, 0),   "CC3S",     rw}, {bit(2),       "OC3FE",    rw}, {bit(3),       "OC3PE",    rw},
         {bits(6, 4),   "OC3M",     rw}, {bit(7),       "OC3CE",    rw}, {bits(9, 8),   "CC4S",     rw},
         {bit(10),      "OC4FE",    rw}, {bit(11),      "OC4PE",    rw}, {bits(14, 12), "OC4M",     rw},
         {bit(15),      "OC4CE",    rw}, {bit(16),      "OC3M_3",   rw}, {bit(24),      "OC4M_3",   rw}}},
    {.offset = 0x20, .name = "CCER", .fields = {
         {bit(0),       "CC1E",     rw}, {bit(1),       "CC1P",     rw}, {bit(2),       "CC1NE",    rw},
         {bit(3),       "CC1NP",    rw}, {bit(4),       "CC2E",     rw}, {bit(5),       "CC2P",     rw},
         {bit(6),       "CC2NE",    rw}, {bit(7),       "CC2NP",    rw}, {bit(8),       "CC3E",     rw},
         {bit(9),       "CC3P",     rw}, {bit(10),      "CC3NE",    rw}, {bit(11),      "CC3NP",    rw},
         {bit(12),      "CC4E",     rw}, {bit(13),      "CC4P",     rw}, {bit(15),      "CC4NP",    rw},
         {bit(16),      "CC5E",     rw}, {bit(17),      "CC5P",     rw}, {bit(20),      "CC6E",     rw},
         {bit(21),      "CC6P",     rw}}},
    {.offset = 0x24, .name = "CNT", .fields = {
         {bits(30, 0),  "CNT",      rw}, {bit(31),      "UIFCPY",   rw}},
     .written = &Tim::count_written, .live = &Tim::count},
    {.offset = 0x28, .name = "PSC", .fields = {
         {bits(15, 0),  "PSC",      rw}}},
    {.offset = 0x2C, .name = "ARR", .reset = 0xFFFF'FFFF, .fields = {
         {bits(31, 0),  "ARR",      rw}}},
    {.offset = 0x30, .name = "RCR", .fields = {
         {bits(15, 0),  "REP",      rw}}},
    {.offset = 0x34, .name = "CCR1", .fields = {{bits(31, 0), "CCR1", rw}}, .writable = &Tim::compare_writable},
    {.offset = 0x38, .name = "CCR2", .fields = {{bits(31, 0), "CCR2", rw}}, .writable = &Tim::compare_writable},
    {.offset = 0x3C, .name = "CCR3", .fields = {{bits(31, 0), "CCR3", rw}}, .writable = &Tim::compare_writable},
    {.offset = 0x40, .name = "CCR4", .fields = {{bits(31, 0), "CCR4", rw}}, .writable = &Tim::compare_writable},
    {.offset = 0x44, .name = "BDTR", .fields = {
         {bits(7, 0),   "DTG",      rw}, {bits(9, 8),   "LOCK",     not_modelled}, {bit(10), "OSSI",   rw},
         {bit(11),      "OSSR",     rw}, {bit(12),      "BKE",      rw}, {bit(13),      "BKP",      rw},
         {bit(14),      "AOE",      rw}, {bit(15),      "MOE",      rw}, {bits(19, 16), "BKF",      rw},
         {bits(23, 20), "BK2F",     rw}, {bit(24),      "BK2E",     rw}, {bit(25),      "BK2P",     rw}}},
    {.offset = 0x48, .name = "DCR", .fields = {
         {bits(4, 0),   "DBA",      rw}, {bits(12, 8), "DBL", rw}}},
    {.offset = 0x4C, .name = "DMAR", .fields = {
         {bits(31, 0),  "DMAB",     rw}}},
    {.offset = 0x54, .name = "CCMR3", .fields = {
         {bit(2),       "OC5FE",    rw}, {bit(3),       "OC5PE",    rw}, {bits(6, 4),   "OC5M",     rw},
         {bit(7),       "OC5CE",    rw}, {bit(10),      "OC6FE",    rw}, {bit(11),      "OC6PE",    rw},
         {bits(14, 12), "OC6M",     rw}, {bit(15),      "OC6CE",    rw}, {bit(16),      "OC5M_3",   rw},
         {bit(24),      "OC6M_3",   rw}}},
    {.offset = 0x58, .name = "CCR5", .fields = {
         {bits(15, 0),  "CCR5",     rw}, {bit(29),      "GC5C1",    not_modelled},
         {bit(30),      "GC5C2",    not_modelled},      {bit(31),   "GC5C3",    not_modelled}}},
    {.offset = 0x5C, .name = "CCR6", .fields = {{bits(15, 0), "CCR6", rw}}},
    {.offset = 0x60, .name = "AF1", .fields = {
         {bit(0),       "BKINE",    rw}, {bit(1),       "BKCMP1E",  rw}, {bit(2),       "BKCMP2E",  rw},
         {bit(8),       "BKDF1BKE", rw}, {bit(9),       "BKINP",    rw}, {bit(10),      "BKCMP1P",  rw},
         {bit(11),      "BKCMP2P",  rw}, {bits(17, 14), "ETRSEL",   rw}}},
    {.offset = 0x64, .name = "AF2", .fields = {
         {bit(0),       "BK2INE",   rw}, {bit(1),       "BK2CMP1E", rw}, {bit(2),       "BK2CMP2E", rw},
         {bit(8),       "BK2DF1BKE", rw}, {bit(9),      "BK2INP",   rw}, {bit(10),      "BK2CMP1P", rw},
         {bit(11),      "BK2CMP2P", rw}}},
    {.offset = 0x68, .name = "TISEL", .fields = {
         {bits(3, 0),   "TI1SEL",   rw}, {bits(11, 8),  "TI2SEL",   rw}, {bits(19, 16), "TI3SEL",   rw},
         {bits(27, 24), "TI4SEL",   rw}}},
};
// clang-format on
static_assert(well_formed(Tim::registers), "two TIM fields overlap, or a reserved bit has a reset value");

}  // namespace h7::tim

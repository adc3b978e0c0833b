// RM0399, "RTC registers" (system.md 6.6).
#pragma once

#include "peripherals/rtc/rtc.hpp"

namespace h7::rtc {

// clang-format off
inline constexpr Register<Rtc> Rtc::registers[20] = {
    {.offset = 0x00, .name = "TR", .fields = {
         {bits(6, 0),   "SECONDS",  rw}, {bits(14, 8),  "MINUTES",  rw}, {bits(21, 16), "HOURS",    rw},
         {bit(22),      "PM",       rw}},
     .writable = &Rtc::initialising, .live = &Rtc::time},
    {.offset = 0x04, .name = "DR", .reset = 0x0000'2101, .fields = {
         {bits(5, 0),   "DATE",     rw}, {bits(12, 8),  "MONTH",    rw}, {bits(15, 13), "WDU",      rw},
         {bits(23, 16), "YEAR",     rw}},
     .writable = &Rtc::initialising, .live = &Rtc::date},
    {.offset = 0x08, .name = "CR", .fields = {
         {bits(2, 0),   "WUCKSEL",  rw}, {bit(3),       "TSEDGE",   rw}, {bit(4),       "REFCKON",  rw},
         {bit(5),       "BYPSHAD",  rw}, {bit(6),       "FMT",      rw}, {bit(8),       "ALRAE",    rw},
         {bit(9),       "ALRBE",    rw}, {bit(10),  "WUTE",   rw},
         {bit(11),      "TSE",      rw}, {bit(12),  "ALRAIE", rw}, {bit(13),  "ALRBIE",   rw},
         {bit(14),      "WUTIE",    rw}, {bit(15),      "TSIE",     rw}, {bit(16),      "ADD1H",    w },
         {bit(17),      "SUB1H",    w }, {bit(18),      "BKP",      rw}, {bit(19),      "COSEL",    rw},
         {bit(20),      "POL",      rw}, {bits(22, 21), "OSEL",     rw}, {bit(23),      "COE",      rw}},
     .writable = &Rtc::unlocked, .written = &Rtc::control_written},
    {.offset = 0x0C, .name = "ISR", .reset = 0x0000'0007, .fields = {
         {bit(0),       "ALRAWF",   r }, {bit(1),       "ALRBWF",   r }, {bit(2),       "WUTWF",    r },
         {bit(3),       "SHPF",     r }, {bit(4),       "INITS",    r }, {bit(5),       "RSF",      rc_w0},
         {bit(6),       "INITF",    r }, {bit(7),       "INIT",     rw}, {bit(8),       "ALRAF",    rc_w0},
         {bit(9),       "ALRBF",    rc_w0}, {bit(10),   "WUTF",     rc_w0}, {bit(11),   "TSF",      rc_w0},
         {bit(12),      "TSOVF",    rc_w0}, {bit(13),   "TAMP1F",   rc_w0}, {bit(14),   "TAMP2F",   rc_w0},
         {bit(15),      "TAMP3F",   rc_w0}, {bit(16),   "RECALPF",  r }},
     .writable = &Rtc::domain_open, .written = &Rtc::status_written, .live = &Rtc::status},
    {.offset = 0x10, .name = "PRER", .reset = 0x007F'00FF, .fields = {
         {bits(14, 0),  "PREDIV_S", rw}, {bits(22, 16), "PREDIV_A", rw}},
     .writable = &Rtc::initialising},
    {.offset = 0x14, .name = "WUTR", .reset = 0x0000'FFFF, .fields = {
         {bits(15, 0),  "WUT",      rw}},
     .writable = &Rtc::wakeup_open},
    {.offset = 0x1C, .name = "ALRMAR", .fields = {
         {bits(31, 0),  "ALARM",    rw}},
     .writable = &Rtc::alarm_a_open},
    {.offset = 0x20, .name = "ALRMBR", .fields = {
         {bits(31, 0),  "ALARM",    rw}},
     .writable = &Rtc::alarm_b_open},
    {.offset = 0x24, .name = "WPR", .fields = {
         {bits(7, 0),   "KEY",      w }},
     .writable = &Rtc::domain_open, .written = &Rtc::key_written},
    {.offset = 0x28, .name = "SSR", .fields = {
         {bits(15, 0),  "SS",       r }},
     .live = &Rtc::subseconds},
    {.offset = 0x2C, .name = "SHIFTR", .fields = {
         {bits(14, 0),  "SUBFS",    w }, {bit(31),      "ADD1S",    w }},
     .writable = &Rtc::unlocked, .written = &Rtc::shift_written},
    {.offset = 0x30, .name = "TSTR", .fields = {
         {bits(22, 0),  "TIME",     r }}},
    {.offset = 0x34, .name = "TSDR", .fields = {
         {bits(15, 0),  "DATE",     r }}},
    {.offset = 0x38, .name = "TSSSR", .fields = {
         {bits(15, 0),  "SS",       r }}},
    {.offset = 0x3C, .name = "CALR", .fields = {
         {bits(8, 0),   "CALM",     not_modelled}, {bit(13), "CALW16", not_modelled},
         {bit(14),      "CALW8",    not_modelled}, {bit(15), "CALP",   not_modelled}},
     .writable = &Rtc::unlocked},
    {.offset = 0x40, .name = "TAMPCR", .fields = {
         {bit(0),       "TAMP1E",   rw}, {bit(1),       "TAMP1TRG", rw}, {bit(2),       "TAMPIE",   rw},
         {bit(3),       "TAMP2E",   rw}, {bit(4),       "TAMP2TRG", rw}, {bit(5),       "TAMP3E",   rw},
         {bit(6),       "TAMP3TRG", rw}, {bit(7),       "TAMPTS",   rw}, {bits(10, 8),  "TAMPFREQ", rw},
         {bits(12, 11), "TAMPFLT",  rw}, {bits(14, 13), "TAMPPRCH", rw}, {bit(15),      "TAMPPUDIS", rw},
         {bit(16),      "TAMP1IE",  rw}, {bit(17), "TAMP1NOERASE", rw}, {bit(18),      "TAMP1MF",  rw},
         {bit(19),      "TAMP2IE",  rw}, {bit(20), "TAMP2NOERASE", rw}, {bit(21),      "TAMP2MF",  rw},
         {bit(22),      "TAMP3IE",  rw}, {bit(23), "TAMP3NOERASE", rw}, {bit(24),      "TAMP3MF",  rw}},
     .writable = &Rtc::domain_open, .written = &Rtc::tamper_written},
    {.offset = 0x44, .name = "ALRMASSR", .fields = {
         {bits(14, 0),  "SS",       rw}, {bits(27, 24), "MASKSS",   rw}},
     .writable = &Rtc::alarm_a_open},
    {.offset = 0x48, .name = "ALRMBSSR", .fields = {
         {bits(14, 0),  "SS",       rw}, {bits(27, 24), "MASKSS",   rw}},
     .writable = &Rtc::alarm_b_open},
    {.offset = 0x4C, .name = "OR", .fields = {
         {bit(0),       "RTC_ALARM_TYPE", rw}, {bit(1), "RTC_OUT_RMP", rw}},
     .writable = &Rtc::domain_open},
    {.offset = 0x50, .name = "BKPR", .fields = {
         {bits(31, 0),  "BKP",      rw}},
     .count = kBackupRegisters,
     .writable = &Rtc::backup_open, .live = &Rtc::backup},
};
// clang-format on
static_assert(well_formed(Rtc::registers), "two RTC fields overlap, or a reserved bit has a reset value");

}  // namespace h7::rtc

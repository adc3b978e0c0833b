// RM0399, "RTC registers" (system.md 6.6). The calendar, alarm, wake-up and tamper functions are not
// modelled: their registers keep what is written.
#pragma once

#include "peripherals/rtc_backup/rtc_backup.hpp"

namespace h7::rtc_backup {

// clang-format off
inline constexpr Register<RtcBackup> RtcBackup::registers[20] = {
    {.offset = 0x00, .name = "TR", .fields = {
         {bits(6, 0),   "SECONDS",  rw}, {bits(14, 8),  "MINUTES",  rw}, {bits(21, 16), "HOURS",    rw},
         {bit(22),      "PM",       rw}},
     .writable = &RtcBackup::initialising},
    {.offset = 0x04, .name = "DR", .reset = 0x0000'2101, .fields = {
         {bits(5, 0),   "DATE",     rw}, {bits(12, 8),  "MONTH",    rw}, {bits(15, 13), "WDU",      rw},
         {bits(23, 16), "YEAR",     rw}},
     .writable = &RtcBackup::initialising},
    {.offset = 0x08, .name = "CR", .fields = {
         {bits(2, 0),   "WUCKSEL",  rw}, {bit(3),       "TSEDGE",   rw}, {bit(4),       "REFCKON",  rw},
         {bit(5),       "BYPSHAD",  rw}, {bit(6),       "FMT",      rw}, {bit(8),       "ALRAE",    not_modelled},
         {bit(9),       "ALRBE",    not_modelled}, {bit(10),  "WUTE",   not_modelled},
         {bit(11),      "TSE",      not_modelled}, {bit(12),  "ALRAIE", rw}, {bit(13),  "ALRBIE",   rw},
         {bit(14),      "WUTIE",    rw}, {bit(15),      "TSIE",     rw}, {bit(16),      "ADD1H",    w },
         {bit(17),      "SUB1H",    w }, {bit(18),      "BKP",      rw}, {bit(19),      "COSEL",    rw},
         {bit(20),      "POL",      rw}, {bits(22, 21), "OSEL",     rw}, {bit(23),      "COE",      rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x0C, .name = "ISR", .reset = 0x0000'0007, .fields = {
         {bit(0),       "ALRAWF",   r }, {bit(1),       "ALRBWF",   r }, {bit(2),       "WUTWF",    r },
         {bit(3),       "SHPF",     r }, {bit(4),       "INITS",    r }, {bit(5),       "RSF",      rc_w0},
         {bit(6),       "INITF",    r }, {bit(7),       "INIT",     rw}, {bit(8),       "ALRAF",    rc_w0},
         {bit(9),       "ALRBF",    rc_w0}, {bit(10),   "WUTF",     rc_w0}, {bit(11),   "TSF",      rc_w0},
         {bit(12),      "TSOVF",    rc_w0}, {bit(13),   "TAMP1F",   rc_w0}, {bit(14),   "TAMP2F",   rc_w0},
         {bit(15),      "TAMP3F",   rc_w0}, {bit(16),   "RECALPF",  r }},
     .writable = &RtcBackup::domain_open, .written = &RtcBackup::status_written, .live = &RtcBackup::status},
    {.offset = 0x10, .name = "PRER", .reset = 0x007F'00FF, .fields = {
         {bits(14, 0),  "PREDIV_S", rw}, {bits(22, 16), "PREDIV_A", rw}},
     .writable = &RtcBackup::initialising},
    {.offset = 0x14, .name = "WUTR", .reset = 0x0000'FFFF, .fields = {
         {bits(15, 0),  "WUT",      rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x1C, .name = "ALRMAR", .fields = {
         {bits(31, 0),  "ALARM",    rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x20, .name = "ALRMBR", .fields = {
         {bits(31, 0),  "ALARM",    rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x24, .name = "WPR", .fields = {
         {bits(7, 0),   "KEY",      w }},
     .writable = &RtcBackup::domain_open, .written = &RtcBackup::key_written},
    {.offset = 0x28, .name = "SSR", .fields = {
         {bits(15, 0),  "SS",       r }}},
    {.offset = 0x2C, .name = "SHIFTR", .fields = {
         {bits(14, 0),  "SUBFS",    w }, {bit(31),      "ADD1S",    w }},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x30, .name = "TSTR", .fields = {
         {bits(22, 0),  "TIME",     r }}},
    {.offset = 0x34, .name = "TSDR", .fields = {
         {bits(15, 0),  "DATE",     r }}},
    {.offset = 0x38, .name = "TSSSR", .fields = {
         {bits(15, 0),  "SS",       r }}},
    {.offset = 0x3C, .name = "CALR", .fields = {
         {bits(8, 0),   "CALM",     rw}, {bit(13),      "CALW16",   rw}, {bit(14),      "CALW8",    rw},
         {bit(15),      "CALP",     rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x40, .name = "TAMPCR", .fields = {
         {bits(24, 0),  "TAMPER",   not_modelled}},
     .writable = &RtcBackup::domain_open},
    {.offset = 0x44, .name = "ALRMASSR", .fields = {
         {bits(14, 0),  "SS",       rw}, {bits(27, 24), "MASKSS",   rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x48, .name = "ALRMBSSR", .fields = {
         {bits(14, 0),  "SS",       rw}, {bits(27, 24), "MASKSS",   rw}},
     .writable = &RtcBackup::unlocked},
    {.offset = 0x4C, .name = "OR", .fields = {
         {bit(0),       "RTC_ALARM_TYPE", rw}, {bit(1), "RTC_OUT_RMP", rw}},
     .writable = &RtcBackup::domain_open},
    {.offset = 0x50, .name = "BKPR", .fields = {
         {bits(31, 0),  "BKP",      rw}},
     .count = kBackupRegisters,
     .writable = &RtcBackup::backup_open, .live = &RtcBackup::backup},
};
// clang-format on
static_assert(well_formed(RtcBackup::registers),
              "two RTC fields overlap, or a reserved bit has a reset value");

}  // namespace h7::rtc_backup

// RM0399 "FLASH registers" (F-265..F-279). Registers of a bank are arrays of two: element 0 is the block at
// 0x000, which drives the bank visible at 0x0800'0000, element 1 the block at 0x100 (F-125). The common
// registers answer at both (F-126): the controller folds the second address onto the first. Included by the
// flash sources only.
#pragma once

#include "peripherals/flash/controller.hpp"

namespace h7::flash {

// clang-format off
inline constexpr Register<Controller> Controller::registers[Controller::kRegisters] = {
    {.offset = 0x000, .name = "ACR", .reset = 0x0000'0037,
     .fields = {
         {bits(3, 0),   "LATENCY",          rw},
         {bits(5, 4),   "WRHIGHFREQ",       rw}}},

    {.offset = 0x004, .name = "KEYR", .reset = 0x0000'0000,
     .fields = {
         {bits(31, 0),  "KEY",              w}},
     .count = 2, .stride = 0x100,
     .written = &Controller::feed_key},

    {.offset = 0x008, .name = "OPTKEYR", .reset = 0x0000'0000,
     .fields = {
         {bits(31, 0),  "OPTKEY",           w}},
     .written = &Controller::feed_option_key},

    {.offset = 0x00C, .name = "CR", .reset = 0x0000'0031,
     .fields = {
         {bit(0),       "LOCK",             rs},
         {bit(1),       "PG",               rw},
         {bit(2),       "SER",              rw},
         {bit(3),       "BER",              rw},
         {bits(5, 4),   "PSIZE",            rw},
         {bit(6),       "FW",               rw},
         {bit(7),       "START",            rw},
         {bits(10, 8),  "SNB",              rw},
         {bit(14),      "SPSS2",            rw},  // physical bank 2 only (F-073, A-53)
         {bit(15),      "CRC_EN",           rw},
         {bit(16),      "EOPIE",            rw},
         {bit(17),      "WRPERRIE",         rw},
         {bit(18),      "PGSERRIE",         rw},
         {bit(19),      "STRBERRIE",        rw},
         {bit(21),      "INCERRIE",         rw},
         {bit(22),      "OPERRIE",          rw},
         {bit(23),      "RDPERRIE",         rw},
         {bit(24),      "RDSERRIE",         rw},
         {bit(25),      "SNECCERRIE",       rw},
         {bit(26),      "DBECCERRIE",       rw},
         {bit(27),      "CRCENDIE",         rw},
         {bit(28),      "CRCRDERRIE",       rw}},
     .count = 2, .stride = 0x100,
     .writable = &Controller::control_unlocked,
     .written = &Controller::obey_control},

    {.offset = 0x010, .name = "SR", .reset = 0x0000'0000,
     .fields = {
         {bit(0),       "BSY",              r},
         {bit(1),       "WBNE",             r},
         {bit(2),       "QW",               r},
         {bit(3),       "CRC_BUSY",         r},
         {bit(16),      "EOP",              r},
         {bit(17),      "WRPERR",           r},
         {bit(18),      "PGSERR",           r},
         {bit(19),      "STRBERR",          r},
         {bit(21),      "INCERR",           r},
         {bit(22),      "OPERR",            r},
         {bit(23),      "RDPERR",           r},
         {bit(24),      "RDSERR",           r},
         {bit(25),      "SNECCERR",         r},
         {bit(26),      "DBECCERR",         r},
         {bit(27),      "CRCEND",           r},
         {bit(28),      "CRCRDERR",         r}},
     .count = 2, .stride = 0x100,
     .live = &Controller::status},

    {.offset = 0x014, .name = "CCR", .reset = 0x0000'0000,
     .fields = {
         {bit(16),      "CLR_EOP",          w},
         {bit(17),      "CLR_WRPERR",       w},
         {bit(18),      "CLR_PGSERR",       w},
         {bit(19),      "CLR_STRBERR",      w},
         {bit(21),      "CLR_INCERR",       w},
         {bit(22),      "CLR_OPERR",        w},
         {bit(23),      "CLR_RDPERR",       w},
         {bit(24),      "CLR_RDSERR",       w},
         {bit(25),      "CLR_SNECCERR",     w},
         {bit(26),      "CLR_DBECCERR",     w},
         {bit(27),      "CLR_CRCEND",       w},
         {bit(28),      "CLR_CRCRDERR",     w}},
     .count = 2, .stride = 0x100,
     .written = &Controller::clear_flags},

    {.offset = 0x018, .name = "OPTCR", .reset = 0x0000'0001,
     .fields = {
         {bit(0),       "OPTLOCK",          rs},
         {bit(1),       "OPTSTART",         w},
         {bit(4),       "MER",              w},
         {bit(30),      "OPTCHANGEERRIE",   rw},
         {bit(31),      "SWAP_BANK",        r}},
     .writable = &Controller::options_unlocked,
     .written = &Controller::obey_option_control},

    {.offset = 0x01C, .name = "OPTSR_CUR", .reset = 0x17C6'AAF0,
     .fields = {
         {bit(0),       "OPT_BUSY",         r},
         {bits(3, 2),   "BOR_LEV",          r},
         {bit(4),       "IWDG1_SW",         r},
         {bit(5),       "IWDG2_SW",         r},
         {bit(6),       "NRST_STOP_D1",     r},
         {bit(7),       "NRST_STBY_D1",     r},
         {bits(15, 8),  "RDP",              r},
         {bit(17),      "IWDG_FZ_STOP",     r},
         {bit(18),      "IWDG_FZ_SDBY",     r},
         {bits(20, 19), "ST_RAM_SIZE",      r},
         {bit(21),      "SECURITY",         r},
         {bit(22),      "BOOT_CM4",         r},
         {bit(23),      "BOOT_CM7",         r},
         {bit(24),      "NRST_STOP_D2",     r},
         {bit(25),      "NRST_STBY_D2",     r},
         {bits(28, 26), "RES",              r},
         {bit(29),      "IO_HSLV",          r},
         {bit(30),      "OPTCHANGEERR",     r},
         {bit(31),      "SWAP_BANK_OPT",    r}},
     .live = &Controller::option_status},

    {.offset = 0x020, .name = "OPTSR_PRG", .reset = 0x17C6'AAF0,
     .fields = {
         {bits(3, 2),   "BOR_LEV",          rw},
         {bit(4),       "IWDG1_SW",         rw},
         {bit(5),       "IWDG2_SW",         rw},
         {bit(6),       "NRST_STOP_D1",     rw},
         {bit(7),       "NRST_STBY_D1",     rw},
         {bits(15, 8),  "RDP",              rw},
         {bit(17),      "IWDG_FZ_STOP",     rw},
         {bit(18),      "IWDG_FZ_SDBY",     rw},
         {bits(20, 19), "ST_RAM_SIZE",      rw},
         {bit(21),      "SECURITY",         rw},
         {bit(22),      "BOOT_CM4",         rw},
         {bit(23),      "BOOT_CM7",         rw},
         {bit(24),      "NRST_STOP_D2",     rw},
         {bit(25),      "NRST_STBY_D2",     rw},
         {bits(28, 26), "RES",              r},
         {bit(29),      "IO_HSLV",          rw},
         {bit(31),      "SWAP_BANK_OPT",    rw}},
     .writable = &Controller::options_unlocked,
     .written = &Controller::check_security_bit},

    {.offset = 0x024, .name = "OPTCCR", .reset = 0x0000'0000,
     .fields = {
         {bit(30),      "CLR_OPTCHANGEERR", w}},
     .written = &Controller::clear_option_error},

    {.offset = 0x028, .name = "PRAR_CUR", .reset = 0x0000'00FF,
     .fields = {
         {bits(11, 0),  "PROT_AREA_START",  r},
         {bits(27, 16), "PROT_AREA_END",    r},
         {bit(31),      "DMEP",             r}},
     .count = 2, .stride = 0x100,
     .live = &Controller::prar_cur},

    {.offset = 0x02C, .name = "PRAR_PRG", .reset = 0x0000'00FF,
     .fields = {
         {bits(11, 0),  "PROT_AREA_START",  rw},
         {bits(27, 16), "PROT_AREA_END",    rw},
         {bit(31),      "DMEP",             rw}},
     .count = 2, .stride = 0x100,
     .writable = &Controller::area_writable},

    {.offset = 0x030, .name = "SCAR_CUR", .reset = 0x0000'00FF,
     .fields = {
         {bits(11, 0),  "SEC_AREA_START",   r},
         {bits(27, 16), "SEC_AREA_END",     r},
         {bit(31),      "DMES",             r}},
     .count = 2, .stride = 0x100,
     .live = &Controller::scar_cur},

    {.offset = 0x034, .name = "SCAR_PRG", .reset = 0x0000'00FF,
     .fields = {
         {bits(11, 0),  "SEC_AREA_START",   rw},
         {bits(27, 16), "SEC_AREA_END",     rw},
         {bit(31),      "DMES",             rw}},
     .count = 2, .stride = 0x100,
     .writable = &Controller::area_writable},

    {.offset = 0x038, .name = "WPSN_CUR", .reset = 0x0000'00FF,
     .fields = {
         {bits(7, 0),   "WRPSN",            r}},
     .count = 2, .stride = 0x100,
     .live = &Controller::wpsn_cur},

    {.offset = 0x03C, .name = "WPSN_PRG", .reset = 0x0000'00FF,
     .fields = {
         {bits(7, 0),   "WRPSN",            rw}},
     .count = 2, .stride = 0x100,
     .writable = &Controller::options_unlocked},

    {.offset = 0x040, .name = "BOOT7_CURR", .reset = 0x1FF0'0800,
     .fields = {
         {bits(15, 0),  "BOOT_CM7_ADD0",    r},
         {bits(31, 16), "BOOT_CM7_ADD1",    r}},
     .live = &Controller::boot7_cur},

    {.offset = 0x044, .name = "BOOT7_PRGR", .reset = 0x1FF0'0800,
     .fields = {
         {bits(15, 0),  "BOOT_CM7_ADD0",    rw},
         {bits(31, 16), "BOOT_CM7_ADD1",    rw}},
     .writable = &Controller::options_unlocked},

    {.offset = 0x048, .name = "BOOT4_CURR", .reset = 0x1000'0810,
     .fields = {
         {bits(15, 0),  "BOOT_CM4_ADD0",    r},
         {bits(31, 16), "BOOT_CM4_ADD1",    r}},
     .live = &Controller::boot4_cur},

    {.offset = 0x04C, .name = "BOOT4_PRGR", .reset = 0x1000'0810,
     .fields = {
         {bits(15, 0),  "BOOT_CM4_ADD0",    rw},
         {bits(31, 16), "BOOT_CM4_ADD1",    rw}},
     .writable = &Controller::options_unlocked},

    {.offset = 0x050, .name = "CRCCR", .reset = 0x001C'0000,
     .fields = {
         {bits(2, 0),   "CRC_SECT",         rw},
         {bit(8),       "CRC_BY_SECT",      rw},
         {bit(9),       "ADD_SECT",         w},
         {bit(10),      "CLEAN_SECT",       w},
         {bit(16),      "START_CRC",        w},
         {bit(17),      "CLEAN_CRC",        w},
         {bits(19, 18), "RES",              r},
         {bits(21, 20), "CRC_BURST",        rw},
         {bit(22),      "ALL_BANK",         w}},
     .count = 2, .stride = 0x100,
     .writable = &Controller::crc_enabled,
     .written = &Controller::obey_crc},

    {.offset = 0x054, .name = "CRCSADD", .reset = 0x0000'0000,
     .fields = {
         {bits(19, 2),  "CRC_START_ADDR",   rw}},
     .count = 2, .stride = 0x100},

    {.offset = 0x058, .name = "CRCEADD", .reset = 0x0000'0000,
     .fields = {
         {bits(19, 2),  "CRC_END_ADDR",     rw}},
     .count = 2, .stride = 0x100},

    {.offset = 0x05C, .name = "CRCDATAR", .reset = 0x0000'0000,
     .fields = {
         {bits(31, 0),  "CRC_DATA",         r}},
     .live = &Controller::crc_data},

    {.offset = 0x060, .name = "ECC_FA", .reset = 0x0000'0000,
     .fields = {
         {bits(14, 0),  "FAIL_ECC_ADDR",    r}},
     .count = 2, .stride = 0x100,
     .live = &Controller::ecc_fail_address},
};
// clang-format on
static_assert(well_formed(Controller::registers));

}  // namespace h7::flash

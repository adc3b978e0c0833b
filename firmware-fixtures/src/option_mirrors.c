/* SYSCFG_UR0 to UR17 against the option registers they mirror, as boot code reads them (spec/system.md 4.5, 11.10; A15).
   Expected on USART3 with factory options:
     without clock: 0x00000000
     RDP 0x000000AA, security 0, BCM7 1, BCM4 1, CM7 0x00000800 0x00001FF0, CM4 0x00000810 0x00001000
     35 mirrors, 0 differ                                                                                            */
#include "h7.h"
#include "print.h"

#define SYSCFG_UR(n) REG32(0x58000700U + 4U * (n))
#define FIELD(value, msb, lsb) (((value) >> (lsb)) & ((2U << ((msb) - (lsb))) - 1U))

static uint32_t mirrors, different;

static void same(const char *what, uint32_t mirror, uint32_t option) {
    ++mirrors;
    if (mirror == option) return;
    ++different;
    say("%s: mirror %x, option %x\n", what, mirror, option);
}
/* A field of SYSCFG_UR<n> and of the option register it mirrors. */
struct Mirror {
    const char *what;
    uint32_t n, msb, lsb;
    volatile const uint32_t *option;
    uint32_t option_msb, option_lsb;
};
// clang-format off
static const struct Mirror kMirrors[] = {
    {"RDP",         0, 23, 16, &FLASH_OPTSR_CUR,     15,  8},
    {"BCM4",        1,  0,  0, &FLASH_OPTSR_CUR,     22, 22},
    {"BCM7",        1, 16, 16, &FLASH_OPTSR_CUR,     23, 23},
    {"BORH",        2,  1,  0, &FLASH_OPTSR_CUR,      3,  2},
    {"BCM7_ADD0",   2, 31, 16, &FLASH_BOOT7_CUR,     15,  0},
    {"BCM7_ADD1",   3, 15,  0, &FLASH_BOOT7_CUR,     31, 16},
    {"BCM4_ADD0",   3, 31, 16, &FLASH_BOOT4_CUR,     15,  0},
    {"BCM4_ADD1",   4, 15,  0, &FLASH_BOOT4_CUR,     31, 16},
    {"MEPAD_1",     4, 16, 16, &FLASH_PRAR_CUR(1),   31, 31},
    {"MESAD_1",     5,  0,  0, &FLASH_SCAR_CUR(1),   31, 31},
    {"WRPN_1",      5, 23, 16, &FLASH_WPSN_CUR(1),    7,  0},
    {"PA_BEG_1",    6, 11,  0, &FLASH_PRAR_CUR(1),   11,  0},
    {"PA_END_1",    6, 27, 16, &FLASH_PRAR_CUR(1),   27, 16},
    {"SA_BEG_1",    7, 11,  0, &FLASH_SCAR_CUR(1),   11,  0},
    {"SA_END_1",    7, 27, 16, &FLASH_SCAR_CUR(1),   27, 16},
    {"MEPAD_2",     8,  0,  0, &FLASH_PRAR_CUR(2),   31, 31},
    {"MESAD_2",     8, 16, 16, &FLASH_SCAR_CUR(2),   31, 31},
    {"WRPN_2",      9,  7,  0, &FLASH_WPSN_CUR(2),    7,  0},
    {"PA_BEG_2",    9, 27, 16, &FLASH_PRAR_CUR(2),   11,  0},
    {"PA_END_2",   10, 11,  0, &FLASH_PRAR_CUR(2),   27, 16},
    {"SA_BEG_2",   10, 27, 16, &FLASH_SCAR_CUR(2),   11,  0},
    {"SA_END_2",   11, 11,  0, &FLASH_SCAR_CUR(2),   27, 16},
    {"IWDG1M",     11, 16, 16, &FLASH_OPTSR_CUR,      4,  4},
    {"IWDG2M",     12,  0,  0, &FLASH_OPTSR_CUR,      5,  5},
    {"SECURE",     12, 16, 16, &FLASH_OPTSR_CUR,     21, 21},
    {"SDRS",       13,  1,  0, &FLASH_OPTSR_CUR,     20, 19},
    {"D1SBRST",    13, 16, 16, &FLASH_OPTSR_CUR,      7,  7},
    {"D1STPRST",   14,  0,  0, &FLASH_OPTSR_CUR,      6,  6},
    {"D2SBRST",    14, 16, 16, &FLASH_OPTSR_CUR,     25, 25},
    {"D2STPRST",   15,  0,  0, &FLASH_OPTSR_CUR,     24, 24},
    {"FZIWDGSTB",  15, 16, 16, &FLASH_OPTSR_CUR,     18, 18},
    {"FZIWDGSTP",  16,  0,  0, &FLASH_OPTSR_CUR,     17, 17},
    {"IOHSLV",     17,  0,  0, &FLASH_OPTSR_CUR,     29, 29},
};
// clang-format on

int main(void) {
    usart3_open();
    uint32_t seen = 0;
    for (uint32_t n = 0; n < 18; ++n) seen |= SYSCFG_UR(n);
    say("without clock: %x\n", seen);
    RCC_APB4ENR |= 2U;
    (void)RCC_APB4ENR;
    say("RDP %x, security %u, BCM7 %u, BCM4 %u, CM7 %x %x, CM4 %x %x\n", FIELD(SYSCFG_UR(0), 23, 16),
        FIELD(SYSCFG_UR(12), 16, 16), FIELD(SYSCFG_UR(1), 16, 16), FIELD(SYSCFG_UR(1), 0, 0),
        FIELD(SYSCFG_UR(2), 31, 16), FIELD(SYSCFG_UR(3), 15, 0), FIELD(SYSCFG_UR(3), 31, 16),
        FIELD(SYSCFG_UR(4), 15, 0));
    for (const struct Mirror *row = kMirrors; row != kMirrors + sizeof kMirrors / sizeof *kMirrors; ++row)
        same(row->what, FIELD(SYSCFG_UR(row->n), row->msb, row->lsb),
             FIELD(*row->option, row->option_msb, row->option_lsb));
    same("BKS", FIELD(SYSCFG_UR(0), 0, 0), !FIELD(FLASH_OPTCR, 31, 31));
    /* A write is accepted and changes no option (decision 0042). */
    SYSCFG_UR(2) = (SYSCFG_UR(2) & 0xFFFFU) | 0x0804U << 16;
    same("BCM7_ADD0 after a write to UR2", FIELD(FLASH_BOOT7_CUR, 15, 0), FIELD(FLASH_BOOT7_PRG, 15, 0));
    say("%u mirrors, %u differ\n", mirrors, different);
    stop();
}

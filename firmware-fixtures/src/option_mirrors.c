/* SYSCFG_UR0 to UR17 against the option registers they mirror, as boot code reads them (spec/system.md 4.5, 11.10; A15).
   Expected on USART3 with factory options:
     without clock: 0x00000000
     RDP 0x000000AA, security 0, BCM7 1, BCM4 1, CM7 0x00000800 0x00001FF0, CM4 0x00000810 0x00001000
     35 mirrors, 0 differ                                                                                            */
#include "h7.h"
#include "print.h"

#define RCC_APB4ENR REG32(0x580244F4U)
#define SYSCFG_UR(n) REG32(0x58000700U + 4U * (n))
#define FIELD(value, msb, lsb) (((value) >> (lsb)) & ((2U << ((msb) - (lsb))) - 1U))

static uint32_t mirrors, different;

static void same(const char *what, uint32_t mirror, uint32_t option) {
    ++mirrors;
    if (mirror == option) return;
    ++different;
    say("%s: mirror %x, option %x\n", what, mirror, option);
}
static void ur(const char *what, uint32_t n, uint32_t msb, uint32_t lsb, uint32_t option) {
    same(what, FIELD(SYSCFG_UR(n), msb, lsb), option);
}

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
    const uint32_t optsr = FLASH_OPTSR_CUR, pr1 = FLASH_PRAR_CUR(1), pr2 = FLASH_PRAR_CUR(2);
    const uint32_t sc1 = FLASH_SCAR_CUR(1), sc2 = FLASH_SCAR_CUR(2);
    ur("RDP", 0, 23, 16, FIELD(optsr, 15, 8));
    ur("BKS", 0, 0, 0, !FIELD(FLASH_OPTCR, 31, 31));
    ur("BCM4", 1, 0, 0, FIELD(optsr, 22, 22));
    ur("BCM7", 1, 16, 16, FIELD(optsr, 23, 23));
    ur("BORH", 2, 1, 0, FIELD(optsr, 3, 2));
    ur("BCM7_ADD0", 2, 31, 16, FIELD(FLASH_BOOT7_CUR, 15, 0));
    ur("BCM7_ADD1", 3, 15, 0, FIELD(FLASH_BOOT7_CUR, 31, 16));
    ur("BCM4_ADD0", 3, 31, 16, FIELD(FLASH_BOOT4_CUR, 15, 0));
    ur("BCM4_ADD1", 4, 15, 0, FIELD(FLASH_BOOT4_CUR, 31, 16));
    ur("MEPAD_1", 4, 16, 16, FIELD(pr1, 31, 31));
    ur("MESAD_1", 5, 0, 0, FIELD(sc1, 31, 31));
    ur("WRPN_1", 5, 23, 16, FIELD(FLASH_WPSN_CUR(1), 7, 0));
    ur("PA_BEG_1", 6, 11, 0, FIELD(pr1, 11, 0));
    ur("PA_END_1", 6, 27, 16, FIELD(pr1, 27, 16));
    ur("SA_BEG_1", 7, 11, 0, FIELD(sc1, 11, 0));
    ur("SA_END_1", 7, 27, 16, FIELD(sc1, 27, 16));
    ur("MEPAD_2", 8, 0, 0, FIELD(pr2, 31, 31));
    ur("MESAD_2", 8, 16, 16, FIELD(sc2, 31, 31));
    ur("WRPN_2", 9, 7, 0, FIELD(FLASH_WPSN_CUR(2), 7, 0));
    ur("PA_BEG_2", 9, 27, 16, FIELD(pr2, 11, 0));
    ur("PA_END_2", 10, 11, 0, FIELD(pr2, 27, 16));
    ur("SA_BEG_2", 10, 27, 16, FIELD(sc2, 11, 0));
    ur("SA_END_2", 11, 11, 0, FIELD(sc2, 27, 16));
    ur("IWDG1M", 11, 16, 16, FIELD(optsr, 4, 4));
    ur("IWDG2M", 12, 0, 0, FIELD(optsr, 5, 5));
    ur("SECURE", 12, 16, 16, FIELD(optsr, 21, 21));
    ur("SDRS", 13, 1, 0, FIELD(optsr, 20, 19));
    ur("D1SBRST", 13, 16, 16, FIELD(optsr, 7, 7));
    ur("D1STPRST", 14, 0, 0, FIELD(optsr, 6, 6));
    ur("D2SBRST", 14, 16, 16, FIELD(optsr, 25, 25));
    ur("D2STPRST", 15, 0, 0, FIELD(optsr, 24, 24));
    ur("FZIWDGSTB", 15, 16, 16, FIELD(optsr, 18, 18));
    ur("FZIWDGSTP", 16, 0, 0, FIELD(optsr, 17, 17));
    ur("IOHSLV", 17, 0, 0, FIELD(optsr, 29, 29));
    /* A write is accepted and changes no option (decision 0042). */
    SYSCFG_UR(2) = (SYSCFG_UR(2) & 0xFFFFU) | 0x0804U << 16;
    same("BCM7_ADD0 after a write to UR2", FIELD(FLASH_BOOT7_CUR, 15, 0), FIELD(FLASH_BOOT7_PRG, 15, 0));
    say("%u mirrors, %u differ\n", mirrors, different);
    stop();
}

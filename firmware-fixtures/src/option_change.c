/* Changes BOR_LEV to 2 through OPTSTART (F-139), then shows that a locked OPTCR keeps its request out (F-138).
   Expected on USART3 on a factory chip:
     OPTSR_CUR 0x17C6AAF0, BOR_LEV 0
     OPTSTART: no OPTCHANGEERR
     OPTSR_CUR 0x17C6AAF8, BOR_LEV 2
     locked: OPTSR_PRG still 0x17C6AAF8                                                                              */
#include "h7.h"
#include "print.h"

static void show(void) {
    const uint32_t options = FLASH_OPTSR_CUR;
    say("OPTSR_CUR %x, BOR_LEV %u\n", options, (options & FLASH_OPTSR_BOR_LEV_Msk) >> FLASH_OPTSR_BOR_LEV_Pos);
}

int main(void) {
    usart3_open();
    show();
    FLASH_OPTKEYR = 0x08192A3BU;
    FLASH_OPTKEYR = 0x4C5D6E7FU;
    FLASH_OPTSR_PRG = (FLASH_OPTSR_PRG & ~FLASH_OPTSR_BOR_LEV_Msk) | (2U << FLASH_OPTSR_BOR_LEV_Pos);
    FLASH_OPTCR |= FLASH_OPTCR_OPTSTART;
    while ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) != 0) {
    }
    say("OPTSTART: %s\n", (FLASH_OPTSR_CUR & FLASH_OPTSR_OPTCHANGEERR) != 0 ? "OPTCHANGEERR" : "no OPTCHANGEERR");
    show();
    FLASH_OPTCR |= FLASH_OPTCR_OPTLOCK;
    FLASH_OPTSR_PRG &= ~FLASH_OPTSR_BOR_LEV_Msk;
    say("locked: OPTSR_PRG still %x\n", FLASH_OPTSR_PRG);
    stop();
}

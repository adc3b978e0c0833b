/* Counts boots in RAM over a software reset from each core. Runs with reset_survivor_cm4 (without it, it stays at boot 2).
   RCC_RSR as of spec/system.md 3.2; the flags are cleared after each print.
   Expected on USART3 after power-on:
     boot 1: RCC_RSR 0x00FE0000
     boot 2: RCC_RSR 0x01460000
     boot 3: RCC_RSR 0x02460000
     done                                                                                                            */
#include "h7.h"
#include "print.h"
#include "survivor.h"

int main(void) {
    usart3_open();
    if (SURVIVOR->magic != SURVIVOR_MAGIC) {
        SURVIVOR->boots = 0;
        SURVIVOR->m4_resets = 0;
        SURVIVOR->magic = SURVIVOR_MAGIC;
    }
    SURVIVOR->boots = SURVIVOR->boots + 1;
    say("boot %u: RCC_RSR %x\n", SURVIVOR->boots, RCC_RSR);
    RCC_RSR |= RCC_RSR_RMVF;
    RCC_RSR &= ~RCC_RSR_RMVF; /* the bit is plain read-write: left at 1 it would show in the next reading */
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    dsb();
    if (SURVIVOR->boots == 1) {
        reset_system();
    }
    if (SURVIVOR->boots == 2) {
        SURVIVOR->m4_resets = 1;
        for (;;) {
        }
    }
    say("done\n");
    stop();
}

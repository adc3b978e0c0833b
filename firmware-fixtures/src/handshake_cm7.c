/* ST's BootCM4_CM7 template, Cortex-M7 side (spec/system.md 2.4), with the register traffic its SystemInit adds.
   Runs with handshake_cm4. Expected on USART3:
     CM7: the Cortex-M4 is in CStop (D2CKRDY 0)
     CM7: the Cortex-M4 runs again (D2CKRDY 1)
     CM4: woken by semaphore 0
   If the Cortex-M4 never stops or never wakes:
     CM7: timeout waiting for D2CKRDY                                                                                */
#include "h7.h"
#include "handshake.h"
#include "hsem.h"
#include "print.h"

static void give_up(void) {
    usart3_open();
    say("CM7: timeout waiting for D2CKRDY\n");
    stop();
}

int main(void) {
    SCB_SCR |= SCB_SCR_SEVONPEND;
    (void)DBGMCU_IDC;
    FMC_BCR1 = 0x000030D2U; /* SystemInit writes it although the FMC is off; it must not fault */
    if (!handshake_m4_is_stopped()) give_up();
    hsem_clock_on();
    hsem_take(kHsemPrint); /* the Cortex-M4 waits for it before it prints */
    if (!handshake_wake_m4()) give_up();
    usart3_open();
    say("CM7: the Cortex-M4 is in CStop (D2CKRDY 0)\n");
    say("CM7: the Cortex-M4 runs again (D2CKRDY 1)\n");
    hsem_release(kHsemPrint);
    stop();
}

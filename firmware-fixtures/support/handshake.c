#include "handshake.h"

#include "h7.h"
#include "hsem.h"

#ifdef CORE_CM4

void handshake_wait_in_cstop(void) {
    SCB_SCR |= SCB_SCR_SEVONPEND;
    hsem_clock_on();
    HSEM_C2IER |= 1U << kHsemBoot;
    sev(); /* set the local event, then consume it: the next WFE really sleeps */
    wfe();
    PWR_CR1 &= ~PWR_CR1_LPDS;
    PWR_CPU2CR &= ~PWR_CPU2CR_PDDS_D2;
    SCB_SCR |= SCB_SCR_SLEEPDEEP;
    dsb();
    isb();
    wfe();
    SCB_SCR &= ~SCB_SCR_SLEEPDEEP;
    HSEM_C2ICR = 1U << kHsemBoot;
}

#else

static uint32_t poll_d2ckrdy(uint32_t wanted) {
    for (uint32_t tries = 0; tries < 0xFFFFU; ++tries) {
        if ((RCC_CR & RCC_CR_D2CKRDY) == wanted) return 1;
    }
    return 0;
}

uint32_t handshake_m4_is_stopped(void) {
    EXTI_C2EMR3 |= EXTI_C2EMR3_LINE78; /* ST's SystemInit: the semaphore interrupt of CPU2 is also an event for it */
    return poll_d2ckrdy(0);
}

uint32_t handshake_wake_m4(void) {
    hsem_clock_on();
    if (!hsem_try(kHsemBoot)) return 0;
    hsem_release(kHsemBoot);
    return poll_d2ckrdy(RCC_CR_D2CKRDY);
}

#endif

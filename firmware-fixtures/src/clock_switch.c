/* The Cortex-M7 walks through seven clock trees for as long as it is left alone; the Cortex-M4 counts, and its SysTick
   interrupts it. With STILL the clock stays as it is. They share nothing but the clock. Built for both cores; prints nothing. */
#include "h7.h"

#define RCC_D1CFGR REG32(0x58024418U)

#ifdef CORE_CM7

static void spend(uint32_t rounds) {
    while (rounds-- != 0U) __asm volatile("" ::: "memory");
}

int main(void) {
    /* HPRE 3:0 divides for the Cortex-M4 and the buses, D1CPRE 11:8 before both: 8 is /2, 9 is /4. */
    static const uint16_t trees[] = {0x008, 0x009, 0x800, 0x808, 0x908, 0x80B, 0x000};
    for (;;)
        for (uint32_t i = 0; i < sizeof trees / sizeof trees[0]; ++i) {
#ifndef STILL
            RCC_D1CFGR = trees[i];
            dsb();
#endif
            spend(1000U + 77U * i);
        }
}

#else

static volatile uint32_t ticks;

void SysTick_Handler(void) { ++ticks; }

int main(void) {
    SYST_RVR = 500U - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7U;
    for (uint32_t n = 0;; ++n) __asm volatile("" ::"r"(n) : "memory");
}

#endif

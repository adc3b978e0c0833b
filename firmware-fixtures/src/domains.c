/* CStop of either core seen and ended by the other: HAL_PWREx_EnterSTOPMode for D2 and then D1, the EXTI doorbell as the wake-up
   (spec/system.md 2.4, 4.3, 5.2b, 11.7). Both cores run this source.
   Expected on USART3:
     the CM4 stops: D2CKRDY 0, wakes by EXTI 1: D2CKRDY 1, times 3
     the CM7 stops: D1CKRDY 0, wakes by EXTI 2: D1CKRDY 1, times 3                                                    */
#include "h7.h"
#include "print.h"

enum { kTimes = 3, kToM4 = 1, kToM7 = 2 };

/* One core as the other sees it: how often its clock was off before a ring and on after it, its wake-ups, and how many
   of them the other has seen. */
struct Sleeper {
    volatile uint32_t off, on, wakes, seen;
};
struct Shared {
    volatile uint32_t ready, heard;
    struct Sleeper m4, m7;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x600DU

static void cstop(void) {
    SCB_SCR |= SCB_SCR_SLEEPDEEP;
    dsb();
    isb();
    wfi();
    SCB_SCR &= ~SCB_SCR_SLEEPDEEP;
}

/* Wakes the other core, kTimes times. */
static void ring(uint32_t clock_ready, uint32_t line, struct Sleeper* other) {
    for (uint32_t i = 0; i < kTimes; ++i) {
        uint32_t polls = 0;
        while ((RCC_CR & clock_ready) != 0 && ++polls < 0xFFFFU) {
        }
        other->off += polls < 0xFFFFU;
        EXTI_SWIER1 = 1U << line;
        while (other->wakes != i + 1) {
        }
        other->on += (RCC_CR & clock_ready) != 0;
        other->seen = i + 1;
    }
}

#ifdef CORE_CM4
int main(void) {
    __asm volatile("cpsid i"); /* WFI ends, no handler runs */
    NVIC_ISER(0) = 1U << 7;    /* EXTI1 */
    while (SHARED.heard != MAGIC) SHARED.ready = MAGIC;
    PWR_CPU2CR &= ~7U;
    for (uint32_t i = 0; i < kTimes; ++i) {
        cstop();
        EXTI_C2PR1 = 1U << kToM4;
        NVIC_ICER(0) = 1U << 7;
        REG32(0xE000E280U) = 1U << 7; /* NVIC_ICPR */
        NVIC_ISER(0) = 1U << 7;
        SHARED.m4.wakes = i + 1;
        while (SHARED.m4.seen != i + 1) {
        }
    }
    ring(RCC_CR_D1CKRDY, kToM7, &SHARED.m7);
    for (;;) wfi();
}
#else
int main(void) {
    __asm volatile("cpsid i");
    NVIC_ISER(0) = 1U << 8; /* EXTI2 */
    SHARED = (struct Shared){0};
    while (SHARED.ready != MAGIC) {
    }
    EXTI_RTSR1 |= 1U << kToM4 | 1U << kToM7;
    EXTI_C2IMR1 |= 1U << kToM4;
    EXTI_C1IMR1 |= 1U << kToM7;
    PWR_CPUCR &= ~7U;
    SHARED.heard = MAGIC;
    ring(RCC_CR_D2CKRDY, kToM4, &SHARED.m4);
    for (uint32_t i = 0; i < kTimes; ++i) {
        cstop();
        EXTI_C1PR1 = 1U << kToM7;
        REG32(0xE000E280U) = 1U << 8;
        SHARED.m7.wakes = i + 1;
        while (SHARED.m7.seen != i + 1) {
        }
    }
    usart3_open();
    say("the CM4 stops: D2CKRDY %u, wakes by EXTI 1: D2CKRDY %u, times %u\n", kTimes - SHARED.m4.off,
        SHARED.m4.on == kTimes, SHARED.m4.wakes);
    say("the CM7 stops: D1CKRDY %u, wakes by EXTI 2: D1CKRDY %u, times %u\n", kTimes - SHARED.m7.off,
        SHARED.m7.on == kTimes, SHARED.m7.wakes);
    return 0;
}
#endif

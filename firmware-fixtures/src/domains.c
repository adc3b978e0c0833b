/* CStop of either core seen and ended by the other: HAL_PWREx_EnterSTOPMode for D2 and then D1, the EXTI doorbell as the wake-up
   (spec/system.md 2.4, 4.3, 5.2b, 11.7). Both cores run this source.
   Expected on USART3:
     the CM4 stops: D2CKRDY 0, wakes by EXTI 1: D2CKRDY 1, times 3
     the CM7 stops: D1CKRDY 0, wakes by EXTI 2: D1CKRDY 1, times 3                                                    */
#include "h7.h"
#include "print.h"

#define PWR_CPUCR REG32(0x58024810U)
#define EXTI_RTSR1 REG32(0x58000000U)
#define EXTI_SWIER1 REG32(0x58000008U)
#define EXTI_C1IMR1 REG32(0x58000080U)
#define EXTI_C1PR1 REG32(0x58000088U)
#define EXTI_C2IMR1 REG32(0x580000C0U)
#define EXTI_C2PR1 REG32(0x580000C8U)
#define RCC_CR_D1CKRDY (1U << 14)

enum { kTimes = 3, kToM4 = 1, kToM7 = 2 };

struct Shared {
    volatile uint32_t ready, heard, m4_wakes, m7_wakes, d2_off, d2_on, d1_off, d1_on, m4_rings, m7_saw;
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
        SHARED.m4_wakes = i + 1;
        while (SHARED.m7_saw != i + 1) {
        }
    }
    for (uint32_t i = 0; i < kTimes; ++i) {
        uint32_t polls = 0;
        while ((RCC_CR & RCC_CR_D1CKRDY) != 0 && ++polls < 0xFFFFU) {
        }
        SHARED.d1_off += polls < 0xFFFFU;
        EXTI_SWIER1 = 1U << kToM7;
        while (SHARED.m7_wakes != i + 1) {
        }
        SHARED.d1_on += (RCC_CR & RCC_CR_D1CKRDY) != 0;
        SHARED.m4_rings = i + 1;
    }
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
    for (uint32_t i = 0; i < kTimes; ++i) {
        uint32_t polls = 0;
        while ((RCC_CR & RCC_CR_D2CKRDY) != 0 && ++polls < 0xFFFFU) {
        }
        SHARED.d2_off += polls < 0xFFFFU;
        EXTI_SWIER1 = 1U << kToM4;
        while (SHARED.m4_wakes != i + 1) {
        }
        SHARED.d2_on += (RCC_CR & RCC_CR_D2CKRDY) != 0;
        SHARED.m7_saw = i + 1;
    }
    for (uint32_t i = 0; i < kTimes; ++i) {
        cstop();
        EXTI_C1PR1 = 1U << kToM7;
        REG32(0xE000E280U) = 1U << 8;
        SHARED.m7_wakes = i + 1;
        while (SHARED.m4_rings != i + 1) {
        }
    }
    usart3_open();
    say("the CM4 stops: D2CKRDY %u, wakes by EXTI 1: D2CKRDY %u, times %u\n", kTimes - SHARED.d2_off,
        SHARED.d2_on == kTimes, SHARED.m4_wakes);
    say("the CM7 stops: D1CKRDY %u, wakes by EXTI 2: D1CKRDY %u, times %u\n", kTimes - SHARED.d1_off,
        SHARED.d1_on == kTimes, SHARED.m7_wakes);
    return 0;
}
#endif

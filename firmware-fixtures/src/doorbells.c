/* The three doorbells between the cores that real firmware uses (spec/system.md 5.2b): an EXTI line rung by
   software, a semaphore released, SEV with its own interrupt. Both cores run this source; the Cortex-M4
   sleeps between the rings. Expected on USART3: EXTI line 0 rang the Cortex-M4 3 times; pending for CM7 0,
   for CM4 0 semaphore 1 rang the Cortex-M4, C2MISR 0x00000002 SEV rang the Cortex-M4 1 times, the Cortex-M7 0
   times the Cortex-M4 rang back: SEV 1, C1MISR 0x00000004 */
#include "h7.h"
#include "hsem.h"
#include "print.h"
#include "vectors_in_ram.h"

enum { kExti0 = 6, kCm7Sev = 64, kCm4Sev = 65, kHsem1 = 125, kHsem2 = 126, kToM4 = 1, kToM7 = 2 };

/* SRAM4, shared by both. The Cortex-M7 clears it; the Cortex-M4 says that it is there until it is heard. */
struct Shared {
    volatile uint32_t ready, heard, answer, exti, semaphore_m4, semaphore_m7, sev_m4, sev_m7;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x600DU

static void enable(uint32_t irq, Handler handler) {
    on_irq(irq, handler);
    NVIC_IPR(irq) = 0x50;
    enable_irq(irq);
}

static void begin(void) {
    vectors_to_ram();
    hsem_clock_on();
}

/* HAL's order: read, mask, clear. */
#ifdef CORE_CM4
static void on_exti0(void) {
    EXTI_C2PR1 = 1;
    ++SHARED.exti;
}
static void on_hsem(void) {
    const uint32_t which = HSEM_C2MISR;
    HSEM_C2IER &= ~which;
    HSEM_C2ICR = which;
    SHARED.semaphore_m4 = which;
}
static void on_sev(void) { ++SHARED.sev_m4; }

int main(void) {
    begin();
    while (SHARED.heard != MAGIC) SHARED.ready = MAGIC;
    HSEM_C2IER |= 1U << kToM4;
    enable(kExti0, on_exti0);
    enable(kHsem2, on_hsem);
    enable(kCm7Sev, on_sev);
    SHARED.ready = 2;
    while (SHARED.answer != MAGIC) wfi();
    sev();
    while (SHARED.sev_m7 == 0) {
    }
    hsem_take(kToM7);
    hsem_release(kToM7);
    for (;;) wfi();
}
#else
static void on_hsem(void) {
    const uint32_t which = HSEM_C1MISR;
    HSEM_C1IER &= ~which;
    HSEM_C1ICR = which;
    SHARED.semaphore_m7 = which;
}
static void on_sev(void) { ++SHARED.sev_m7; }

static void ring_exti(uint32_t times) {
    EXTI_SWIER1 = 1;
    while (SHARED.exti != times) {
    }
}

int main(void) {
    begin();
    usart3_open();
    SHARED = (struct Shared){0};
    while (SHARED.ready != MAGIC) {
    }
    HSEM_C1IER |= 1U << kToM7;
    enable(kHsem1, on_hsem);
    enable(kCm4Sev, on_sev);
    EXTI_RTSR1 |= 1U;
    EXTI_C1IMR1 &= ~1U;
    EXTI_C2IMR1 |= 1U;
    SHARED.heard = MAGIC;
    while (SHARED.ready != 2) {
    }
    for (uint32_t i = 1; i <= 3; ++i) ring_exti(i);
    say("EXTI line 0 rang the Cortex-M4 %u times; pending for CM7 %u, for CM4 %u\n", SHARED.exti,
        EXTI_C1PR1 & 1U, EXTI_C2PR1 & 1U);
    hsem_take(kToM4);
    hsem_release(kToM4);
    while (SHARED.semaphore_m4 == 0) {
    }
    say("semaphore 1 rang the Cortex-M4, C2MISR %x\n", SHARED.semaphore_m4);
    sev();
    while (SHARED.sev_m4 == 0) {
    }
    say("SEV rang the Cortex-M4 %u times, the Cortex-M7 %u times\n", SHARED.sev_m4, SHARED.sev_m7);
    SHARED.answer = MAGIC;
    ring_exti(4);
    while (SHARED.sev_m7 == 0 || SHARED.semaphore_m7 == 0) {
    }
    say("the Cortex-M4 rang back: SEV %u, C1MISR %x\n", SHARED.sev_m7, SHARED.semaphore_m7);
    return 0;
}
#endif

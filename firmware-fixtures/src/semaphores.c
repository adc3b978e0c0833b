/* HSEM between two cores beyond the boot handshake: a resource shared by one-step and two-step takes, notification interrupts to
   both cores, and a dead core's semaphores freed by its COREID (spec/system.md 5.3; HAL_HSEM_Take, FastTake, ReleaseAll).
   Both cores run this source. Expected on USART3:
     shared 2000 times, each core 1000; lost 0
     a two-step take of the CM4's semaphore reads back 0x80000105, a one-step one 0x80000100
     a wrong key frees 0, the right one 3; the CM4's interrupt saw 0x00000070, ours 0x00000070
     the CM7 takes them: 0x80000300                                                                                   */
#include "h7.h"
#include "hsem.h"
#include "print.h"
#include "vectors_in_ram.h"

#define HSEM_CR REG32(0x58026540U)
#define HSEM_KEYR REG32(0x58026544U)

enum { kResource = 9, kHsemLine1 = 125, kHsemLine2 = 126, kTimes = 1000, kKey = 0x55AA };
#define DYING_MASK 0x70U /* 4, 5 and 6 */

struct Shared {
    volatile uint32_t ready, heard, counter, cm4_done, cm4_took, seen_by_cm4;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x600DU

static volatile uint32_t seen;

static void begin(uint32_t irq, Handler handler) {
    vectors_to_ram();
    on_irq(irq, handler);
    hsem_clock_on();
    enable_irq(irq);
}
static void share(void) {
    for (unsigned i = 0; i < kTimes; ++i) {
        hsem_take(kResource);
        SHARED.counter = SHARED.counter + 1;
        hsem_release(kResource);
    }
}

#ifdef CORE_CM4
static void on_hsem(void) {
    const uint32_t which = HSEM_C2MISR;
    HSEM_C2IER &= ~which;
    HSEM_C2ICR = which;
    seen |= which;
    SHARED.seen_by_cm4 = seen;
}

int main(void) {
    begin(kHsemLine2, on_hsem);
    while (SHARED.heard != MAGIC) SHARED.ready = MAGIC;
    share();
    HSEM_C2IER |= DYING_MASK;
    HSEM_R(4) = HSEM_LOCK | 0x100U | 5U; /* HAL_HSEM_Take, process 5 */
    (void)HSEM_RLR(5);                   /* HAL_HSEM_FastTake */
    (void)HSEM_RLR(6);
    SHARED.cm4_took = MAGIC;
    for (;;) wfi(); /* dead to the program, but its interrupts */
}
#else
static void on_hsem(void) {
    const uint32_t which = HSEM_C1MISR;
    HSEM_C1IER &= ~which;
    HSEM_C1ICR = which;
    seen |= which;
}
static uint32_t freed(void) {
    uint32_t count = 0;
    for (uint32_t n = 4; n <= 6; ++n) count += HSEM_R(n) == 0;
    return count;
}

int main(void) {
    begin(kHsemLine1, on_hsem);
    usart3_open();
    SHARED = (struct Shared){0};
    while (SHARED.ready != MAGIC) {
    }
    SHARED.heard = MAGIC;
    share();
    while (SHARED.cm4_took != MAGIC) {
    }
    say("shared %u times, each core %u; lost %u\n", SHARED.counter, kTimes, 2U * kTimes - SHARED.counter);
    HSEM_R(4) = HSEM_LOCK | 0x300U;
    say("a two-step take of the CM4's semaphore reads back %x, a one-step one %x\n", HSEM_R(4), HSEM_RLR(5));
    HSEM_C1IER |= DYING_MASK;
    HSEM_KEYR = (uint32_t)kKey << 16;
    HSEM_CR = (uint32_t)(kKey + 1) << 16 | 0x100U;
    const uint32_t by_wrong_key = freed();
    HSEM_CR = (uint32_t)kKey << 16 | 0x100U; /* HAL_HSEM_ReleaseAll(key, HSEM_CPU2_COREID) */
    while (SHARED.seen_by_cm4 != DYING_MASK || seen != DYING_MASK) {
    }
    say("a wrong key frees %u, the right one %u; the CM4's interrupt saw %x, ours %x\n", by_wrong_key, freed(),
        SHARED.seen_by_cm4, seen);
    say("the CM7 takes them: %x\n", HSEM_RLR(4));
    return 0;
}
#endif

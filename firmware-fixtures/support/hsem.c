#include "hsem.h"

#include "h7.h"

#ifdef CORE_CM7
#define COREID (3U << 8)
#else
#define COREID (1U << 8)
#endif

void hsem_clock_on(void) {
    RCC_AHB4ENR |= RCC_AHB4ENR_HSEMEN;
    (void)RCC_AHB4ENR;
}

uint32_t hsem_try(uint32_t semaphore) { return HSEM_RLR(semaphore) == (HSEM_LOCK | COREID); }

void hsem_take(uint32_t semaphore) {
    while (!hsem_try(semaphore)) {
    }
}

void hsem_release(uint32_t semaphore) { HSEM_R(semaphore) = COREID; }

/* The commonest bug of this family. The Cortex-M7 fills a buffer in SRAM2 through its data cache, releases a semaphore,
   and the Cortex-M4 adds the words up; the answer goes back the same way. Without CLEAN the Cortex-M4 reads what memory
   held before; without INVALIDATE the Cortex-M7 reads the answer it had looked at earlier. BY_SET_WAY does both for the
   whole cache; MPU_ATTRIBUTES gives SRAM2 these bits of RASR (TEX, S, C, B) instead of the default map's; CACHE_OFF
   leaves the cache as reset does. Built for both cores.
   Expected on USART3 (the emulator has no stale data, so always):
     the sum is 2080, the answer was 0 before                                                                        */
#include "h7.h"
#include "hsem.h"
#include "print.h"

enum { kWords = 64, kBuffer = 0x30020000, kAnswer = 0x30020400 };
#define WORD(n) REG32(kBuffer + 4U * (n))
#define ANSWER REG32(kAnswer)
#define HSEM_C1ISR REG32(0x58026508U)
#define HSEM_C2ISR REG32(0x58026518U)

#ifdef CORE_CM7

#define CCR REG32(0xE000ED14U)
#define CCR_DC (1U << 16)
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define DCIMVAC 0xE000EF5CU
#define DCISW 0xE000EF60U
#define DCCMVAC 0xE000EF68U
#define DCCSW 0xE000EF6CU

/* As CMSIS does it. */
static void __attribute__((unused)) by_set_way(uint32_t operation) {
    dsb();
    for (uint32_t set = 0; set < 128; ++set)
        for (uint32_t way = 0; way < 4; ++way) REG32(operation) = (set << 5) | (way << 30);
    dsb();
    isb();
}

static void __attribute__((unused)) by_address(uint32_t operation, uint32_t first, uint32_t size) {
    dsb();
    for (uint32_t at = first; at < first + size; at += 32) REG32(operation) = at;
    dsb();
    isb();
}

void __attribute__((noinline)) fill_buffer(void) {
    for (uint32_t n = 0; n < kWords; ++n) WORD(n) = n + 1;
}

uint32_t __attribute__((noinline)) read_answer(void) { return ANSWER; }

int main(void) {
    hsem_clock_on();
    usart3_open();
#ifdef MPU_ATTRIBUTES
    MPU_RBAR = 0x30020000U | (1U << 4);
    MPU_RASR = (3U << 24) | MPU_ATTRIBUTES | (16U << 1) | 1U; /* 128 Kbytes, full access */
    MPU_CTRL = 5U;
    dsb();
    isb();
#endif
#ifndef CACHE_OFF
    by_set_way(DCISW);
    CCR |= CCR_DC;
    dsb();
    isb();
#endif
    ANSWER = 0;
#if defined(CLEAN)
    by_address(DCCMVAC, kAnswer, 4);
#endif
    const uint32_t before = read_answer();
    HSEM_C1IER = 1U << kHsemToM7;
    hsem_take(kHsemToM4);
    fill_buffer();
#if defined(CLEAN)
    by_address(DCCMVAC, kBuffer, 4 * kWords);
#elif defined(BY_SET_WAY)
    by_set_way(DCCSW);
#endif
    dsb();
    hsem_release(kHsemToM4);
    while (!(HSEM_C1ISR & (1U << kHsemToM7))) {
    }
#if defined(INVALIDATE)
    by_address(DCIMVAC, kAnswer, 4);
#elif defined(BY_SET_WAY)
    by_set_way(DCISW);
#endif
    say("the sum is %u, the answer was %u before\n", read_answer(), before);
    stop();
}

#else

uint32_t __attribute__((noinline)) add_up(void) {
    uint32_t sum = 0;
    for (uint32_t n = 0; n < kWords; ++n) sum += WORD(n);
    return sum;
}

int main(void) {
    hsem_clock_on();
    HSEM_C2IER = 1U << kHsemToM4;
    while (!(HSEM_C2ISR & (1U << kHsemToM4))) {
    }
    hsem_take(kHsemToM7);
    ANSWER = add_up();
    dsb();
    hsem_release(kHsemToM7);
    stop();
}

#endif

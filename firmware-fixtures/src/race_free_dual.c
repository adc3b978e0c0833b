/* Two cores, no race: each computes on its own memory, they hand a value over through SRAM4 in strict turns kept by a
   word each, with semaphores as the fence ST's firmware uses; only the Cortex-M7 prints. Whatever the length of the
   emulator's turns, text, flags and final memory are the same. Built for both cores.
   Expected on USART3:
     round 0: 0xA5896CE6
     round 1: 0xF8E5286F
     round 2: 0xC1E3ED04
     round 3: 0x2E9D4E58
     round 4: 0xA0F68D2C
     round 5: 0x144FD111
     round 6: 0xCA441640
     round 7: 0x0225E1D5
     done                                                                                                            */
#include "h7.h"
#include "hsem.h"
#include "print.h"

typedef struct {
    uint32_t magic;
    uint32_t request; /* the round the Cortex-M7 asks for */
    uint32_t answer;  /* the round the Cortex-M4 has finished */
    uint32_t value;
} Exchange;

#define EXCHANGE ((volatile Exchange *)0x38000000U)
#define MAGIC 0xB01DFACEU

enum { kRounds = 8, kWords = 256 };

static uint32_t table[kWords];

static uint32_t compute(uint32_t seed) {
    for (uint32_t i = 0; i < kWords; ++i) {
        seed = seed * 1664525U + 1013904223U;
        table[i] ^= seed;
    }
    uint32_t sum = seed;
    for (uint32_t i = 0; i < kWords; ++i) sum = ((sum << 5) | (sum >> 27)) ^ table[i];
    return sum;
}

#ifdef CORE_CM7

int main(void) {
    hsem_clock_on();
    usart3_open();
    EXCHANGE->request = 0;
    EXCHANGE->answer = 0;
    EXCHANGE->value = 1;
    dsb();
    EXCHANGE->magic = MAGIC;
    uint32_t value = 1;
    for (uint32_t round = 0; round < kRounds; ++round) {
        hsem_take(kHsemToM4);
        EXCHANGE->value = compute(value);
        dsb();
        EXCHANGE->request = round + 1;
        hsem_release(kHsemToM4);
        while (EXCHANGE->answer != round + 1) {
        }
        value = EXCHANGE->value;
        say("round %u: %x\n", round, value);
    }
    EXCHANGE->magic = 0;
    say("done\n");
    stop();
}

#else

int main(void) {
    hsem_clock_on();
    while (EXCHANGE->magic != MAGIC) {
    }
    for (uint32_t round = 0; round < kRounds; ++round) {
        while (EXCHANGE->request != round + 1) {
        }
        hsem_take(kHsemToM7);
        EXCHANGE->value = compute(EXCHANGE->value);
        dsb();
        EXCHANGE->answer = round + 1;
        hsem_release(kHsemToM7);
    }
    stop();
}

#endif

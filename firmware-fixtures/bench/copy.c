/* 32 Kbytes there and back again, four words at a time, as a library's memcpy does. */
#include "work.h"

#define WORDS 8192U
static uint32_t here[WORDS], there[WORDS];

static NOINLINE void copy(uint32_t *to, const uint32_t *from, uint32_t words) {
    for (; words >= 4; words -= 4, to += 4, from += 4) {
        const uint32_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
    }
}

uint32_t work(uint32_t times) {
    for (uint32_t i = 0; i < WORDS; ++i) here[i] = i * 2654435761U;
    for (; times != 0; --times) {
        copy(there, here, WORDS);
        BARRIER();
        copy(here, there, WORDS);
        BARRIER();
    }
    return here[WORDS - 1];
}

/* The tightest loop there is: four instructions and a taken branch, no memory. The worst case for counting. */
#include "work.h"

uint32_t work(uint32_t times) {
    uint32_t x = 1;
    for (uint32_t n = times * 1000; n != 0; --n)
        __asm volatile(
            "add %0, %0, %1\n"
            "eor %0, %0, %0, lsl #3"
            : "+r"(x)
            : "r"(n));
    return x;
}

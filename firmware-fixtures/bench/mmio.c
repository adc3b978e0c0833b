/* Reads of a peripheral register that nobody waits for: GPIOA_IDR. */
#include "work.h"

uint32_t work(uint32_t times) {
    *(volatile uint32_t *)0x580244E0U |= 1; /* RCC_AHB4ENR: GPIOA is clocked */
    uint32_t sum = 0;
    for (uint32_t n = times; n != 0; --n) sum += *(volatile uint32_t *)0x58020010U;
    return sum;
}

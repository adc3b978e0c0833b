/* The cheapest service of the RSS: getVersion, by its pointer table. */
#include "work.h"

typedef uint32_t (*GetWord)(void);

uint32_t work(uint32_t times) {
    const GetWord get_version = *(const GetWord *)0x1FF09500U;
    uint32_t sum = 0;
    for (uint32_t n = times; n != 0; --n) sum += get_version();
    return sum;
}

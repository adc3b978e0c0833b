/* What a blank chip holds: no vector table. The fetch at 0xFFFFFFFE faults, so does the fault: lock-up.
   Nothing is printed. `h7rss run` ends with exit code 3 when no core can run any more (D-30). */
#include <stdint.h>

__attribute__((section(".vectors"), used)) const uint32_t blank[8] = {
    0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU};

void Reset_Handler(void);
void Reset_Handler(void) {}

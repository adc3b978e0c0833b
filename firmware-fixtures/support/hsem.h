/* Hardware semaphores, taken in one step. 0 is ST's boot handshake; the others are agreements between our programs. */
#ifndef HSEM_H
#define HSEM_H

#include <stdint.h>

enum { kHsemBoot = 0, kHsemPrint = 1, kHsemTurn = 2, kHsemToM4 = 3, kHsemToM7 = 4 };

void hsem_clock_on(void);
uint32_t hsem_try(uint32_t semaphore); /* 1 = this core owns it now (or did already) */
void hsem_take(uint32_t semaphore);
void hsem_release(uint32_t semaphore);

#endif

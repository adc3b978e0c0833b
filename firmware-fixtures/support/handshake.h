/* ST's "BootCM4_CM7" handshake (spec/system.md 2.4): the Cortex-M4 sleeps in CStop until the Cortex-M7 releases
   semaphore 0. */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdint.h>

/* Cortex-M4, first thing in main: returns when it was woken. */
void handshake_wait_in_cstop(void);

/* Cortex-M7, before it enables anything in domain D2. Both poll RCC_CR.D2CKRDY at most 0xFFFF times, as ST's template
   does; 0 = it never came. */
uint32_t handshake_m4_is_stopped(void);
uint32_t handshake_wake_m4(void);

#endif

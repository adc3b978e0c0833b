/* Text on USART3, polled. The board's PD8/PD9 need not be configured for the emulator to hear it. */
#ifndef PRINT_H
#define PRINT_H

#include <stdint.h>

/* Clock on; 115200 baud from the 64 MHz reset clock, unless the other core has already set the port up. */
void usart3_open(void);
/* Waits for the last bit and takes this core's clock enable back. An allocation of the Cortex-M7 keeps domain D2
   running, and RCC_CR.D2CKRDY would never fall (spec/system.md 4.3): call this before a boot handshake. */
void usart3_release(void);

/* %s text, %x 0x and eight hex digits, %u decimal; nothing else. */
void say(const char *format, ...);

#endif

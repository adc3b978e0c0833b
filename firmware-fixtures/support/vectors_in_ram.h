/* A copy of the program's vector table in RAM, whose handlers change while the program runs. One file of a firmware
   includes it. */
#ifndef VECTORS_IN_RAM_H
#define VECTORS_IN_RAM_H

#include "h7.h"

typedef void (*Handler)(void);
enum { kVectors = 16 + 150 };
extern const uint32_t vectors[];
static Handler table[kVectors] __attribute__((aligned(1024)));

static inline void vectors_to_ram(void) {
    for (unsigned i = 0; i < kVectors; ++i) table[i] = (Handler)vectors[i];
    SCB_VTOR = (uint32_t)table;
    dsb();
}
static inline void on_irq(uint32_t irq, Handler handler) {
    table[16 + irq] = handler;
    dsb();
}
static inline void enable_irq(uint32_t irq) { NVIC_ISER(irq / 32) = 1U << (irq % 32); }

#endif

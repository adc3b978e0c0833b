/* A second vector table in flash, for services that jump: its stack below the first one's top, its reset hands SP as it
   was to second_main(). One file of a firmware includes it and says SECOND_TABLE("assembly of the other vectors"). */
#ifndef SECOND_TABLE_H
#define SECOND_TABLE_H

#include <stdint.h>

extern const uint32_t second_vectors[];
void second_main(uint32_t sp);

void __attribute__((naked, used)) second_reset(void) {
    __asm volatile(
        "mov r0, sp\n"
        "b second_main\n");
}

/* Aligned as a Cortex-M vector table with 150 interrupts is. */
#define SECOND_TABLE(others)                                \
    __asm(".section .second_vectors, \"a\", %progbits\n"    \
          ".balign 1024\n"                                  \
          ".global second_vectors\n"                        \
          "second_vectors:\n"                               \
          "    .word __stack_top - 0x1000\n"                \
          "    .word second_reset\n" others ".text\n")

#endif

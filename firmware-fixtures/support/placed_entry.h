/* The first lines of a program whose entry stands in the secure-only area (section .placed) and whose rest is behind it: begins an
   __asm, what follows belongs to the area too. */
#ifndef PLACED_ENTRY_H
#define PLACED_ENTRY_H

#define PLACED_ENTRY                           \
    ".syntax unified\n"                        \
    ".thumb\n"                                 \
    ".section .placed, \"ax\", %progbits\n"    \
    "entry_vectors:\n"                         \
    "    .word __stack_top\n"                  \
    "    .word entry\n"                        \
    "    .fill 14, 4, 0\n"                     \
    ".type entry, %function\n"                 \
    "entry:\n"                                 \
    "    ldr r0, =Reset_Handler\n"             \
    "    bx r0\n"                              \
    "    .ltorg\n"

#endif

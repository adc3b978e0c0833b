/* Both cores read HSEM_RLR5 once, after as many rounds as SRAM4 says (first word: Cortex-M7, second: Cortex-M4). The
   code up to the read is the same to the instruction. Bare: no start-up code, so that both begin in the same cycle.
   Prints nothing; semaphore 5 says who came first.                                                                  */
#include "h7.h"

#ifdef CORE_CM7
#define ROUNDS 0
#else
#define ROUNDS 4
#endif

void __attribute__((naked, used)) Reset_Handler(void) {
    __asm volatile(
        "ldr r0, =0x580244E0\n" /* AHB4ENR */
        "ldr r1, =0x02000000\n" /* HSEMEN */
        "str r1, [r0]\n"
        "ldr r0, =0x38000000\n"
        "ldr r1, [r0, %0]\n"
        "1: subs r1, r1, #1\n"
        "bne 1b\n"
        "ldr r0, =0x58026494\n" /* HSEM_RLR5 */
        "ldr r1, [r0]\n"
        "2: wfi\n"
        "b 2b\n"
        ".ltorg\n" ::"i"(ROUNDS));
}

extern uint32_t __stack_top;
__attribute__((section(".vectors"), used)) const uint32_t* const vector_stack = &__stack_top;
__attribute__((section(".vectors.handlers"), used)) void (*const vector_reset)(void) = Reset_Handler;

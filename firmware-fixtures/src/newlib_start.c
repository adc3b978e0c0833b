/* From reset to newlib's own start, as a vendor's start-up file does it: FPU on, .data copied, then _start, which clears .bss,
   asks semihosting for heap and stack, runs constructors and main, and leaves by exit. */
#include <stdint.h>

extern uint32_t __stack_top, __data_start, __data_end, __data_load;
extern void _start(void);

static void __attribute__((noreturn)) hang(void) {
    for (;;) {
    }
}

void __attribute__((noreturn, used)) begin(void) {
#ifdef CORE_CM7
    extern const uint32_t vectors[];
    *(volatile uint32_t *)0xE000ED08U = (uint32_t)vectors;
#endif
    const uint32_t *from = &__data_load;
    for (uint32_t *to = &__data_start; to < &__data_end;) *to++ = *from++;
    _start();
    hang();
}

void __attribute__((naked)) Reset_Handler(void) {
    __asm volatile(
        "ldr r0, =0xE000ED88\n" /* CPACR: CP10 and CP11 full access */
        "ldr r1, [r0]\n"
        "orr r1, r1, #0x00F00000\n"
        "str r1, [r0]\n"
        "dsb\n"
        "isb\n"
        "b begin\n");
}

__attribute__((section(".vectors"), used)) const uint32_t *const vector_stack = &__stack_top;
__attribute__((section(".vectors.handlers"), used)) void (*const vector_handlers[15])(void) = {
    Reset_Handler, hang, hang, hang, hang, hang, [10] = hang, hang, [13] = hang, hang,
};

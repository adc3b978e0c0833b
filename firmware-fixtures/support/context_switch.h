/* The switch of a small kernel as the common ones do it: threads on PSP; PendSV saves r4-r11, and s16-s31 when the
   thread has used the FPU (EXC_RETURN bit 4), asks next_thread() and goes on with threads[current]. One file of a
   firmware includes it. */
#ifndef CONTEXT_SWITCH_H
#define CONTEXT_SWITCH_H

#include <stdint.h>

struct Thread { /* 12 bytes: the assembly knows */
    uint32_t* sp;
    uint32_t exc_return;
    uint32_t control;
};
extern struct Thread threads[];
extern volatile uint32_t current;
void next_thread(void);

void __attribute__((naked)) PendSV_Handler(void) {
    __asm volatile(
        "mrs r0, psp\n"
        "tst lr, #0x10\n"
        "it eq\n"
        "vstmdbeq r0!, {s16-s31}\n"
        "stmdb r0!, {r4-r11}\n"
        "ldr r1, =current\n"
        "ldr r2, [r1]\n"
        "ldr r3, =threads\n"
        "movs r1, #12\n"
        "mla r3, r2, r1, r3\n"
        "mrs r1, control\n"
        "stmia r3, {r0, lr}\n"
        "str r1, [r3, #8]\n"
        "bl next_thread\n"
        "b restore\n");
}
/* For the first thread as well, from SVC. */
void __attribute__((naked, used)) restore(void) {
    __asm volatile(
        "ldr r1, =current\n"
        "ldr r2, [r1]\n"
        "ldr r3, =threads\n"
        "movs r1, #12\n"
        "mla r3, r2, r1, r3\n"
        "ldr r0, [r3]\n"
        "ldr lr, [r3, #4]\n"
        "ldr r1, [r3, #8]\n"
        "bic r1, r1, #4\n" /* FPCA comes back with the frame */
        "msr control, r1\n"
        "isb\n"
        "ldmia r0!, {r4-r11}\n"
        "tst lr, #0x10\n"
        "it eq\n"
        "vldmiaeq r0!, {s16-s31}\n"
        "msr psp, r0\n"
        "bx lr\n");
}

#endif

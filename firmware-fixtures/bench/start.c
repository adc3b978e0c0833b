/* From reset to work() with a 1 kHz SysTick, then semihosting SYS_EXIT. Runs unchanged on the chip and on QEMU's mps2-an500;
   the only difference is TICK_CYCLES, the core clock divided by 1000. */
#include "work.h"

#define REG32(address) (*(volatile uint32_t *)(address))

extern uint32_t __stack_top, __bss_start, __bss_end;
extern const uint32_t vectors[];
volatile uint32_t ticks, result;

static void __attribute__((noreturn)) leave(uint32_t reason) {
    register uint32_t r0 __asm("r0") = 0x18; /* SYS_EXIT */
    register uint32_t r1 __asm("r1") = reason;
    for (;;) __asm volatile("bkpt 0xAB" ::"r"(r0), "r"(r1) : "memory");
}

void __attribute__((noreturn, used)) start(void) {
    for (uint32_t *word = &__bss_start; word < &__bss_end;) *word++ = 0;
    REG32(0xE000E014) = TICK_CYCLES - 1; /* SYST_RVR */
    REG32(0xE000E018) = 0;
    REG32(0xE000E010) = 7; /* processor clock, interrupt, enable */
    result = work(*(const volatile uint32_t *)&vectors[7]);
    leave(0x20026); /* ADP_Stopped_ApplicationExit */
}

void __attribute__((naked)) Reset_Handler(void) {
    __asm volatile(
        "ldr r0, =0xE000ED88\n" /* CPACR: CP10 and CP11 full access */
        "ldr r1, [r0]\n"
        "orr r1, r1, #0x00F00000\n"
        "str r1, [r0]\n"
        "dsb\n"
        "isb\n"
        "b start\n");
}

void Fault_Handler(void) { leave(0x20023); /* ADP_Stopped_RunTimeErrorUnknown */ }
void SysTick_Handler(void) { ticks = ticks + 1; }
void __attribute__((weak)) SVC_Handler(void) {}

#define AT(handler) ((uint32_t)(handler))
__attribute__((section(".vectors"), used)) const uint32_t vectors[16] = {
    AT(&__stack_top), AT(Reset_Handler), AT(Fault_Handler), AT(Fault_Handler), AT(Fault_Handler), AT(Fault_Handler),
    AT(Fault_Handler), TIMES, 0, 0, 0, AT(SVC_Handler), 0, 0, AT(Fault_Handler), AT(SysTick_Handler),
};

/* The compiler may call these. */
void *memcpy(void *to, const void *from, uint32_t size) {
    uint8_t *t = to;
    const uint8_t *f = from;
    while (size-- != 0) *t++ = *f++;
    return to;
}
void *memset(void *to, int value, uint32_t size) {
    uint8_t *t = to;
    while (size-- != 0) *t++ = (uint8_t)value;
    return to;
}

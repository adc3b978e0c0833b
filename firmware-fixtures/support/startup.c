/* From reset to main: FPU on, .data and .bss ready. No library. */
#include "h7.h"

extern uint32_t __stack_top, __data_start, __data_end, __data_load, __bss_start, __bss_end;
int main(void);

void __attribute__((weak)) Default_Handler(void) {
    for (;;) {
    }
}

void __attribute__((noreturn, used)) start(void) {
#ifdef CORE_CM7
    extern const uint32_t vectors[];
    SCB_VTOR = (uint32_t)vectors; /* the Cortex-M4 keeps its vectors in the window at 0, where reset put them */
    dsb();
#endif
    const uint32_t *from = &__data_load;
    for (uint32_t *to = &__data_start; to < &__data_end;) *to++ = *from++;
    for (uint32_t *to = &__bss_start; to < &__bss_end;) *to++ = 0;
    (void)main();
    stop();
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

#define HANDLER __attribute__((weak, alias("Default_Handler")))
void NMI_Handler(void) HANDLER;
void HardFault_Handler(void) HANDLER;
void MemManage_Handler(void) HANDLER;
void BusFault_Handler(void) HANDLER;
void UsageFault_Handler(void) HANDLER;
void SVC_Handler(void) HANDLER;
void DebugMon_Handler(void) HANDLER;
void PendSV_Handler(void) HANDLER;
void SysTick_Handler(void) HANDLER;
void FLASH_IRQHandler(void) HANDLER;
void TIM2_IRQHandler(void) HANDLER;
void TIM3_IRQHandler(void) HANDLER;

typedef void (*Handler)(void);

enum { kFlash = 4, kTim2 = 28, kTim3 = 29, kIrqCount = 150 };

__attribute__((section(".vectors"), used)) const uint32_t *const vector_stack = &__stack_top;
__attribute__((section(".vectors.handlers"), used)) const Handler vector_handlers[15 + kIrqCount] = {
    Reset_Handler, NMI_Handler, HardFault_Handler, MemManage_Handler, BusFault_Handler, UsageFault_Handler,
    [10] = SVC_Handler, DebugMon_Handler, [13] = PendSV_Handler, SysTick_Handler,
    [15 ... 15 + kFlash - 1] = Default_Handler,
    [15 + kFlash] = FLASH_IRQHandler,
    [15 + kFlash + 1 ... 15 + kTim2 - 1] = Default_Handler,
    [15 + kTim2] = TIM2_IRQHandler,
    [15 + kTim3] = TIM3_IRQHandler,
    [15 + kTim3 + 1 ... 15 + kIrqCount - 1] = Default_Handler,
};

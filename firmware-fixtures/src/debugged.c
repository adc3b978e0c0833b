/* What a debugger wants to walk through: an SVC, a fault that is taken and returned from, a timer, a sleep.
   Expected on USART3: "supervisor 1, fault 1, ticks N" with N > 0, again and again. */
#include "h7.h"
#include "print.h"

#define SHCSR REG32(0xE000ED24U)
#define SHCSR_USGFAULTENA (1U << 18)
#define TIM2_CR1 REG32(0x40000000U)
#define TIM2_CNT REG32(0x40000024U)
#define RCC_APB1LENR_TIM2EN (1U << 0)

volatile uint32_t supervisor_calls, faults;

void SVC_Handler(void) { ++supervisor_calls; }

/* Goes on behind the undefined instruction: two bytes. */
void __attribute__((naked)) UsageFault_Handler(void) {
    __asm volatile(
        "ldr r0, [sp, #24]\n"
        "adds r0, #2\n"
        "str r0, [sp, #24]\n"
        "ldr r1, =faults\n"
        "ldr r0, [r1]\n"
        "adds r0, #1\n"
        "str r0, [r1]\n"
        "mvn r0, #0\n"
        "ldr r1, =0xE000ED28\n"
        "str r0, [r1]\n"
        "bx lr\n");
}

void __attribute__((noinline)) call_supervisor(void) {
    __asm volatile(
        ".global at_svc, behind_svc\n"
        "at_svc: svc #7\n"
        "behind_svc: nop\n");
}

void __attribute__((noinline)) meet_fault(void) {
    __asm volatile(
        ".global at_fault, behind_fault\n"
        "at_fault: udf #1\n"
        "behind_fault: nop\n");
}

int main(void) {
    usart3_open();
    SHCSR |= SHCSR_USGFAULTENA;
    RCC_APB1LENR |= RCC_APB1LENR_TIM2EN;
    (void)RCC_APB1LENR;
    TIM2_CR1 = 1;
    for (;;) {
        supervisor_calls = faults = 0;
        call_supervisor();
        meet_fault();
        say("supervisor %u, fault %u, ticks %u\n", supervisor_calls, faults, TIM2_CNT);
    }
}

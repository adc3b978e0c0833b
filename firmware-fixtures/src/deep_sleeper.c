/* The Cortex-M4 beside a program of the Cortex-M7 that goes to Stop or Standby: CStop for ever, nothing of D1 in use. */
#include "h7.h"

int main(void) {
    SCB_SCR |= SCB_SCR_SLEEPDEEP;
    __asm volatile("cpsid i");
    for (;;) wfi();
}

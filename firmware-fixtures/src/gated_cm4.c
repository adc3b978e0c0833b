/* ST's "BootCM4_CM7Gated" template (spec/system.md 2.4): BCM7 = 0, the Cortex-M4 starts the Cortex-M7 when it is ready. Runs with
   hello_m7. Expected on USART3:
     CM4: starts the Cortex-M7
     hello from the Cortex-M7                                                                                        */
#include "h7.h"
#include "print.h"

#define RCC_GCR_BOOT_C1 (1U << 2)

int main(void) {
    usart3_open();
    say("CM4: starts the Cortex-M7\n");
    RCC_GCR |= RCC_GCR_BOOT_C1;
    stop();
}

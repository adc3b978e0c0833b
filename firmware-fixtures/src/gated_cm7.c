/* ST's "BootCM7_CM4Gated" template (spec/system.md 2.4): BCM4 = 0, the Cortex-M7 starts the Cortex-M4 when it is ready. With COPY
   it is "BootCM7_CM4Gated_RAM": the Cortex-M4's program lies in flash bank 2 and is copied to SRAM1 first
   (BOOT_CM4_ADD0 = 0x1000). Runs with hello_m4, with COPY hello_ram_m4. Expected on USART3:
     CM7: starts the Cortex-M4
     hello from the Cortex-M4                                                                                        */
#include "h7.h"
#include "print.h"

#define RCC_GCR_BOOT_C2 (1U << 3)

int main(void) {
    usart3_open();
#ifdef COPY
    for (uint32_t offset = 0; offset < 0x4000U; offset += 4) REG32(0x30000000U + offset) = REG32(0x08100000U + offset);
    __asm volatile("dsb" ::: "memory");
#endif
    say("CM7: starts the Cortex-M4\n");
    RCC_GCR |= RCC_GCR_BOOT_C2;
    stop();
}

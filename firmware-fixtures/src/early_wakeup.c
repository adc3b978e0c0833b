/* HAL_WWDG_MspInit with EWI: the early wake-up interrupt of a core's own window watchdog refreshes it five times, then lets it
   bite; the flags are read by each core in its own bank (spec/system.md 3.2, 6.5). Both cores run this source.
   Expected on USART3:
     CM7: RCC_RSR 0x00FE0000; CM4: RCC_RSR 0x00FE0000, early wake-ups 0
     CM7: RCC_RSR 0x10460000; CM4: RCC_RSR 0x10460000, early wake-ups 5 of the CM7
     CM7: RCC_RSR 0x20460000; CM4: RCC_RSR 0x20460000, early wake-ups 5 of the CM4                                    */
#include "h7.h"
#include "print.h"
#include "vectors_in_ram.h"

#ifdef CORE_CM4
#define WWDG 0x40002C00U
#else
#define WWDG 0x50003000U
#endif

struct Shared {
    volatile uint32_t magic, boots, cm4_flags, cm4_boot, bite_cm4, wakeups;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x0D06F00DU

static void on_early_wakeup(void) {
    REG32(WWDG + 8U) = 0; /* EWIF */
    if (SHARED.wakeups < 5U) {
        SHARED.wakeups = SHARED.wakeups + 1;
        REG32(WWDG) = 0x7FU; /* HAL_WWDG_Refresh */
    }
}

static void __attribute__((noreturn)) guard(void) {
    SHARED.wakeups = 0;
    vectors_to_ram();
    on_irq(0, on_early_wakeup);
    enable_irq(0);
#ifdef CORE_CM4
    RCC_APB1LENR |= 1U << 11;
#else
    RCC_APB3ENR |= 1U << 6;
#endif
    REG32(WWDG + 4U) = 0x7FU | 1U << 9; /* EWI, prescaler 1, no window */
    REG32(WWDG) = 0x80U | 0x7FU;
    for (;;) wfi();
}

static void clear_flags(void) {
    RCC_RSR |= RCC_RSR_RMVF;
    RCC_RSR &= ~RCC_RSR_RMVF;
}

#ifdef CORE_CM4
int main(void) {
    const uint32_t flags = RCC_RSR;
    clear_flags();
    while (SHARED.magic != MAGIC) {
    }
    SHARED.cm4_flags = flags;
    SHARED.cm4_boot = SHARED.cm4_boot + 1;
    while (SHARED.bite_cm4 == 0) {
    }
    SHARED.bite_cm4 = 0;
    guard();
}
#else
int main(void) {
    usart3_open();
    if (SHARED.magic != MAGIC) {
        SHARED = (struct Shared){0};
        SHARED.magic = MAGIC;
    }
    const uint32_t boot = SHARED.boots + 1;
    SHARED.boots = boot;
    while (SHARED.cm4_boot != boot) {
    }
    say("CM7: RCC_RSR %x; CM4: RCC_RSR %x, early wake-ups %u%s\n", RCC_RSR, SHARED.cm4_flags, SHARED.wakeups,
        boot == 2 ? " of the CM7" : boot == 3 ? " of the CM4" : "");
    clear_flags();
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    RCC_GCR |= 3U; /* WW1RSC, WW2RSC: the whole system (the manual tells firmware to set them) */
    if (boot == 1) guard();
    SHARED.bite_cm4 = boot == 2;
    for (;;) wfi();
}
#endif

/* Every watchdog bites once, and RCC_RSR of both cores says which (spec/system.md 3.1, 3.2, 6.4, 6.5). Both
   cores run this source; what must survive lies in SRAM4. Expected on USART3: boot 1: RCC_RSR 0x00FE0000, of
   the CM4 0x00FE0000, the CM4 started 1 times boot 2: RCC_RSR 0x04460000, of the CM4 0x04460000, the CM4
   started 2 times      IWDG1 boot 3: RCC_RSR 0x08460000, of the CM4 0x08460000, the CM4 started 3 times
   IWDG2, started by the CM4 boot 4: RCC_RSR 0x10460000, of the CM4 0x10460000, the CM4 started 4 times WWDG1
   with WW1RSC boot 5: RCC_RSR 0x10020000, of the CM4 0x10020000, the CM4 started 4 times      WWDG1 without:
   the CM7 alone the CM4 came back alone: RCC_RSR 0x20040000, IRQ 143 pending 1, boots 5 */
#include "h7.h"
#include "print.h"

#define RCC_C1_RSR REG32(0x58024530U)
#define RCC_C2_RSR REG32(0x58024590U)
#define EXTI_RTSR3 REG32(0x58000040U)
#define EXTI_C1IMR3 REG32(0x580000A0U)
#define IWDG1 0x58004800U
#define IWDG2 0x58004C00U
#define WWDG1 0x50003000U
#define WWDG2 0x40002C00U

struct Shared {
    volatile uint32_t magic, boots, cm4_starts, cm4_task;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x0D06F00DU
enum { kBiteIwdg2 = 1, kBiteWwdg2 = 2 };

/* HAL_IWDG_Init with prescaler 4 and 32 steps: 4 ms. */
static void start_iwdg(uint32_t base) {
    REG32(base) = 0xCCCCU;
    REG32(base) = 0x5555U;
    REG32(base + 4U) = 0;
    REG32(base + 8U) = 31;
    while (REG32(base + 0xCU) != 0) {
    }
    REG32(base) = 0xAAAAU;
}
static void start_wwdg(uint32_t base) { REG32(base) = 0x80U | 0x48U; }

#ifdef CORE_CM4
int main(void) {
    while (SHARED.magic != MAGIC) {
    }
    ++SHARED.cm4_starts;
    for (;;) {
        const uint32_t task = SHARED.cm4_task;
        SHARED.cm4_task = 0;
        if (task == kBiteIwdg2) start_iwdg(IWDG2);
        if (task == kBiteWwdg2) {
            RCC_APB1LENR |= 1U << 11;
            start_wwdg(WWDG2);
        }
    }
}
#else
static void clear_flags(void) {
    RCC_C1_RSR |= RCC_RSR_RMVF;
    RCC_C1_RSR &= ~RCC_RSR_RMVF;
    RCC_C2_RSR |= RCC_RSR_RMVF;
    RCC_C2_RSR &= ~RCC_RSR_RMVF;
}

int main(void) {
    usart3_open();
    if (SHARED.magic != MAGIC) {
        SHARED.boots = SHARED.cm4_starts = SHARED.cm4_task = 0;
        SHARED.magic = MAGIC;
    }
    const uint32_t boot = ++SHARED.boots;
    while (SHARED.cm4_starts < (boot < 4U ? boot : 4U)) {
    }
    say("boot %u: RCC_RSR %x, of the CM4 %x, the CM4 started %u times\n", boot, RCC_RSR, RCC_C2_RSR,
        SHARED.cm4_starts);
    clear_flags();
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    dsb();
    switch (boot) {
        case 1:
            start_iwdg(IWDG1);
            break;
        case 2:
            SHARED.cm4_task = kBiteIwdg2;
            break;
        case 3:
            RCC_GCR |= 1U;
            RCC_APB3ENR |= 1U << 6;
            start_wwdg(WWDG1);
            break;
        case 4:
            RCC_APB3ENR |= 1U << 6;
            start_wwdg(WWDG1);
            break;
        default:
            EXTI_RTSR3 |= 1U << 20;
            EXTI_C1IMR3 |= 1U << 20;
            SHARED.cm4_task = kBiteWwdg2;
            while (SHARED.cm4_starts != 5U) {
            }
            say("the CM4 came back alone: RCC_RSR %x, IRQ 143 pending %u, boots %u\n", RCC_RSR,
                NVIC_ISPR(143 / 32) >> 143 % 32 & 1U, SHARED.boots);
            return 0;
    }
    for (;;) {
    }
}
#endif

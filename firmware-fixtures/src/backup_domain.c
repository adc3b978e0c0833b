/* What the backup domain keeps: RTC backup registers and backup SRAM over a software reset, over Standby (the RTC wakes the
   chip) and over a reset of the domain, as HAL_RTCEx_BKUPWrite, HAL_PWREx_EnableBkUpReg and HAL_PWR_EnterSTANDBYMode have it
   (spec/system.md 3.2, 3.3, 4.4, 6.6). On a part with two cores the Cortex-M4 runs deep_sleeper.
   Expected on USART3 after power-on:
     boot 1: RCC_RSR 0x00FE0000, SBF 0; backup registers 0 of 32, backup SRAM 0 of 1024
     boot 2: RCC_RSR 0x01460000, SBF 0; backup registers 32 of 32, backup SRAM 1024 of 1024
     boot 3: RCC_RSR 0x001E0000, SBF 1; backup registers 32 of 32, backup SRAM 1024 of 1024
     after BDRST: backup registers 0 of 32, backup SRAM 1024 of 1024
     done                                                                                                            */
#include "h7.h"
#include "print.h"

#define RCC_BDCR REG32(0x58024470U)
#define RCC_CSR REG32(0x58024474U)
#define RCC_C1_RSR REG32(0x58024530U)
#define PWR_CR2 REG32(0x58024808U)
#define RTC_CR REG32(0x58004008U)
#define RTC_ISR REG32(0x5800400CU)
#define RTC_WUTR REG32(0x58004014U)
#define RTC_WPR REG32(0x58004024U)
#define RTC_BKPR(n) REG32(0x58004050U + 4U * (n))
#define BKPSRAM(n) REG32(0x38800000U + 4U * (n))

enum {
    kRegisters = 32,
    kWords = 1024,
    kBkpramEn = 1U << 28,
    kDbp = 1U << 8,
    kBren = 1U << 0,
    kBrrdy = 1U << 16,
    kCssf = 1U << 9,
    kSbf = 1U << 6,
    kWute = 1U << 10,
    kWutie = 1U << 14,
    kWutwf = 1U << 2,
    kWutf = 1U << 10
};

static uint32_t mark(uint32_t n) { return 0xB0070000U ^ (n * 0x9E3779B9U); }

static uint32_t registers_kept(void) {
    uint32_t kept = 0;
    for (uint32_t n = 0; n < kRegisters; ++n) kept += RTC_BKPR(n) == mark(n);
    return kept;
}
static uint32_t words_kept(void) {
    uint32_t kept = 0;
    for (uint32_t n = 0; n < kWords; ++n) kept += BKPSRAM(n) == mark(~n);
    return kept;
}
static void write_all(void) {
    for (uint32_t n = 0; n < kRegisters; ++n) RTC_BKPR(n) = mark(n);
    for (uint32_t n = 0; n < kWords; ++n) BKPSRAM(n) = mark(~n);
}

/* HAL_RTCEx_SetWakeUpTimer_IT on LSI: 200 steps of RTC / 16, 100 ms. */
static void wake_by_rtc(void) {
    RCC_CSR |= 1U;
    while ((RCC_CSR & 2U) == 0) {
    }
    RCC_BDCR |= 2U << 8;
    RCC_BDCR |= 1U << 15;
    RTC_WPR = 0xCAU;
    RTC_WPR = 0x53U;
    RTC_CR &= ~(uint32_t)kWute;
    while ((RTC_ISR & kWutwf) == 0) {
    }
    RTC_WUTR = 199U;
    RTC_CR &= ~7U;
    RTC_CR |= kWutie | kWute;
    RTC_WPR = 0xFFU;
}

static void __attribute__((noreturn)) standby(void) {
    usart3_release();
    PWR_CPUCR |= kCssf;
    PWR_CPU2CR |= kCssf;
    PWR_CPUCR |= 7U; /* PDDS_D1, D2, D3, for both cores */
    PWR_CPU2CR |= 7U;
    SCB_SCR |= SCB_SCR_SLEEPDEEP;
    dsb();
    isb();
    for (;;) wfi();
}

int main(void) {
    usart3_open();
    RCC_AHB4ENR |= kBkpramEn;
    PWR_CR1 |= kDbp;
    while ((PWR_CR1 & kDbp) == 0) {
    }
    const uint32_t flags = RCC_C1_RSR;
    const uint32_t boot = (flags & 1U << 23) != 0 ? 1 : (flags & 1U << 24) != 0 ? 2 : 3;
    say("boot %u: RCC_RSR %x, SBF %u; backup registers %u of 32, backup SRAM %u of 1024\n", boot, flags,
        (PWR_CPUCR & kSbf) != 0, registers_kept(), words_kept());
    RCC_C1_RSR |= RCC_RSR_RMVF;
    RCC_C1_RSR &= ~RCC_RSR_RMVF;
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    if (boot == 1) {
        PWR_CR2 |= kBren;
        while ((PWR_CR2 & kBrrdy) == 0) {
        }
        write_all();
        reset_system();
    }
    if (boot == 2) {
        wake_by_rtc();
        standby();
    }
    RTC_WPR = 0xCAU;
    RTC_WPR = 0x53U;
    RTC_CR &= ~(uint32_t)kWute;
    RTC_ISR = ~(uint32_t)kWutf;
    RCC_BDCR |= 1U << 16;
    RCC_BDCR &= ~(1U << 16);
    say("after BDRST: backup registers %u of 32, backup SRAM %u of 1024\ndone\n", registers_kept(), words_kept());
    stop();
}

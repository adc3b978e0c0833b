/* What ST's templates do between reset and the first line of the application
   (spec/system.md 2.4, 5.6, 5.7, 11.2): the MPU background region, both caches by set and way, supply,
   voltage scale, HSE in bypass, PLL1 to 400 MHz, flash wait states, SysTick at 1 kHz with WFI between the
   ticks. Every poll has a limit, as HAL's have. Expected on USART3: MPU 16 regions, background region on
     I-cache and D-cache on, cleaned 4 x 128 and off and on again
     clock: supply ok, VOS1 ok, HSE ok, PLL1 ok, SWS 3, latency 2
     10 ticks of 1 ms: 4000 kcycles */
#include "h7.h"
#include "print.h"

#define CCR REG32(0xE000ED14U)
#define CCSIDR REG32(0xE000ED80U)
#define CSSELR REG32(0xE000ED84U)
#define ICIALLU REG32(0xE000EF50U)
#define DCISW REG32(0xE000EF60U)
#define DCCISW REG32(0xE000EF74U)
#define CCR_DC (1U << 16)
#define CCR_IC (1U << 17)
#define MPU_TYPE REG32(0xE000ED90U)
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RNR REG32(0xE000ED98U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define SHCSR_MEMFAULTENA (1U << 16)
#define DEMCR REG32(0xE000EDFCU)
#define DWT_CTRL REG32(0xE0001000U)
#define DWT_CYCCNT REG32(0xE0001004U)
#define DWT_LAR REG32(0xE0001FB0U)

#define PWR_CSR1 REG32(0x58024804U)
#define PWR_CR3 REG32(0x5802480CU)
#define PWR_D3CR REG32(0x58024818U)
#define RCC_CFGR REG32(0x58024410U)
#define RCC_D1CFGR REG32(0x58024418U)
#define RCC_D2CFGR REG32(0x5802441CU)
#define RCC_D3CFGR REG32(0x58024420U)
#define RCC_PLLCKSELR REG32(0x58024428U)
#define RCC_PLLCFGR REG32(0x5802442CU)
#define RCC_PLL1DIVR REG32(0x58024430U)
#define RCC_PLL1FRACR REG32(0x58024434U)
#define FLASH_ACR REG32(0x52002000U)

#define SYSCFG_PWRCR REG32(0x5800042CU)
#ifdef OVERDRIVE
enum { PLL_N = 480, LATENCY = 4 };
#else
enum { PLL_N = 400, LATENCY = 2 };
#endif

enum {
    kHseOn = 1U << 16,
    kHseReady = 1U << 17,
    kHseBypass = 1U << 18,
    kPll1On = 1U << 24,
    kPll1Ready = 1U << 25
};

static volatile uint32_t ticks;
void SysTick_Handler(void) { ++ticks; }

static const char* wait(volatile uint32_t* reg, uint32_t mask, uint32_t value) {
    for (uint32_t i = 0; i < 100000; ++i)
        if ((*reg & mask) == value) return "ok";
    return "TIMEOUT";
}

/* CubeH7: 4 GB without access, subregions 0-2 and 7 off, so that 0x60000000-0xDFFFFFFF is closed to
 * speculation. */
static void mpu_config(void) {
    dsb();
    SCB_SHCSR &= ~SHCSR_MEMFAULTENA;
    MPU_CTRL = 0;
    MPU_RNR = 0;
    MPU_RBAR = 0;
    MPU_RASR = (1U << 28) | (0U << 24) | (1U << 18) | (0x87U << 8) | (31U << 1) | 1U;
    MPU_CTRL = (1U << 2) | 1U; /* PRIVDEFENA, ENABLE */
    SCB_SHCSR |= SHCSR_MEMFAULTENA;
    dsb();
    isb();
}

/* CMSIS core_cm7.h, for every set and way. */
static uint32_t d_cache(volatile uint32_t* by_set_way) {
    uint32_t lines = 0;
    CSSELR = 0;
    dsb();
    const uint32_t ccsidr = CCSIDR;
    uint32_t sets = (ccsidr >> 13) & 0x7FFFU;
    do {
        uint32_t ways = (ccsidr >> 3) & 0x3FFU;
        do {
            *by_set_way = ((sets << 5) & 0x3FE0U) | ((ways << 30) & 0xC0000000U);
            ++lines;
        } while (ways-- != 0U);
    } while (sets-- != 0U);
    dsb();
    return lines;
}

static uint32_t caches(void) {
    dsb();
    isb();
    ICIALLU = 0;
    CCR |= CCR_IC;
    isb();
    (void)d_cache(&DCISW);
    CCR |= CCR_DC;
    dsb();
    isb();
    CCR &= ~CCR_DC;
    const uint32_t lines = d_cache(&DCCISW);
    CCR |= CCR_DC;
    dsb();
    isb();
    return lines;
}

static void clock_400_mhz(const char** results) {
    PWR_CR3 = (PWR_CR3 & ~7U) | 2U; /* LDO */
    results[0] = wait(&PWR_CSR1, 1U << 13, 1U << 13);
    PWR_D3CR = (PWR_D3CR & ~(3U << 14)) | (3U << 14);
    (void)PWR_D3CR;
    results[1] = wait(&PWR_D3CR, 1U << 13, 1U << 13);
#ifdef OVERDRIVE /* VOS0: VOS1 and SYSCFG_PWRCR.ODEN, LDO only (HAL_PWREx_ControlVoltageScaling) */
    RCC_APB4ENR |= 2U;
    (void)RCC_APB4ENR;
    SYSCFG_PWRCR |= 1U;
    results[1] = wait(&PWR_CSR1, 1U << 13 | 3U << 14, 1U << 13 | 3U << 14);
#endif
    RCC_CR |= kHseBypass;
    RCC_CR |= kHseOn;
    results[2] = wait(&RCC_CR, kHseReady, kHseReady);
    RCC_CR &= ~(uint32_t)kPll1On;
    (void)wait(&RCC_CR, kPll1Ready, 0);
    RCC_PLLCKSELR = (RCC_PLLCKSELR & ~0x3F3U) | (4U << 4) | 2U; /* HSE, M 4 */
    RCC_PLL1DIVR = (PLL_N - 1U) | ((2U - 1U) << 9) | ((4U - 1U) << 16) | ((2U - 1U) << 24);
    RCC_PLLCFGR &= ~1U;
    RCC_PLL1FRACR = 0;
    RCC_PLLCFGR = (RCC_PLLCFGR & ~0xFU) | (1U << 2) | (7U << 16); /* range 2-4 MHz, wide VCO, P Q R on */
    RCC_CR |= kPll1On;
    results[3] = wait(&RCC_CR, kPll1Ready, kPll1Ready);
    RCC_D3CFGR = 4U << 4;               /* APB4 /2 */
    RCC_D2CFGR = (4U << 4) | (4U << 8); /* APB1 /2, APB2 /2 */
    RCC_D1CFGR = 8U | (4U << 4);        /* HPRE /2, APB3 /2 */
    RCC_CFGR = (RCC_CFGR & ~7U) | 3U;
    (void)wait(&RCC_CFGR, 7U << 3, 3U << 3);
    FLASH_ACR = (FLASH_ACR & ~0xFU) | LATENCY;
}

int main(void) {
    usart3_open();
    mpu_config();
    say("MPU %u regions, background region %s\n", (MPU_TYPE >> 8) & 0xFFU, MPU_CTRL == 5U ? "on" : "WRONG");
    const uint32_t lines = caches();
    say("I-cache and D-cache %s, cleaned %s and off and on again\n",
        (CCR & (CCR_IC | CCR_DC)) == (CCR_IC | CCR_DC) ? "on" : "WRONG", lines == 512U ? "4 x 128" : "WRONG");
    while (!(USART3_ISR & USART_ISR_TC)) {
    }
    const char* results[4];
    clock_400_mhz(results);
    USART3_CR1 = 0;
    USART3_BRR = PLL_N * 1000000U / 4U / 115200U; /* APB1 */
    USART3_CR1 = USART_CR1_UE | USART_CR1_TE;
    say("clock: supply %s, VOS%u %s, HSE %s, PLL1 %s, SWS %u, latency %u\n", results[0], PLL_N == 480 ? 0U : 1U, results[1],
        results[2], results[3], (RCC_CFGR >> 3) & 7U, FLASH_ACR & 0xFU);

    DEMCR |= 1U << 24;
    DWT_LAR = 0xC5ACCE55U;
    DWT_CTRL |= 1U;
    SYST_RVR = PLL_N * 1000U - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7U;
    while (ticks == 0) wfi();
    const uint32_t begin = DWT_CYCCNT;
    while (ticks < 11) wfi();
    const uint32_t cycles = DWT_CYCCNT - begin;
    SYST_CSR = 0;
    say("10 ticks of 1 ms: %u kcycles\n", (cycles + 500U) / 1000U);
    return 0;
}

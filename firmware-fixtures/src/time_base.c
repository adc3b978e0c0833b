/* A millisecond from a timer interrupt on each core, as ST's HAL makes it when an RTOS has SysTick: TIM6 for
   the Cortex-M7, TIM17 for the Cortex-M4 (spec/system.md 6.3). Both cores run this source. Expected on
   USART3: CM7: 10 ms are 640 thousand cycles CM7: the Cortex-M4 counted 10 ms, 640 thousand cycles CM7: at
   CSI 4 MHz 10 ms are 40 thousand cycles */
#include "h7.h"
#include "print.h"
#include "vectors_in_ram.h"

#define RCC_APB2ENR REG32(0x580244F0U)
#ifdef CORE_CM4
#define TIM 0x40014800U
enum { kIrq = 118 };
#else
#define TIM 0x40001000U
enum { kIrq = 54 };
#endif
#define TIM_CR1 REG32(TIM + 0x00U)
#define TIM_DIER REG32(TIM + 0x0CU)
#define TIM_SR REG32(TIM + 0x10U)
#define TIM_EGR REG32(TIM + 0x14U)
#define TIM_PSC REG32(TIM + 0x28U)
#define TIM_ARR REG32(TIM + 0x2CU)

struct Shared {
    volatile uint32_t go, cycles;
};
#define SHARED (*(struct Shared*)0x38000000U)
#define MAGIC 0x600DU

static volatile uint32_t ticks;

static void on_timer(void) {
    if ((TIM_SR & 1U) != 0 && (TIM_DIER & 1U) != 0) {
        TIM_SR = ~1U;
        ++ticks;
    }
}

/* HAL_InitTick, HAL_TIM_Base_Init, HAL_TIM_Base_Start_IT. */
static void init_tick(uint32_t timer_hz) {
    TIM_CR1 = 0;
    TIM_ARR = 1000U - 1U;
    TIM_PSC = timer_hz / 1000000U - 1U;
    TIM_EGR = 1;
    TIM_SR = ~1U;
    TIM_DIER |= 1U;
    TIM_CR1 |= 1U;
    NVIC_IPR(kIrq) = 0xF0;
    enable_irq(kIrq);
}

static uint32_t thousand_cycles_of_ten_ticks(void) {
    const uint32_t first = ticks;
    while (ticks == first) {
    }
    const uint32_t from = DWT_CYCCNT;
    while (ticks != first + 11U) wfi();
    return (DWT_CYCCNT - from + 500U) / 1000U;
}

int main(void) {
    vectors_to_ram();
    on_irq(kIrq, on_timer);
    SCB_DEMCR |= SCB_DEMCR_TRCENA;
    DWT_LAR = 0xC5ACCE55U;
    DWT_CTRL |= DWT_CTRL_CYCCNTENA;
#ifdef CORE_CM4
    while (SHARED.go != MAGIC) {
    }
    RCC_APB2ENR |= 1U << 18;
    init_tick(64000000U);
    SHARED.cycles = thousand_cycles_of_ten_ticks();
    for (;;) wfi();
#else
    usart3_open();
    SHARED.cycles = 0;
    SHARED.go = MAGIC;
    RCC_APB1LENR |= 1U << 4;
    init_tick(64000000U);
    say("CM7: 10 ms are %u thousand cycles\n", thousand_cycles_of_ten_ticks());
    while (SHARED.cycles == 0) {
    }
    say("CM7: the Cortex-M4 counted 10 ms, %u thousand cycles\n", SHARED.cycles);
    RCC_CR |= RCC_CR_CSION;
    while ((RCC_CR & RCC_CR_CSIRDY) == 0) {
    }
    RCC_CFGR = (RCC_CFGR & ~RCC_CFGR_SW_Msk) | RCC_CFGR_SW_CSI;
    init_tick(4000000U); /* as HAL_RCC_ClockConfig does at its end */
    say("CM7: at CSI 4 MHz 10 ms are %u thousand cycles\n", thousand_cycles_of_ten_ticks());
    return 0;
#endif
}

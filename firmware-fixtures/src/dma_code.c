/* Code in RAM that a DMA writes over runs as written, not as it was translated before: by each engine, in each RAM that it
   writes and the Cortex-M7 executes. Expected on USART3:
     DMA1 to AXI SRAM: 1, then 2
     DMA1 to SRAM1: 1, then 2
     MDMA to AXI SRAM: 1, then 2
     MDMA to ITCM: 1, then 2
     done                                                                                                            */
#include "h7.h"
#include "print.h"

#define RCC_AHB3ENR REG32(0x580244D4U)
#define RCC_AHB1ENR REG32(0x580244D8U)
#define NEW_CODE 0x24030000U

typedef uint32_t (*Function)(void);

static void code_for(uint32_t address, uint32_t value) { REG32(address) = 0x47702000U | value; /* movs r0; bx lr */ }

static void dma1(uint32_t to) {
    volatile uint32_t* const stream = (volatile uint32_t*)0x40020010U;
    REG32(0x40020008U) = 0x3DU;
    stream[1] = 1;
    stream[2] = NEW_CODE;
    stream[3] = to;
    stream[5] = 0x27U;
    stream[0] = 2U << 6 | 1U << 9 | 1U << 10 | 2U << 11 | 2U << 13 | 1U;
    while ((REG32(0x40020000U) & 0x20U) == 0) {
    }
}

static void mdma(uint32_t to) {
    volatile uint32_t* const channel = (volatile uint32_t*)0x52000040U;
    channel[1] = 0x1F;
    channel[4] = 5U << 28 | 3U << 18 | 0xAA0U | 2U << 2 | 2U;
    channel[5] = 4;
    channel[6] = NEW_CODE;
    channel[7] = to;
    channel[10] = to < 0x10000U ? 1U << 17 : 0;
    channel[3] = 1U;
    channel[3] = 1U | 1U << 16;
    while ((channel[0] & 2U) == 0) {
    }
}

static void show(const char* what, void (*copy)(uint32_t), uint32_t address) {
    code_for(address, 1);
    code_for(NEW_CODE, 2);
    dsb();
    isb();
    uint32_t first = 0;
    for (uint32_t i = 0; i < 100; ++i) first = ((Function)(address | 1U))(); /* translated for sure */
    copy(address);
    dsb();
    isb();
    say("%s: %u, then %u\n", what, first, ((Function)(address | 1U))());
}

int main(void) {
    usart3_open();
    RCC_AHB1ENR |= 1U;
    RCC_AHB3ENR |= 1U;
    (void)RCC_AHB3ENR;
    show("DMA1 to AXI SRAM", dma1, 0x24010000U);
    show("DMA1 to SRAM1", dma1, 0x30010000U);
    show("MDMA to AXI SRAM", mdma, 0x24011000U);
    show("MDMA to ITCM", mdma, 0x0000C000U);
    say("done\n");
    stop();
}

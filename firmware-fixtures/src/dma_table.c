/* Every DMA engine copies 32 bytes from each memory to each memory; one line for each engine and source, one letter for
   each destination in the order ITCM, DTCM, flash, AXI SRAM, SRAM1, SRAM4, backup SRAM:
     c  copied      e  transfer error flag      n  complete, and nothing was copied
   MDMA fills and looks, because it reaches everything, so that the Cortex-M4 can ask as well. Built for both cores.
   Expected on USART3: the table in tests/hardware/dma_test.cpp, then "done".                                        */
#include "h7.h"
#include "print.h"

#define RCC_AHB3ENR REG32(0x580244D4U)
#define RCC_AHB1ENR REG32(0x580244D8U)
#define WORDS 8U
#define STAGE 0x24030000U /* AXI SRAM, which every core and MDMA reach */

/* A flash word that a linker puts where the core's program is. */
static const uint32_t in_flash[WORDS] __attribute__((aligned(32), used)) = {
    0xF1A50001U, 0xF1A50002U, 0xF1A50003U, 0xF1A50004U, 0xF1A50005U, 0xF1A50006U, 0xF1A50007U, 0xF1A50008U};
#define BLANK_FLASH 0x081E0000U /* bank 2, sector 7 */

static const struct {
    const char* name;
    uint32_t address;
} memories[] = {{"ITCM", 0x0000C000U},     {"DTCM", 0x20018000U},  {"flash", 0},
                {"AXI SRAM", 0x24010000U}, {"SRAM1", 0x30018000U}, {"SRAM4", 0x38001000U},
                {"backup SRAM", 0x38800100U}};
#define MEMORIES (sizeof memories / sizeof memories[0])
#define FLASH 2U

static uint32_t source_of(uint32_t n) { return n == FLASH ? (uint32_t)in_flash : memories[n].address; }
static uint32_t destination_of(uint32_t n) { return n == FLASH ? BLANK_FLASH : memories[n].address + 0x80U; }

/* HAL_MDMA_Start of one block; SBUS and DBUS as HAL sets them. 1: transfer error. */
static uint32_t mdma(uint32_t from, uint32_t to) {
    volatile uint32_t* const channel = (volatile uint32_t*)0x52000040U;
    const uint32_t from_tcm = (from & 0xFF000000U) == 0x20000000U || (from & 0xFF000000U) == 0;
    const uint32_t to_tcm = (to & 0xFF000000U) == 0x20000000U || (to & 0xFF000000U) == 0;
    channel[1] = 0x1F;                                                             /* IFCR */
    channel[4] = 0x4U << 28 | 1U << 28 | 31U << 18 | 0xAA0U | 2U << 2 | 2U;        /* TCR: SWRM, block, words */
    channel[5] = 4U * WORDS;                                                       /* BNDTR */
    channel[6] = from;                                                             /* SAR */
    channel[7] = to;                                                               /* DAR */
    channel[8] = 0;                                                                /* BRUR */
    channel[9] = 0;                                                                /* LAR */
    channel[10] = from_tcm << 16 | to_tcm << 17;                                   /* TBR */
    channel[12] = 0;                                                               /* MAR */
    channel[3] = 1U;                                                               /* CR.EN */
    channel[3] = 1U | 1U << 16;                                                    /* SWRQ */
    while ((channel[0] & 3U) == 0) {
    }
    return channel[0] & 1U;
}

/* Stream 7, memory to memory. */
static uint32_t dma(uint32_t base, uint32_t from, uint32_t to) {
    volatile uint32_t* const stream = (volatile uint32_t*)(base + 0x10U + 7U * 0x18U);
    REG32(base + 0x0CU) = 0x3DU << 22;                                     /* HIFCR */
    stream[1] = WORDS;                                                     /* NDTR */
    stream[2] = from;                                                      /* PAR */
    stream[3] = to;                                                        /* M0AR */
    stream[5] = 0x27U;                                                     /* FCR: FIFO, threshold full */
    stream[0] = 2U << 6 | 1U << 9 | 1U << 10 | 2U << 11 | 2U << 13 | 1U;   /* CR */
    while ((REG32(base + 0x04U) & (0x28U << 22)) == 0) {                   /* HISR: TC or TE */
    }
    return (REG32(base + 0x04U) >> 22 & 8U) != 0;
}
static uint32_t dma1(uint32_t from, uint32_t to) { return dma(0x40020000U, from, to); }
static uint32_t dma2(uint32_t from, uint32_t to) { return dma(0x40020400U, from, to); }

/* Channel 3, memory to memory. */
static uint32_t bdma(uint32_t from, uint32_t to) {
    volatile uint32_t* const channel = (volatile uint32_t*)(0x58025408U + 3U * 0x14U);
    channel[0] = 0;
    REG32(0x58025404U) = 0xFU << 12;
    channel[1] = WORDS;
    channel[2] = from;
    channel[3] = to;
    channel[0] = 1U << 14 | 1U << 6 | 1U << 7 | 2U << 8 | 2U << 10 | 1U;
    while ((REG32(0x58025400U) & (0xAU << 12)) == 0) {
    }
    return (REG32(0x58025400U) >> 12 & 8U) != 0;
}

/* A line of eight ARGB8888 pixels. */
static uint32_t dma2d(uint32_t from, uint32_t to) {
    volatile uint32_t* const regs = (volatile uint32_t*)0x52001000U;
    regs[2] = 0x3F;             /* IFCR */
    regs[3] = from;             /* FGMAR */
    regs[4] = 0;                /* FGOR */
    regs[7] = 0;                /* FGPFCCR */
    regs[15] = to;              /* OMAR */
    regs[16] = 0;               /* OOR */
    regs[17] = WORDS << 16 | 1; /* NLR */
    regs[0] = 1U;               /* CR: memory to memory, START */
    while ((regs[1] & 0x23U) == 0) {
    }
    return regs[1] & 1U;
}

static uint32_t word_of(uint32_t memory, uint32_t n) {
    return memory == FLASH ? in_flash[n] : 0xC0DE0000U + memory * 256U + n;
}

/* What the destination holds now. */
static uint32_t copied(uint32_t from, uint32_t to) {
    if (mdma(destination_of(to), STAGE + 0x40U)) return 0;
    for (uint32_t n = 0; n < WORDS; ++n)
        if (REG32(STAGE + 0x40U + 4U * n) != word_of(from, n)) return 0;
    return 1;
}

static void fill(uint32_t memory, uint32_t address, uint32_t clear) {
    for (uint32_t n = 0; n < WORDS; ++n) REG32(STAGE + 4U * n) = clear ? 0 : word_of(memory, n);
    (void)mdma(STAGE, address);
}

static void table(const char* name, uint32_t (*copy)(uint32_t, uint32_t)) {
    for (uint32_t from = 0; from < MEMORIES; ++from) {
        char verdicts[MEMORIES + 1];
        for (uint32_t to = 0; to < MEMORIES; ++to) {
            if (to != FLASH) fill(to, destination_of(to), 1);
            const uint32_t error = copy(source_of(from), destination_of(to));
            verdicts[to] = error ? 'e' : copied(from, to) ? 'c' : 'n';
        }
        verdicts[MEMORIES] = 0;
        say("%s from %s: %s\n", name, memories[from].name, verdicts);
    }
}

int main(void) {
    usart3_open();
    RCC_AHB1ENR |= 3U;
    RCC_AHB3ENR |= 1U | 1U << 4;
    RCC_AHB4ENR |= 1U << 21 | 1U << 28;
    (void)RCC_AHB4ENR;
    PWR_CR1 |= 1U << 8; /* DBP: the backup SRAM may be written */
    for (uint32_t n = 0; n < MEMORIES; ++n)
        if (n != FLASH) fill(n, source_of(n), 0);
    table("DMA1", dma1);
    table("DMA2", dma2);
    table("BDMA", bdma);
    table("MDMA", mdma);
    table("DMA2D", dma2d);
    say("done\n");
    stop();
}

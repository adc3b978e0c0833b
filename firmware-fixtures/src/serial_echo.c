/* A port echoes what it hears, letters with their case swapped, by polling, by interrupts, by FIFO, or in
   blocks as ST's HAL_UART_Receive_IT and HAL_UART_Transmit_IT program the port (register traffic of
   HAL_UART_Init before). Built for both cores and several ports; HOW, PORT, IRQ, CLOCK and BIT are given by
   the build. Expected on the port: "ready\n", then the echo of each character. */
#include "h7.h"

#define POLLING 1
#define INTERRUPTS 2
#define FIFO 3
#define BLOCKS 4

#define CR1 REG32(PORT + 0x00U)
#define CR2 REG32(PORT + 0x04U)
#define CR3 REG32(PORT + 0x08U)
#define BRR REG32(PORT + 0x0CU)
#define RTOR REG32(PORT + 0x14U)
#define ISR REG32(PORT + 0x1CU)
#define ICR REG32(PORT + 0x20U)
#define RDR REG32(PORT + 0x24U)
#define TDR REG32(PORT + 0x28U)
#define PRESC REG32(PORT + 0x2CU)

enum {
    UE = 1,
    RE = 1 << 2,
    TE = 1 << 3,
    RXNEIE = 1 << 5,
    TCIE = 1 << 6,
    TXEIE = 1 << 7,
    RTOIE = 1 << 26,
    FIFOEN = 1 << 29,
    RTOEN = 1 << 23,
    RXFT_AT_8 = 2 << 25,
    RXFTIE = 1 << 28,
    RXNE = 1 << 5,
    TC = 1 << 6,
    TXE = 1 << 7,
    RTOF = 1 << 11,
    TEACK = 1 << 21,
    REACK = 1 << 22
};
#define BLOCK 8U /* characters of one HAL_UART_Receive_IT */

typedef void (*Handler)(void);
extern const uint32_t vectors[];
static Handler table[166] __attribute__((aligned(1024)));

static uint8_t swapped(uint32_t c) {
    c &= 0xFFU;
    return (uint8_t)((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z' ? c ^ 0x20U : c);
}

static void __attribute__((unused)) put(uint8_t c) {
    while ((ISR & TXE) == 0) {
    }
    TDR = c;
}

/* HAL_UART_Init: __HAL_UART_DISABLE, UART_SetConfig, the mode bits, __HAL_UART_ENABLE, UART_CheckIdleState.
 */
static void init(uint32_t fifo) {
    REG32(CLOCK) |= BIT;
    (void)REG32(CLOCK);
    CR1 &= ~(uint32_t)UE;
    CR1 = (CR1 & ~0x340094BFU) | TE | RE; /* M1, OVER8, M0, PCE, PS and more of CR1_FIELDS */
    CR2 &= ~(3U << 12);
    CR3 &= ~0x00000B00U;
    PRESC &= ~15U;
    BRR = RATE;
    CR2 &= ~((1U << 14) | (1U << 11));
    CR3 &= ~((1U << 5) | (1U << 3) | (1U << 1));
    CR1 |= fifo; /* HAL_UARTEx_EnableFifoMode */
    CR1 |= UE;
    while ((ISR & TEACK) == 0) {
    }
    while ((ISR & REACK) == 0) {
    }
}

/* What the interrupt handlers share with main. */
static volatile uint8_t ring[256];
static volatile uint8_t head, tail;
static const uint8_t* volatile tx_text;
static uint8_t* volatile rx_place;
static volatile uint32_t tx_left, rx_left, tx_done, rx_done;

static void __attribute__((unused)) on_ring(void) {
    while ((ISR & RXNE) != 0) ring[head++] = swapped(RDR);
    if ((ISR & RTOF) != 0) ICR = RTOF;
    if (head != tail) CR1 |= TXEIE;
    while ((CR1 & TXEIE) != 0 && (ISR & TXE) != 0) {
        if (head == tail)
            CR1 &= ~(uint32_t)TXEIE;
        else
            TDR = ring[tail++];
    }
}

/* HAL_UART_IRQHandler with UART_RxISR_8BIT, UART_TxISR_8BIT and UART_EndTransmit_IT. */
static void __attribute__((unused)) on_blocks(void) {
    const uint32_t flags = ISR, enabled = CR1;
    if ((flags & RXNE) != 0 && (enabled & RXNEIE) != 0) {
        *rx_place = (uint8_t)RDR;
        rx_place = rx_place + 1;
        if (--rx_left == 0) {
            CR1 &= ~(uint32_t)RXNEIE;
            rx_done = 1;
        }
        return;
    }
    if ((flags & TXE) != 0 && (enabled & TXEIE) != 0) {
        if (tx_left == 0) {
            CR1 &= ~(uint32_t)TXEIE;
            CR1 |= TCIE;
        } else {
            TDR = *tx_text;
            tx_text = tx_text + 1;
            --tx_left;
        }
        return;
    }
    if ((flags & TC) != 0 && (enabled & TCIE) != 0) {
        CR1 &= ~(uint32_t)TCIE;
        tx_done = 1;
    }
}

static void __attribute__((unused)) transmit(const uint8_t* text, uint32_t size) {
    tx_text = text;
    tx_left = size;
    tx_done = 0;
    CR1 |= TXEIE;
    while (!tx_done) wfi();
}

static void __attribute__((unused)) receive(uint8_t* place, uint32_t size) {
    rx_place = place;
    rx_left = size;
    rx_done = 0;
    CR1 |= RXNEIE;
    while (!rx_done) wfi();
}

int main(void) {
    for (unsigned i = 0; i < 166; ++i) table[i] = (Handler)vectors[i];
    table[16 + IRQ] = HOW == BLOCKS ? on_blocks : on_ring;
    SCB_VTOR = (uint32_t)table;
    dsb();
    NVIC_ISER(IRQ / 32) = 1U << (IRQ % 32);
    init(HOW == FIFO ? (uint32_t)FIFOEN : 0);
#if HOW == BLOCKS
    uint8_t text[BLOCK];
    transmit((const uint8_t*)"ready\n", 6);
    for (;;) {
        receive(text, BLOCK);
        for (uint32_t i = 0; i < BLOCK; ++i) text[i] = swapped(text[i]);
        transmit(text, BLOCK);
    }
#else
    for (const char* c = "ready\n"; *c != 0; ++c) put((uint8_t)*c);
#if HOW == POLLING
    for (;;) {
        while ((ISR & RXNE) == 0) {
        }
        put(swapped(RDR));
    }
#else
    if (HOW == FIFO) { /* by eights, and what is left after twenty bit times of silence */
        RTOR = 20;
        CR2 |= RTOEN;
        CR3 |= RXFT_AT_8 | RXFTIE;
        CR1 |= RTOIE;
    } else {
        CR1 |= RXNEIE;
    }
    for (;;) wfi();
#endif
#endif
}

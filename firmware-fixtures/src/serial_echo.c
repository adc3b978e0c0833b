/* A port echoes what it hears, letters with their case swapped, by polling, by interrupts, by FIFO, or in
   blocks as ST's HAL_UART_Receive_IT and HAL_UART_Transmit_IT program the port (register traffic of
   HAL_UART_Init before), or by DMA as HAL_UARTEx_ReceiveToIdle_DMA (circular) and HAL_UART_Transmit_DMA do.
   Built for both cores and several ports; HOW, PORT, IRQ, CLOCK and BIT are given by the build, for DMA also
   the two request numbers; with D3 it is the BDMA's. Expected on the port: "ready\n", then the echo of each character. */
#include "h7.h"
#include "vectors_in_ram.h"

#define POLLING 1
#define INTERRUPTS 2
#define FIFO 3
#define BLOCKS 4
#define DMA 5

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

#if HOW == DMA

#define RING 16U /* bytes of the circular reception */
#ifdef D3        /* BDMA channels 0 and 1; the buffers in SRAM4, which is all it reaches */
#define ENGINE_CLOCK REG32(0x580244E0U)
#define ENGINE_BIT (1U << 21)
#define ROUTE(n) REG32(0x58025800U + 4U * (n))
#define CHANNEL(n) ((volatile uint32_t*)(0x58025408U + 0x14U * (n)))
#define FLAGS(n) (REG32(0x58025400U) >> (4U * (n)) & 0xEU)
#define CLEAR(n) REG32(0x58025404U) = 0xFU << (4U * (n))
#define FLAG_TC 2U
#define ENGINE_IRQ(n) (129U + (n))
#define BUFFERS 0x38000000U
enum { RX_CONTROL = 1 << 7 | 1 << 5 | 4 | 2, TX_CONTROL = 1 << 7 | 1 << 4 | 2 }; /* MINC, CIRC / DIR, HTIE, TCIE */
#else /* DMA1 streams 0 and 1 */
#define ENGINE_CLOCK REG32(0x580244D8U)
#define ENGINE_BIT 1U
#define ROUTE(n) REG32(0x40020800U + 4U * (n))
#define CHANNEL(n) ((volatile uint32_t*)(0x40020010U + 0x18U * (n)))
#define FLAGS(n) (REG32(0x40020000U) >> (6U * (n)) & 0x3DU)
#define CLEAR(n) REG32(0x40020008U) = 0x3DU << (6U * (n))
#define FLAG_TC 0x20U
#define ENGINE_IRQ(n) (11U + (n))
#ifdef CORE_CM7
#define BUFFERS 0x30000000U
#else
#define BUFFERS 0x10010000U /* where ST links the Cortex-M4's data */
#endif
enum { RX_CONTROL = 1 << 10 | 1 << 8 | 8 | 16, TX_CONTROL = 1 << 20 | 1 << 10 | 1 << 6 | 16 };
#endif
#define RX_BUFFER ((volatile uint8_t*)BUFFERS)
#define TX_BUFFER ((volatile uint8_t*)(BUFFERS + 64U))

enum { DMAR = 1 << 6, DMAT = 1 << 7, IDLEIE = 1 << 4, IDLE = 1 << 4 };
static volatile uint32_t rx_at; /* how far the reception was looked at */

static void start_channel(uint32_t n, uint32_t control, uint32_t port, uint32_t memory, uint32_t size) {
    volatile uint32_t* const channel = CHANNEL(n);
    channel[0] &= ~1U;
    CLEAR(n);
    channel[1] = size;
    channel[2] = port;
    channel[3] = memory;
    channel[0] = control;
    channel[0] = control | 1U;
}

/* HAL_UARTEx_RxEventCallback: whatever is new since the last time. */
static void take(void) {
    const uint32_t to = RING - CHANNEL(0)[1];
    while (rx_at != to % RING) {
        ring[head++] = swapped(RX_BUFFER[rx_at]);
        rx_at = (rx_at + 1U) % RING;
    }
}
static void on_rx_dma(void) {
    CLEAR(0);
    take();
}
/* UART_DMATransmitCplt. */
static void on_tx_dma(void) {
    if ((FLAGS(1) & FLAG_TC) != 0) {
        CR3 &= ~(uint32_t)DMAT;
        CR1 |= TCIE;
    }
    CLEAR(1);
}
static void on_uart(void) {
    if ((ISR & IDLE) != 0) {
        ICR = IDLE;
        take();
    }
    if ((ISR & TC) != 0 && (CR1 & TCIE) != 0) {
        CR1 &= ~(uint32_t)TCIE;
        tx_done = 1;
    }
}

static void transmit_dma(uint32_t size) {
    tx_done = 0;
    start_channel(1, TX_CONTROL, (uint32_t)&TDR, (uint32_t)TX_BUFFER, size);
    ICR = TC;
    CR3 |= DMAT;
    while (!tx_done) {
        __asm volatile("cpsid i");
        if (!tx_done) wfi();
        __asm volatile("cpsie i");
    }
}

static void __attribute__((noreturn)) run_dma(void) {
    ENGINE_CLOCK |= ENGINE_BIT;
    (void)ENGINE_CLOCK;
    ROUTE(0) = RX_REQUEST;
    ROUTE(1) = TX_REQUEST;
    on_irq(ENGINE_IRQ(0), on_rx_dma);
    on_irq(ENGINE_IRQ(1), on_tx_dma);
    on_irq(IRQ, on_uart);
    for (uint32_t n = 0; n < 2; ++n) enable_irq(ENGINE_IRQ(n));
    start_channel(0, RX_CONTROL, (uint32_t)&RDR, (uint32_t)RX_BUFFER, RING);
    CR3 |= DMAR;
    ICR = IDLE;
    CR1 |= IDLEIE;
    const char* const ready = "ready\n";
    for (uint32_t i = 0; i < 6; ++i) TX_BUFFER[i] = (uint8_t)ready[i];
    transmit_dma(6);
    for (;;) {
        __asm volatile("cpsid i");
        if (head == tail) wfi();
        __asm volatile("cpsie i");
        uint32_t size = 0;
        while (head != tail && size < 64U) TX_BUFFER[size++] = ring[tail++];
        if (size != 0) transmit_dma(size);
    }
}

#endif

int main(void) {
    vectors_to_ram();
    on_irq(IRQ, HOW == BLOCKS ? on_blocks : on_ring);
    enable_irq(IRQ);
    init(HOW == FIFO ? (uint32_t)FIFOEN : 0);
#if HOW == DMA
    run_dma();
#elif HOW == BLOCKS
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

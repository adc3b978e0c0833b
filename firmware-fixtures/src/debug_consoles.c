/* Speaks the ways a debug probe listens to: the ITM's stimulus ports and SEGGER RTT. Built for both cores.
   Expected on ITM port 0: "CM7 by SWO\n"; on port 3 the words 1, 2, 3.
   Expected on RTT up channel 0: "CM7 by RTT, line 0\n" .. line 99 through a buffer of 64 bytes, waiting for room; then what it
   hears on down channel 0, once that is a line: "CM7 hears ..\n".                                                        */
#include "h7.h"

#ifdef CORE_CM7
#define NAME "CM7"
#else
#define NAME "CM4"
#endif

#define ITM_PORT8(n) REG8(0xE0000000U + 4U * (n))
#define ITM_PORT32(n) REG32(0xE0000000U + 4U * (n))
#define ITM_TER REG32(0xE0000E00U)
#define ITM_TCR REG32(0xE0000E80U)

/* CMSIS's ITM_SendChar. */
static void itm_put(char c) {
    if ((ITM_TCR & 1U) == 0 || (ITM_TER & 1U) == 0) return;
    while (ITM_PORT32(0) == 0) {
    }
    ITM_PORT8(0) = (uint8_t)c;
}

/* The layout that every RTT viewer knows. */
typedef struct {
    const char *name;
    volatile char *buffer;
    uint32_t size;
    volatile uint32_t write, read;
    uint32_t flags;
} Ring;
typedef struct {
    volatile char id[16];
    int32_t ups, downs;
    Ring up, down;
} Rtt;

static char up_bytes[64], down_bytes[16];
#ifdef ANONYMOUS
static Rtt block; /* no symbol a viewer could know: it is searched for */
#else
Rtt _SEGGER_RTT;
#define block _SEGGER_RTT
#endif

static void rtt_open(void) {
    static const char backwards[] = "TTR REGGES"; /* so that the identifier stands in no other place */
    block.ups = 1;
    block.downs = 1;
    block.up = (Ring){"Terminal", up_bytes, sizeof up_bytes, 0, 0, 2};
    block.down = (Ring){"Terminal", down_bytes, sizeof down_bytes, 0, 0, 0};
    dsb();
    for (uint32_t i = 0; i < 10; ++i) block.id[i] = backwards[9 - i];
}

static void rtt_put(char c) {
    const uint32_t next = (block.up.write + 1) % block.up.size;
    while (next == block.up.read) {
    }
    block.up.buffer[block.up.write] = c;
    block.up.write = next;
}

static void rtt_say(const char *text) {
    while (*text != 0) rtt_put(*text++);
}

int main(void) {
    for (const char *c = NAME " by SWO\n"; *c != 0; ++c) itm_put(*c);
    for (uint32_t n = 1; n <= 3; ++n) ITM_PORT32(3) = n;
    rtt_open();
    for (uint32_t n = 0; n < 100; ++n) {
        rtt_say(NAME " by RTT, line ");
        if (n >= 10) rtt_put((char)('0' + n / 10));
        rtt_put((char)('0' + n % 10));
        rtt_put('\n');
    }
    rtt_say(NAME " hears ");
    for (;;) {
        if (block.down.read == block.down.write) continue;
        const char c = block.down.buffer[block.down.read];
        block.down.read = (block.down.read + 1) % block.down.size;
        rtt_put(c);
        if (c == '\n') break;
    }
    stop();
}

/* Three interrupts nest while floating-point registers are live: TIM2 (lowest), TIM3 pended inside it, SysTick pended
   inside that. Every level uses the FPU. Then SysTick ticks for real under a floating-point loop. Both cores.
   Expected on USART3:
     order: TIM2 in, TIM3 in, SysTick, TIM3 out, TIM2 out
     s0-s31 and FPSCR of the interrupted code: kept
     floating-point loop under 50 ticks: same result                                                                 */
#include "h7.h"
#include "print.h"

enum { kTim2 = 28, kTim3 = 29 };

static volatile char order[8];
static volatile uint32_t order_length;
static volatile uint32_t ticks;
static volatile uint32_t nesting; /* 1 = the first part: SysTick writes the order */
static volatile float shared;

static void note(char event) { order[order_length++] = event; }

/* Enough live values to make the compiler use many FP registers; never merged with an equal call. */
static float __attribute__((noinline)) work(volatile float x) {
    float a = x + 1.0F, b = x * 2.0F, c = x - 3.0F, d = x * x;
    for (int i = 0; i < 8; ++i) {
        a = a * 1.5F + d;
        b = b - a * 0.25F;
        c = c + b * 0.125F;
        d = d * 0.5F - c * 0.0625F;
    }
    return a + b + c + d;
}

void SysTick_Handler(void) {
    ++ticks;
    shared = work(shared * 0.001F);
    if (nesting) note('s');
}

void TIM3_IRQHandler(void) {
    note('3');
    const float before = work(7.0F);
    SCB_ICSR = SCB_ICSR_PENDSTSET;
    dsb();
    isb();
    if (work(7.0F) != before) note('!');
    note('/');
}

void TIM2_IRQHandler(void) {
    note('2');
    const float before = work(6.0F);
    NVIC_ISPR(kTim3 / 32) = 1U << (kTim3 % 32);
    dsb();
    isb();
    if (work(6.0F) != before) note('!');
    note('.');
}

/* Loads s0-s31 and FPSCR from `in`, pends the lowest interrupt, stores them to `out`: 33 words each. */
void live_registers(const uint32_t *in, uint32_t *out, volatile uint32_t *pend, uint32_t bit);
__asm(
    ".syntax unified\n"
    ".thumb\n"
    ".section .text.live_registers, \"ax\", %progbits\n"
    ".global live_registers\n"
    ".type live_registers, %function\n"
    "live_registers:\n"
    "    vpush {s16-s31}\n"
    "    ldr r12, [r0, #128]\n"
    "    vmsr fpscr, r12\n"
    "    vldmia r0, {s0-s31}\n"
    "    str r3, [r2]\n"
    "    dsb\n"
    "    isb\n"
    "    nop\n"
    "    vstmia r1, {s0-s31}\n"
    "    vmrs r12, fpscr\n"
    "    str r12, [r1, #128]\n"
    "    vpop {s16-s31}\n"
    "    bx lr\n"
    ".text\n");

static const char *nested_order(void) {
    static const char kExpected[] = "23s/.";
    for (uint32_t i = 0; i < sizeof kExpected; ++i)
        if (order[i] != kExpected[i]) return "WRONG";
    return "TIM2 in, TIM3 in, SysTick, TIM3 out, TIM2 out";
}

static uint32_t registers_kept(void) {
    uint32_t in[33], out[33];
    for (uint32_t i = 0; i < 32; ++i) in[i] = 0x3F800000U + i * 0x00010203U;
    in[32] = 0x80400000U; /* N set, round towards plus infinity */
    nesting = 1;
    live_registers(in, out, &NVIC_ISPR(kTim2 / 32), 1U << (kTim2 % 32));
    nesting = 0;
    __asm volatile("vmsr fpscr, %0" ::"r"(0));
    for (uint32_t i = 0; i < 33; ++i)
        if (in[i] != out[i]) return 0;
    return 1;
}

static float long_loop(uint32_t until_ticks, uint32_t rounds) {
    float sum = 0.0F;
    for (uint32_t i = 0; i < rounds; ++i) sum = sum * 0.5F + work((float)(i & 15U));
    while (ticks < until_ticks) {
        float again = 0.0F;
        for (uint32_t i = 0; i < rounds; ++i) again = again * 0.5F + work((float)(i & 15U));
        if (again != sum) return -1.0F;
    }
    return sum;
}

int main(void) {
    usart3_open();
    NVIC_IPR(kTim2) = 0xC0;
    NVIC_IPR(kTim3) = 0x80;
    SCB_SHPR_SYSTICK = 0x40;
    NVIC_ISER(kTim2 / 32) = (1U << (kTim2 % 32)) | (1U << (kTim3 % 32));

    const uint32_t kept = registers_kept();
    say("order: %s\n", nested_order());
    say("s0-s31 and FPSCR of the interrupted code: %s\n", kept ? "kept" : "WRONG");

    const float calm = long_loop(0, 100);
    ticks = 0;
    SYST_RVR = 1999;
    SYST_CVR = 0;
    SYST_CSR = 7; /* core clock, interrupt, enable */
    const float disturbed = long_loop(50, 100);
    SYST_CSR = 0;
    say("floating-point loop under 50 ticks: %s\n", calm == disturbed ? "same result" : "WRONG");
    stop();
}

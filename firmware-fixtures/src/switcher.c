/* A preemptive kernel that is interrupted at every moment: five threads on PSP, of which three use the FPU
   and two are unprivileged behind the MPU; one of these faults in three ways, round after round, and is
   helped over it. SysTick switches and pends an interrupt, inside which a more urgent one is pended; both use
   the FPU. Every thread has a result that the host can compute (switcher.h); the report lies in SRAM4, at
   0x38000000 for the CM7 and at 0x38000200 for the CM4. Both cores. At the end the core sleeps for ever. */
#include "switcher.h"

#include "context_switch.h"
#include "h7.h"
#include "vectors_in_ram.h"

#ifdef CORE_CM7
#define REPORT 0x38000000U
#else
#define REPORT 0x38000200U
#endif
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define SHPR2 REG32(0xE000ED1CU)
#define SHPR3 REG32(0xE000ED20U)
#define PENDSVSET (1U << 28)
#define report ((volatile struct SwitcherReport*)REPORT)

enum { kLow = 28, kHigh = 29, kStackWords = 256 }; /* TIM2, TIM3 */
struct Thread threads[kSwitcherThreads];
volatile uint32_t current;
static uint32_t stacks[kSwitcherThreads][kStackWords] __attribute__((aligned(1024)));
static volatile uint32_t started, depth;
static volatile float interrupt_value;
static uint32_t kernel_data __attribute__((aligned(32)));
/* What the unprivileged threads may write. */
static struct {
    volatile uint32_t survived, finished[2];
    volatile float sum;
    uint32_t pad[4];
} theirs __attribute__((aligned(32)));
static volatile uint32_t finished[3];

static void enter(void) {
    if (++depth > report->deepest) report->deepest = depth;
}
static void leave(void) { --depth; }

void SysTick_Handler(void) {
    enter();
    ++report->sys_tick;
    NVIC_ISPR(kLow / 32) = 1U << (kLow % 32);
    SCB_ICSR = PENDSVSET;
    leave();
}
static float mixed(float by) {
    struct Floats f = {interrupt_value, by, 0.5F, 0.25F};
    for (int i = 0; i < 3; ++i) float_round(&f);
    return times(float_sum(&f), 0.0625F);
}
void TIM2_IRQHandler(void) {
    enter();
    ++report->low;
    interrupt_value = mixed(2.0F);
    NVIC_ISPR(kHigh / 32) = 1U << (kHigh % 32);
    interrupt_value = mixed(3.0F);
    leave();
}
void TIM3_IRQHandler(void) {
    enter();
    ++report->high;
    interrupt_value = mixed(4.0F);
    leave();
}

void __attribute__((used)) next_thread(void) {
    ++report->pend_sv;
    current = (current + 1) % kSwitcherThreads;
}
/* The first call starts thread 0, the others give the processor away. */
void __attribute__((used)) count_call(void) { ++report->svc; }
void __attribute__((naked)) SVC_Handler(void) {
    __asm volatile(
        "push {r4, lr}\n"
        "bl count_call\n"
        "pop {r4, lr}\n"
        "ldr r0, =started\n"
        "ldr r1, [r0]\n"
        "cbnz r1, 1f\n"
        "movs r1, #1\n"
        "str r1, [r0]\n"
        "b restore\n"
        "1: ldr r0, =0xE000ED04\n"
        "mov r1, #0x10000000\n"
        "str r1, [r0]\n"
        "bx lr\n");
}

/* Helps a thread over its faulting instruction: pc is the seventh word of the frame on PSP. */
static void skip(volatile uint32_t* count) {
    uint32_t* frame;
    __asm volatile("mrs %0, psp" : "=r"(frame));
    enter();
    ++*count;
    report->cfsr |= SCB_CFSR;
    SCB_CFSR = SCB_CFSR;
    const uint16_t first = *(const uint16_t*)frame[6];
    frame[6] += (first >> 11) >= 0x1DU ? 4U : 2U;
    leave();
}
void MemManage_Handler(void) { skip(&report->mem_manage); }
static void bus_fault(void) { skip(&report->bus_fault); }
void UsageFault_Handler(void) { skip(&report->usage_fault); }

static float floats(float seed) {
    struct Floats f = {seed, 0.5F, 0.25F, 3.0F};
    for (int i = 0; i < kFloatRounds; ++i) float_round(&f);
    return float_sum(&f);
}
static uint32_t bits(float value) {
    union {
        float f;
        uint32_t u;
    } both = {value};
    return both.u;
}
static void yield(void) { __asm volatile("svc 1" ::: "memory"); }

static void thread0(void);
static void thread1(void) {
    report->floats[1] = bits(floats(2.0F));
    finished[1] = 1;
    for (;;) yield();
}
static void thread2(void) {
    uint32_t hash = 2166136261U;
    for (uint32_t n = 0; n < kHashRounds; ++n) {
        hash = hash_round(hash, n);
        if (n % 64 == 0) yield();
    }
    report->hash = hash;
    finished[2] = 1;
    for (;;) yield();
}
static void thread3(void) { /* unprivileged */
    for (uint32_t n = 0; n < kFaultRounds; ++n) {
        uint32_t quotient = 0xBAD;
        kernel_data = n + 1;                                                            /* MemManage */
        __asm volatile("ldr r0, [%0]" ::"r"(0x70000000U) : "r0", "memory");             /* BusFault */
        __asm volatile("udiv %0, %1, %2" : "+r"(quotient) : "r"(n), "r"(0) : "memory"); /* DIVBYZERO */
        if (quotient == 0xBAD) theirs.survived = theirs.survived + 1;
    }
    theirs.finished[0] = 1;
    for (;;) yield();
}
static void thread4(void) { /* unprivileged, with the FPU */
    struct Floats f = {4.0F, 0.5F, 0.25F, 3.0F};
    for (int i = 0; i < kFloatRounds; ++i) {
        float_round(&f);
        if (i % 100 == 0) yield();
    }
    theirs.sum = float_sum(&f);
    theirs.finished[1] = 1;
    for (;;) yield();
}
static void thread0(void) {
    report->floats[0] = bits(floats(1.0F));
    while (!finished[1] || !finished[2] || !theirs.finished[0] || !theirs.finished[1]) yield();
    __asm volatile("cpsid i");
    SYST_CSR = 0;
    report->floats[2] = bits(theirs.sum);
    report->survived = kernel_data == 0 ? theirs.survived : 0;
    report->interrupt_sum = bits(interrupt_value);
    report->finished = kSwitcherDone;
    for (;;) __asm volatile("wfi");
}

static void make(unsigned n, void (*entry)(void), uint32_t control) {
    uint32_t* sp = stacks[n] + kStackWords;
    *--sp = 0x01000000U;
    *--sp = (uint32_t)entry & ~1U;
    for (int i = 0; i < 6; ++i) *--sp = 0;
    for (int i = 0; i < 8; ++i) *--sp = 0;
    threads[n].sp = sp;
    threads[n].exc_return = 0xFFFFFFFDU;
    threads[n].control = control;
}
static void region(uint32_t n, const void* base, uint32_t size_log2, uint32_t access) {
    MPU_RBAR = (uint32_t)base | (1U << 4) | n;
    MPU_RASR = (access << 24) | ((size_log2 - 1) << 1) | 1U;
}

int main(void) {
    for (uint32_t n = 0; n < sizeof(struct SwitcherReport) / 4; ++n) ((volatile uint32_t*)REPORT)[n] = 0;
    make(0, thread0, 2);
    make(1, thread1, 2);
    make(2, thread2, 2);
    make(3, thread3, 3);
    make(4, thread4, 3);
    region(0, (void*)0x08000000U, 21, 6); /* flash, read only for everybody */
    region(1, (void*)0, 16, 6);           /* the Cortex-M4's vectors window */
    region(2, stacks[3], 10, 3);
    region(3, stacks[4], 10, 3);
    region(4, &theirs, 5, 3);
    region(5, (void*)0x70000000U, 10, 3); /* nobody is there */
    dsb();
    MPU_CTRL = 5U;
    dsb();
    isb();
    vectors_to_ram();
    table[5] = bus_fault; /* the start-up file names none */
    dsb();
    SCB_SHCSR |= 7U << 16;
    REG32(0xE000ED14U) |= 1U << 4;     /* DIV_0_TRP */
    SHPR2 = 0xF0U << 24;               /* SVCall */
    SHPR3 = 0xF0U << 16 | 0xE0U << 24; /* PendSV lowest, SysTick above it */
    REG8(0xE000E400U + kLow) = 0x80;
    REG8(0xE000E400U + kHigh) = 0x40;
    NVIC_ISER(kLow / 32) = 1U << (kLow % 32) | 1U << (kHigh % 32);
    SYST_RVR = 797U - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7U;
    __asm volatile("svc 0");
    return 0;
}

/* A small preemptive kernel, as the common ones do it: threads on PSP, SVC starts the first one, SysTick
   pends PendSV, PendSV saves r4-r11, and s16-s31 when the thread has used the FPU (EXC_RETURN bit 4). One
   thread is unprivileged behind the MPU and writes where it must not. Both cores. Expected on USART3 (NAME is
   CM7 or CM4): NAME: kernel data written by an unprivileged thread: MemManage, CFSR 0x00000082, MMFAR right
     NAME: 3 threads, 30 ticks, floating-point sums equal */
#include "context_switch.h"
#include "h7.h"
#include "print.h"

#ifdef CORE_CM7
#define NAME "CM7"
#else
#define NAME "CM4"
#endif
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define SCB_MMFAR REG32(0xE000ED34U)
#define SHPR2 REG32(0xE000ED1CU)
#define SHPR3 REG32(0xE000ED20U)
#define PENDSVSET (1U << 28)

enum { kThreads = 3, kStackWords = 256 };
struct Thread threads[kThreads];
volatile uint32_t current;
static uint32_t stacks[kThreads][kStackWords] __attribute__((aligned(1024)));
static volatile uint32_t ticks, mem_faults, fault_status, fault_address;
static uint32_t kernel_data __attribute__((aligned(32)));
static volatile float sums[2];
static volatile uint32_t rounds[2];
static struct {
    volatile uint32_t tried, done;
    uint32_t pad[6];
} shared __attribute__((aligned(32)));

void SysTick_Handler(void) {
    ++ticks;
    SCB_ICSR = PENDSVSET;
}

void __attribute__((used)) next_thread(void) { current = (current + 1) % kThreads; }
void __attribute__((naked)) SVC_Handler(void) { __asm volatile("b restore\n"); }

/* Skips the store: pc is the seventh word of the frame on PSP; both stores below have 16 or 32 bits. */
static void skip(void) {
    uint32_t* frame;
    __asm volatile("mrs %0, psp" : "=r"(frame));
    const uint16_t first = *(const uint16_t*)frame[6];
    frame[6] += (first >> 11) >= 0x1DU ? 4U : 2U;
}
void MemManage_Handler(void) {
    ++mem_faults;
    fault_status = SCB_CFSR;
    fault_address = SCB_MMFAR;
    SCB_CFSR = fault_status;
    skip();
}
static void compute(unsigned n) {
    for (;;) {
        float a = 1.0F, b = 0.5F, c = 0.25F, d = 3.0F;
        for (int i = 0; i < 200; ++i) {
            a = a * 1.0009765625F + b * 0.125F;
            b = b + c * 0.5F - d * 0.0625F;
            c = c * 0.75F + 1.0F;
            d = a * 0.001F;
        }
        const float sum = a + b + c + d;
        if (rounds[n] == 0)
            sums[n] = sum;
        else if (sums[n] != sum)
            sums[n] = -1.0F;
        ++rounds[n];
    }
}
static void first(void) { compute(0); }
static void second(void) { compute(1); }
static void unprivileged(void) {
    __asm volatile("msr control, %0\n isb" ::"r"(3) : "memory");
    shared.tried = 1;
    kernel_data = 0xBAD; /* MemManage */
    shared.done = 1;
    for (;;) {
    }
}

static void make(unsigned n, void (*entry)(void)) {
    uint32_t* sp = stacks[n] + kStackWords;
    *--sp = 0x01000000U;
    *--sp = (uint32_t)entry & ~1U;
    for (int i = 0; i < 6; ++i) *--sp = 0;
    for (int i = 0; i < 8; ++i) *--sp = 0;
    threads[n].sp = sp;
    threads[n].exc_return = 0xFFFFFFFDU;
    threads[n].control = 2;
}

static void region(uint32_t n, const void* base, uint32_t size_log2, uint32_t access) {
    MPU_RBAR = (uint32_t)base | (1U << 4) | n;
    MPU_RASR = (access << 24) | ((size_log2 - 1) << 1) | 1U;
}

static void watcher(void); /* runs as thread 0 before it computes */

int main(void) {
    make(0, watcher);
    make(1, second);
    make(2, unprivileged);
    region(0, (void*)0x08000000U, 21, 6); /* flash, read only for everybody */
    region(1, (void*)0, 16, 6);           /* the Cortex-M4's vectors window */
    region(2, stacks[2], 10, 3);
    region(3, &shared, 5, 3);
    dsb();
    MPU_CTRL = 5U;
    dsb();
    isb();
    SCB_SHCSR |= (1U << 16) | SCB_SHCSR_BUSFAULTENA;
    SHPR3 = 0xFFU << 16 | 0xF0U << 24; /* PendSV and SysTick lowest */
    SYST_RVR = 6400U - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7U;
    __asm volatile("svc 0");
    return 0;
}

static void watcher(void) {
    while (ticks < 30 || !shared.done || rounds[1] == 0) {
    }
    usart3_open();
    say(NAME ": kernel data written by an unprivileged thread: %s, CFSR %x, MMFAR %s\n",
        mem_faults == 1 && kernel_data == 0 ? "MemManage" : "WRONG", fault_status,
        fault_address == (uint32_t)&kernel_data ? "right" : "WRONG");
    while (rounds[0] == 0) {
        float a = 1.0F, b = 0.5F, c = 0.25F, d = 3.0F;
        for (int i = 0; i < 200; ++i) {
            a = a * 1.0009765625F + b * 0.125F;
            b = b + c * 0.5F - d * 0.0625F;
            c = c * 0.75F + 1.0F;
            d = a * 0.001F;
        }
        sums[0] = a + b + c + d;
        ++rounds[0];
    }
    say(NAME ": 3 threads, 30 ticks, floating-point sums %s\n", sums[0] == sums[1] ? "equal" : "DIFFERENT");
    first();
}

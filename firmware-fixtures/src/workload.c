/* A small real-time kernel under load, as a FreeRTOS application loads it: ten threads with priorities and time
   slices, a queue between two producers and two consumers, a mutex, software timers, sleeping threads, a tickless idle
   thread, two threads that compute with the FPU, interrupts nested by software, and a guard region of the MPU under
   each stack that catches the thread which overflows it. What the threads compute does not depend on their order.
   Built for both cores. Expected on USART3 (NAME is CM7 or CM4; the numbers are the test's, tests/hardware/workload_test.cpp):
     NAME: 400 items, sum 0x.., fp 0x.. 0x.., mutex 400
     NAME: timers 20 and 12, nested 20, sleeps 60, overflows 1
     NAME: .. switches, .. ticks, .. cycles                                                                            */
#include "h7.h"
#include "hsem.h"
#include "print.h"

#ifdef CORE_CM7
#define NAME "CM7"
#else
#define NAME "CM4"
#endif
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define SHPR3 REG32(0xE000ED20U)
#define PENDSVSET (1U << 28)

enum { kThreads = 10, kStackWords = 256, kQueue = 8, kItems = 200, kTick = 3000, kForever = 0x7FFFFFFF };
enum { kReady, kBlocked, kAsleep, kDead };

struct Thread {
    uint32_t *sp;        /* these two are used by the assembly: 0 */
    uint32_t exc_return; /* 4 */
    uint32_t state, priority, wake;
    const void *waits_for;
};
struct Thread threads[kThreads];
struct Thread *current;
static uint32_t stacks[kThreads][kStackWords] __attribute__((aligned(1024)));
static volatile uint32_t ticks, switches, overflows, nested, inner_ran;

static uint32_t lock(void) {
    uint32_t was;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(was)::"memory");
    return was;
}
static void unlock(uint32_t was) { __asm volatile("msr primask, %0\n isb" ::"r"(was) : "memory"); }
static void reschedule(void) {
    SCB_ICSR = PENDSVSET;
    dsb();
    isb();
}

/* --- scheduler: the highest priority, in turn among equals; the last thread is idle and always ready --- */

void __attribute__((used)) choose(void) {
    struct Thread *best = &threads[kThreads - 1];
    uint32_t from = (uint32_t)(current - threads);
    for (uint32_t n = 1; n <= kThreads; ++n) {
        struct Thread *t = &threads[(from + n) % kThreads];
        if (t->state == kReady && t->priority > best->priority) best = t;
    }
    if (best != current) ++switches;
    current = best;
    uint32_t guard = (uint32_t)stacks[best - threads];
    MPU_RBAR = guard | (1U << 4) | 7U;
    MPU_RASR = (1U << 28) | (5U << 1) | 1U; /* 64 bytes, nobody: more than a frame of deeper() */
    dsb();
    isb();
}

void __attribute__((naked)) PendSV_Handler(void) {
    __asm volatile(
        "mrs r0, psp\n"
        "tst lr, #0x10\n"
        "it eq\n"
        "vstmdbeq r0!, {s16-s31}\n"
        "stmdb r0!, {r4-r11}\n"
        "ldr r1, =current\n"
        "ldr r1, [r1]\n"
        "str r0, [r1]\n"
        "str lr, [r1, #4]\n"
        "cpsid i\n"
        "bl choose\n"
        "cpsie i\n"
        "b restore\n");
}
void __attribute__((naked, used)) restore(void) {
    __asm volatile(
        "ldr r1, =current\n"
        "ldr r1, [r1]\n"
        "ldr r0, [r1]\n"
        "ldr lr, [r1, #4]\n"
        "ldmia r0!, {r4-r11}\n"
        "tst lr, #0x10\n"
        "it eq\n"
        "vldmiaeq r0!, {s16-s31}\n"
        "msr psp, r0\n"
        "bx lr\n");
}
void __attribute__((naked)) SVC_Handler(void) {
    __asm volatile("push {r0, lr}\n bl choose\n pop {r0, lr}\n b restore\n");
}

/* --- blocking --- */

static void wait_on(const void *object) { /* locked */
    current->waits_for = object;
    current->state = kBlocked;
    reschedule();
    unlock(0);
    (void)lock();
}
static void wake_all(const void *object) { /* locked */
    for (uint32_t n = 0; n < kThreads; ++n)
        if (threads[n].state == kBlocked && threads[n].waits_for == object) threads[n].state = kReady;
    reschedule();
}
static void sleep_ticks(uint32_t count) {
    uint32_t was = lock();
    current->wake = ticks + count;
    current->state = kAsleep;
    reschedule();
    unlock(was);
}

/* --- a queue, a mutex --- */

static struct {
    uint32_t items[kQueue], head, count;
    char not_full, not_empty;
} queue;
static void put(uint32_t item) {
    uint32_t was = lock();
    while (queue.count == kQueue) wait_on(&queue.not_full);
    queue.items[(queue.head + queue.count++) % kQueue] = item;
    wake_all(&queue.not_empty);
    unlock(was);
}
static uint32_t get(void) {
    uint32_t was = lock();
    while (queue.count == 0) wait_on(&queue.not_empty);
    uint32_t item = queue.items[queue.head];
    queue.head = (queue.head + 1) % kQueue;
    --queue.count;
    wake_all(&queue.not_full);
    unlock(was);
    return item;
}
static struct Thread *owner;
static void mutex_take(void) {
    uint32_t was = lock();
    while (owner) wait_on(&owner);
    owner = current;
    unlock(was);
}
static void mutex_give(void) {
    uint32_t was = lock();
    owner = 0;
    wake_all(&owner);
    unlock(was);
}

/* --- software timers, served by the tick --- */

static struct {
    uint32_t period, next, left;
    volatile uint32_t fired;
} timers[2] = {{3, 3, 20, 0}, {5, 5, 12, 0}};

static void count_ticks(uint32_t passed) {
    ticks += passed;
    for (uint32_t n = 0; n < 2; ++n)
        while (timers[n].left != 0 && timers[n].next <= ticks) {
            timers[n].next += timers[n].period;
            --timers[n].left;
            ++timers[n].fired;
            if (n == 0) NVIC_ISPR(0) = 1U << 28; /* TIM2, above the tick */
        }
    for (uint32_t n = 0; n < kThreads; ++n)
        if (threads[n].state == kAsleep && threads[n].wake <= ticks) threads[n].state = kReady;
    SCB_ICSR = PENDSVSET;
}
void SysTick_Handler(void) { count_ticks(1); }
void TIM2_IRQHandler(void) {
    uint32_t before = inner_ran;
    NVIC_ISPR(0) = 1U << 29; /* TIM3 preempts here */
    dsb();
    isb();
    if (inner_ran == before + 1) ++nested;
}
void TIM3_IRQHandler(void) { ++inner_ran; }

/* The guard region was hit: the thread is over. Its frame may not have been written at all. */
void __attribute__((used)) overflow(void) {
    if (current->state != kDead) ++overflows; /* stacking into the guard may have reported once more */
    SCB_CFSR = SCB_CFSR;
    current->state = kDead;
    MPU_RASR = 0;
    current->sp = stacks[current - threads] + kStackWords - 40;
    __asm volatile("msr psp, %0" ::"r"(current->sp));
    SCB_ICSR = PENDSVSET;
}
void MemManage_Handler(void) { overflow(); }

/* --- the threads --- */

static volatile uint32_t sum, consumed, mutex_count, sleeps, finished, results[2];

static void done(void) {
    uint32_t was = lock();
    ++finished;
    current->state = kDead;
    reschedule();
    unlock(was);
    for (;;) {
    }
}
static void produce(uint32_t seed) {
    for (uint32_t n = 0; n < kItems; ++n) {
        seed = seed * 1664525U + 1013904223U;
        put(seed);
    }
    done();
}
static void producer_a(void) { produce(1); }
static void producer_b(void) { produce(2); }
static void consumer(void) {
    for (uint32_t n = 0; n < kItems; ++n) {
        uint32_t item = get();
        mutex_take();
        uint32_t value = sum; /* preempted here, the other one waits */
        if (n % 16 == 0) sleep_ticks(1);
        sum = value + (item ^ (item >> 13));
        ++mutex_count;
        mutex_give();
        uint32_t was = lock();
        ++consumed;
        unlock(was);
    }
    done();
}
/* Each operation is rounded for itself: no fused multiply-add, so that a host computes the same. */
static float rounded(float x) {
    __asm volatile("" : "+t"(x));
    return x;
}
static void compute(uint32_t n) {
    float x = n == 0 ? 0.5F : 0.25F, r = n == 0 ? 3.75F : 3.5625F, s = 0.0F;
    for (uint32_t i = 0; i < 3000; ++i) {
        x = rounded(rounded(r * x) * rounded(1.0F - x));
        s = rounded(s + rounded(x * 0.125F));
    }
    union {
        float f;
        uint32_t u;
    } bits = {s};
    results[n] = bits.u;
    done();
}
static void float_a(void) { compute(0); }
static void float_b(void) { compute(1); }
static void sleeper(void) {
    for (uint32_t n = 0; n < 30; ++n) {
        sleep_ticks(1 + n % 4);
        uint32_t was = lock();
        ++sleeps;
        unlock(was);
    }
    done();
}
static uint32_t __attribute__((noinline)) deeper(volatile uint32_t *n) {
    volatile uint32_t room[8];
    if (*n == 0xFFFFFFFFU) return 0; /* never */
    room[0] = *n + 1;
    return deeper(room) + room[0]; /* until the guard */
}
static void overflower(void) {
    volatile uint32_t zero = 0;
    sleep_ticks(7);
    (void)deeper(&zero);
}
static void idle(void) {
    for (;;) {
        uint32_t was = lock();
        uint32_t next = kForever;
        for (uint32_t n = 0; n < kThreads; ++n) {
            if (threads[n].state == kReady && n != kThreads - 1) next = 0;
            if (threads[n].state == kAsleep && threads[n].wake - ticks < next) next = threads[n].wake - ticks;
        }
        for (uint32_t n = 0; n < 2; ++n)
            if (timers[n].left != 0 && timers[n].next - ticks < next) next = timers[n].next - ticks;
        if (next > 1 && next != kForever && !(SCB_ICSR & SCB_ICSR_PENDSTSET)) { /* no tick before `next`: one long one */
            SYST_RVR = next * kTick - 1U;
            SYST_CVR = 0;
            wfi();
            SYST_RVR = kTick - 1U;
            SYST_CVR = 0;
            if (SCB_ICSR & SCB_ICSR_PENDSTSET) count_ticks(next - 1);
        } else if (next == 1) {
            wfi();
        }
        unlock(was);
        if (finished == 8 && overflows == 1 && timers[0].left == 0 && timers[1].left == 0) break;
    }
    SYST_CSR = 0;
    const uint32_t cycles = DWT_CYCCNT;
    hsem_take(kHsemPrint);
    usart3_open();
    say(NAME ": %u items, sum %x, fp %x %x, mutex %u\n", consumed, sum, results[0], results[1], mutex_count);
    say(NAME ": timers %u and %u, nested %u, sleeps %u, overflows %u\n", timers[0].fired, timers[1].fired, nested,
        sleeps, overflows);
    say(NAME ": %u switches, %u ticks, %u cycles\n", switches, ticks, cycles);
    hsem_release(kHsemPrint);
    stop();
}

static void make(uint32_t n, void (*entry)(void), uint32_t priority) {
    uint32_t *sp = stacks[n] + kStackWords;
    *--sp = 0x01000000U;
    *--sp = (uint32_t)entry & ~1U;
    for (int i = 0; i < 14; ++i) *--sp = 0;
    threads[n] = (struct Thread){sp, 0xFFFFFFFDU, kReady, priority, 0, 0};
}

int main(void) {
    hsem_clock_on();
    make(0, producer_a, 2);
    make(1, producer_b, 2);
    make(2, consumer, 2);
    make(3, consumer, 3);
    make(4, float_a, 1);
    make(5, float_b, 1);
    make(6, sleeper, 4);
    make(7, sleeper, 4);
    make(8, overflower, 5);
    make(kThreads - 1, idle, 0);
    current = &threads[kThreads - 1];
    MPU_CTRL = 5U;
    dsb();
    isb();
    SCB_SHCSR |= 1U << 16; /* MemManage */
    SHPR3 = 0xF0U << 16 | 0xE0U << 24;
    NVIC_IPR(28) = 0x40;
    NVIC_IPR(29) = 0x20;
    NVIC_ISER(0) = 3U << 28;
    SCB_DEMCR |= SCB_DEMCR_TRCENA;
    DWT_LAR = 0xC5ACCE55U;
    DWT_CYCCNT = 0;
    DWT_CTRL |= DWT_CTRL_CYCCNTENA;
    SYST_RVR = kTick - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7U;
    __asm volatile("svc 0");
    return 0;
}

/* The work of switcher.c, for the firmware and for the host that computes the same results: only operations
   that every IEEE machine rounds alike, never fused. */
#ifndef SWITCHER_H
#define SWITCHER_H

#include <stdint.h>

enum { kSwitcherThreads = 5, kFloatRounds = 900, kHashRounds = 1500, kFaultRounds = 60 };

struct SwitcherReport {
    uint32_t finished;  /* kSwitcherDone at the end */
    uint32_t floats[3]; /* bits of the sums of threads 0, 1 and 4 */
    uint32_t hash;      /* thread 2 */
    uint32_t survived;  /* thread 3: rounds, each of three faults */
    uint32_t svc, pend_sv, sys_tick, low, high, mem_manage, bus_fault, usage_fault;
    uint32_t deepest; /* handlers inside each other */
    uint32_t cfsr;    /* every bit that was ever set */
    uint32_t interrupt_sum;
};
#define kSwitcherDone 0x600DF00DU

#ifdef __arm__
static inline float times(float a, float b) {
    float r;
    __asm volatile("vmul.f32 %0, %1, %2" : "=t"(r) : "t"(a), "t"(b));
    return r;
}
static inline float plus(float a, float b) {
    float r;
    __asm volatile("vadd.f32 %0, %1, %2" : "=t"(r) : "t"(a), "t"(b));
    return r;
}
#else
static inline float times(float a, float b) { return a * b; }
static inline float plus(float a, float b) { return a + b; }
#endif

/* Four values that feed each other and stay small. */
struct Floats {
    float a, b, c, d;
};
static inline void float_round(struct Floats* f) {
    f->a = plus(times(f->a, 0.9990234375F), times(f->b, 0.125F));
    f->b = plus(times(f->b, 0.75F), times(f->c, 0.5F));
    f->c = plus(times(f->c, 0.625F), 1.0F);
    f->d = plus(times(f->a, 0.001F), times(f->d, 0.5F));
}
static inline float float_sum(const struct Floats* f) { return plus(plus(f->a, f->b), plus(f->c, f->d)); }
static inline uint32_t hash_round(uint32_t hash, uint32_t n) { return (hash ^ n) * 16777619U + (hash >> 15); }

#endif

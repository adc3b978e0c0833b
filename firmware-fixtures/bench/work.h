/* A benchmark guest is one function. start.c calls it with the count in vector slot 7, which the host may patch. */
#ifndef WORK_H
#define WORK_H

#include <stdint.h>

/* Does its work `times` times over and returns something that depends on all of it. */
uint32_t work(uint32_t times);

/* Keeps the compiler from seeing through a call or dropping a loop. */
#define NOINLINE __attribute__((noinline))
#define BARRIER() __asm volatile("" ::: "memory")

#endif

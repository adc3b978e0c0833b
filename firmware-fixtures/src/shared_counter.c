/* Both cores add 1,500 to one word of SRAM4. Without LOCKED each loads, adds and stores as it likes: there is a race, and
   additions may be lost. With LOCKED semaphore 2 is held around each addition. Built for both cores.
   Expected on USART3 with LOCKED:
     counted 3000                                                                                                     */
#include "h7.h"
#include "hsem.h"
#include "print.h"

typedef struct {
    uint32_t magic;
    uint32_t cm4_ready, cm4_done;
    uint32_t counter;
} Shared;

#define SHARED ((volatile Shared *)0x38000000U)
#define MAGIC 0xC0117E12U

static void count(void) {
    for (uint32_t n = 0; n < 1500; ++n) {
#ifdef LOCKED
        hsem_take(kHsemTurn);
        ++SHARED->counter;
        hsem_release(kHsemTurn);
#else
        ++SHARED->counter;
#endif
    }
}

int main(void) {
    hsem_clock_on();
#ifdef CORE_CM7
    usart3_open();
    SHARED->cm4_ready = SHARED->cm4_done = SHARED->counter = 0;
    dsb();
    SHARED->magic = MAGIC;
    while (!SHARED->cm4_ready) {
    }
    count();
    while (!SHARED->cm4_done) {
    }
    SHARED->magic = 0;
    say("counted %u\n", SHARED->counter);
#else
    while (SHARED->magic != MAGIC) {
    }
    SHARED->cm4_ready = 1;
    count();
    dsb();
    SHARED->cm4_done = 1;
#endif
    stop();
}

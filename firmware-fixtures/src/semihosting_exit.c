/* Ends by semihosting. EXIT_STATUS 0: SYS_EXIT (0x18) with ADP_Stopped_ApplicationExit. Any other: SYS_EXIT_EXTENDED
   (0x20) with that status. Exit code of `h7rss run`: D-32 (0, else 1; the value in --json or with --guest-status).
   Expected on USART3:
     leaving with status <EXIT_STATUS>                                                                               */
#include "h7.h"
#include "print.h"

#define ADP_STOPPED_APPLICATION_EXIT 0x20026U

static void semihosting(uint32_t operation, uint32_t argument) {
    register uint32_t r0 __asm("r0") = operation;
    register uint32_t r1 __asm("r1") = argument;
    __asm volatile("bkpt #0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

int main(void) {
    usart3_open();
    say("leaving with status %u\n", (uint32_t)EXIT_STATUS);
    if (EXIT_STATUS == 0) {
        semihosting(0x18, ADP_STOPPED_APPLICATION_EXIT);
    } else {
        static uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, EXIT_STATUS};
        semihosting(0x20, (uint32_t)block);
    }
    say("semihosting came back\n");
    stop();
}

/* A branch to a reserved address faults at its target; the program catches its own BusFault and goes on. Both cores.
   Expected on USART3:
     fetch 0x10048000: bus error (IBUSERR)
     CFSR 0x00000100
     stacked pc is the branch target
     the program goes on                                                                                             */
#include "h7.h"
#include "print.h"
#include "probe.h"

#define RESERVED 0x10048000U

int main(void) {
    usart3_open();
    const Probe probe = probe_call(RESERVED, 0, 0);
    say("fetch %x: %s\n", RESERVED, probe_text(&probe));
    say("CFSR %x\n", probe.cfsr);
    say("stacked pc is %s\n", probe.pc == RESERVED ? "the branch target" : "WRONG");
    say("the program goes on\n");
    stop();
}

/* A load from a reserved address faults precisely; the program catches its own BusFault and goes on. Built for both
   cores: the Cortex-M7 reads behind its DTCM, the Cortex-M4 where the Cortex-M7 has its DTCM (spec/system.md A8).
   Expected on USART3 (M4: address 0x20000000):
     load 0x20020000: bus error (PRECISERR)
     CFSR 0x00008200, BFAR 0x20020000
     stacked pc is the load instruction
     the program goes on                                                                                             */
#include "h7.h"
#include "print.h"
#include "probe.h"

#ifdef CORE_CM7
#define RESERVED 0x20020000U
#else
#define RESERVED 0x20000000U
#endif

int main(void) {
    usart3_open();
    const Probe probe = probe_read(RESERVED);
    say("load %x: %s\n", RESERVED, probe_text(&probe));
    say("CFSR %x, BFAR %x\n", probe.cfsr, probe.bfar);
    say("stacked pc is %s\n", probe.pc == probe_read_pc() ? "the load instruction" : "WRONG");
    say("the program goes on\n");
    stop();
}

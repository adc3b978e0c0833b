/* The Cortex-M4 reads the table of the RSS and jumps at its services: system flash is a bus error for it (D-01).
   Expected on USART3:
     the table: bus error (PRECISERR), BFAR 0x1FF09514
     resetAndInitializeSecureAreas: bus error (IBUSERR), pc the service
     exitSecureArea: bus error (IBUSERR), pc the service
     done                                                                                                            */
#include "h7.h"
#include "print.h"
#include "probe.h"

static void call(const char *name, uint32_t entry, uint32_t a, uint32_t b) {
    const Probe p = probe_call(entry, a, b);
    say("%s: %s, pc %s\n", name, probe_text(&p), p.pc == entry ? "the service" : "elsewhere");
}

int main(void) {
    usart3_open();
    const Probe p = probe_read(RSS_TABLE_EXIT_SECURE_AREA);
    say("the table: %s, BFAR %x\n", probe_text(&p), p.bfar);
    call("resetAndInitializeSecureAreas", 0x1FF08A70U, 1, 0x24010000U);
    call("exitSecureArea", 0x1FF08A5CU, 0x08100000U, RSS_ENABLE_JTAG_AT_EXIT);
    say("done\n");
    stop();
}

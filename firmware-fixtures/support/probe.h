/* Tries an access that may fault, and comes back to tell. Loads and fetches fault precisely (D-29), so the BusFault
   handler can return to a known landing instruction. A program that wants other faults told as well branches to
   probe_fault from its handlers, with r0 = sp. */
#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>

typedef struct {
    uint32_t value;   /* the word read, or what the called function returned in r0; 0 after a fault */
    uint32_t faulted; /* 1 = BusFault, or what else the program tells */
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t bfar;  /* meaningful with CFSR.BFARVALID */
    uint32_t mmfar; /* meaningful with CFSR.MMARVALID */
    uint32_t lr;    /* stacked */
    uint32_t pc;    /* the stacked return address: the faulting instruction, or the address that could not be fetched */
} Probe;

void probe_fault(uint32_t *frame);
Probe probe_read(uint32_t address);
/* Calls the Thumb function at `address` (bit 0 is added here) with r0 = a, r1 = b. Only a fault at the callee's entry,
   before it moves the stack, can be caught. */
Probe probe_call(uint32_t address, uint32_t a, uint32_t b);
/* The same with r2 = c. */
Probe probe_service(uint32_t address, uint32_t a, uint32_t b, uint32_t c);
/* What Probe.lr is after a fault at the callee's entry. */
uint32_t probe_call_return(void);
/* The address of the load inside probe_read: what Probe.pc must be after a refused read. */
uint32_t probe_read_pc(void);
/* "no bus error", or "bus error (PRECISERR)", "bus error (IBUSERR)". */
const char *probe_text(const Probe *probe);

#endif

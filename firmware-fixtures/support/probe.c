#include "probe.h"

#include "h7.h"

static volatile Probe caught;
static volatile uint32_t landing; /* where the handler returns to; 0 = no probe under way */

uint32_t probe_load(uint32_t address);
uint32_t probe_branch(uint32_t a, uint32_t b, uint32_t c, uint32_t target);
extern const char probe_load_instruction[], probe_load_landing[], probe_branch_landing[];

__asm(
    ".syntax unified\n"
    ".thumb\n"
    ".section .text.probe, \"ax\", %progbits\n"
    ".global probe_load\n"
    ".type probe_load, %function\n"
    "probe_load:\n"
    ".global probe_load_instruction\n"
    "probe_load_instruction:\n"
    "    ldr r0, [r0]\n"
    ".global probe_load_landing\n"
    "probe_load_landing:\n"
    "    bx lr\n"
    ".global probe_branch\n"
    ".type probe_branch, %function\n"
    "probe_branch:\n"
    "    push {r4, lr}\n"
    "    blx r3\n"
    ".global probe_branch_landing\n"
    "probe_branch_landing:\n"
    "    pop {r4, pc}\n"
    ".text\n");

/* frame: r0 r1 r2 r3 r12 lr pc xpsr */
void __attribute__((used)) probe_fault(uint32_t *frame) {
    if (landing == 0) stop();
    caught.faulted = 1;
    caught.cfsr = SCB_CFSR;
    caught.hfsr = SCB_HFSR;
    caught.bfar = SCB_BFAR;
    caught.mmfar = SCB_MMFAR;
    caught.lr = frame[5];
    caught.pc = frame[6];
    SCB_CFSR = SCB_CFSR; /* flags clear where a 1 is written */
    SCB_HFSR = SCB_HFSR;
    frame[0] = 0;
    frame[6] = landing;
    frame[7] &= ~0x0600FC00U; /* no IT block is under way at the landing */
    dsb();
}

void __attribute__((naked)) BusFault_Handler(void) {
    __asm volatile(
        "mov r0, sp\n"
        "b probe_fault\n");
}

static void arm(const char *where) {
    caught.faulted = caught.cfsr = caught.hfsr = caught.bfar = caught.mmfar = caught.lr = caught.pc = 0;
    landing = (uint32_t)where & ~1U;
    SCB_SHCSR |= SCB_SHCSR_BUSFAULTENA;
    dsb();
}

static Probe finish(uint32_t value) {
    dsb();
    landing = 0;
    Probe result = caught;
    result.value = result.faulted ? 0 : value;
    return result;
}

Probe probe_read(uint32_t address) {
    arm(probe_load_landing);
    return finish(probe_load(address));
}

Probe probe_call(uint32_t address, uint32_t a, uint32_t b) {
    arm(probe_branch_landing);
    return finish(probe_branch(a, b, 0, address | 1U));
}

Probe probe_service(uint32_t address, uint32_t a, uint32_t b, uint32_t c) {
    arm(probe_branch_landing);
    return finish(probe_branch(a, b, c, address | 1U));
}

uint32_t probe_call_return(void) { return (uint32_t)probe_branch_landing | 1U; }

uint32_t probe_read_pc(void) { return (uint32_t)probe_load_instruction & ~1U; }

const char *probe_text(const Probe *probe) {
    if (!probe->faulted) return "no bus error";
    if ((probe->cfsr & SCB_CFSR_IBUSERR) != 0) return "bus error (IBUSERR)";
    if ((probe->cfsr & SCB_CFSR_PRECISERR) != 0) return "bus error (PRECISERR)";
    return "bus error (other)";
}

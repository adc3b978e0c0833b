/* Closed code does not keep running, and re-opened code is not stale. Needs SECURITY = 1 and a secure-only area over
   sectors 0 and 1 of bank 1 (SCAR1 START 0x000, END 0x3FF). The entry stands in sector 0, a rewritable function in
   sector 1, the program itself behind the area at 0x08040000.
   Expected on USART3 after power-on, sector 1 blank:
     open: answer() returns 1
     closing from inside: bus error (IBUSERR), right behind the store
     closed: answer() bus error (IBUSERR)
     reopened: answer() rewritten, returns 2
     done                                                                                                            */
#include "flash.h"
#include "h7.h"
#include "placed_entry.h"
#include "print.h"
#include "probe.h"
#include "survivor.h"

#define ANSWER 0x08020000U /* sector 1 */

extern const char close_area[], close_area_store_done[];

__asm(
    PLACED_ENTRY
    /* Clears CONFSEC again and again, as ST's own code does, in a loop that stays inside one translated page. Never
       touches the stack: the fault is caught by whoever branched here. */
    ".global close_area\n"
    ".type close_area, %function\n"
    "close_area:\n"
    "    movw r1, #0x1000\n"
    "    movt r1, #0x4FFF\n"
    "    movs r0, #0\n"
    "    movs r2, #100\n"
    "1:  str r0, [r1]\n"
    ".global close_area_store_done\n"
    "close_area_store_done:\n"
    "    dsb\n"
    "    isb\n"
    "    subs r2, #1\n"
    "    bne 1b\n"
    "    bx lr\n"
    ".text\n");

static void write_answer(uint32_t value) {
    const uint32_t code[8] = {0x47702000U | value, /* movs r0, #value; bx lr */
                              ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
    flash_unlock(1);
    (void)flash_erase_sector(1, 1);
    (void)flash_program(1, ANSWER, code);
    flash_clear_flags(1);
    flash_lock(1);
    dsb();
    isb();
}

int main(void) {
    usart3_open();
    if (SURVIVOR->magic == SURVIVOR_MAGIC) {
        SURVIVOR->magic = 0;
        write_answer(2);
        say("reopened: answer() rewritten, returns %u\n", probe_call(ANSWER, 0, 0).value);
        say("done\n");
        stop();
    }
    write_answer(1);
    say("open: answer() returns %u\n", probe_call(ANSWER, 0, 0).value);

    const Probe closing = probe_call((uint32_t)close_area, 0, 0);
    /* ISB is the last instruction that may still come from before the store. */
    const uint32_t first = (uint32_t)close_area_store_done & ~1U;
    const uint32_t right_behind = closing.pc >= first && closing.pc <= first + 8U;
    say("closing from inside: %s, %s\n", probe_text(&closing),
        right_behind ? "right behind the store" : "BUT IT RAN ON");

    const Probe closed = probe_call(ANSWER, 0, 0);
    say("closed: answer() %s\n", probe_text(&closed));
    SURVIVOR->magic = SURVIVOR_MAGIC;
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    reset_system();
}

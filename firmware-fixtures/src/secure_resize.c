/* Secure code changes the size of its own area and makes the one of the other bank; what non-secure code finds
   there follows at once. Needs SECURITY = 1 and a secure-only area over the first 32 Kbytes of bank 1 (SCAR1 START 0x000,
   END 0x07F). Entry and resize() stand in the area, the rest at 0x08040000. Each boot changes something while the area is
   open, leaves by exitSecureArea to its own vectors, and looks again from outside.
   Expected on USART3 after power-on:
     open: SCAR1 0x007F0000, SCAR2 0x000000FF
     open: grown to 64 Kbytes: accepted, SCAR1 0x00FF0000, SCAR2 0x000000FF
     open: 0x5EC2E701 at 0x08004000, 0x5EC2E702 at 0x08009000
     closed: read first half 0x08004000: 0x00000000, no bus error, FLASH_SR1 RDSERR
     closed: read second half 0x08009000: 0x00000000, no bus error, FLASH_SR1 RDSERR
     closed: shrunk to 16 Kbytes: OPTCHANGEERR, SCAR1 0x00FF0000, SCAR2 0x000000FF
     open: shrunk to 16 Kbytes: accepted, SCAR1 0x003F0000, SCAR2 0x000000FF
     open: bank 2, 512 bytes: accepted, SCAR1 0x003F0000, SCAR2 0x00010000
     closed: read entry 0x08000004: 0x00000000, no bus error, FLASH_SR1 RDSERR
     closed: read first half 0x08004000: 0x5EC2E701, no bus error, FLASH_SR1 none
     closed: read second half 0x08009000: 0x5EC2E702, no bus error, FLASH_SR1 none
     closed: bank 2: 0x00000000 in the area, 0xFFFFFFFF behind it
     done                                                                                                            */
#include "attempt.h"
#include "flash.h"
#include "h7.h"
#include "placed_entry.h"
#include "print.h"
#include "probe.h"
#include "survivor.h"

#define FIRST_HALF 0x08004000U  /* in the area of the factory of this test, not in one of 16 Kbytes */
#define SECOND_HALF 0x08009000U /* in an area of 64 Kbytes only */
#define BANK2 0x08100000U

extern const uint32_t vectors[];
uint32_t resize(uint32_t bank, uint32_t start, uint32_t end);

__asm(
    PLACED_ENTRY
    /* SCAR_PRG of the bank = END << 16 | START, then OPTSTART; waits for OPT_BUSY. The result is OPTCHANGEERR. */
    ".global resize\n"
    ".type resize, %function\n"
    "resize:\n"
    "    movw r3, #0x2000\n"
    "    movt r3, #0x5200\n"     /* FLASH */
    "    orr r1, r1, r2, lsl #16\n"
    "    subs r0, #1\n"
    "    add r0, r3, r0, lsl #8\n"
    "    str r1, [r0, #0x34]\n"  /* SCAR_PRG */
    "    ldr r0, [r3, #0x18]\n"  /* OPTCR */
    "    orr r0, #2\n"           /* OPTSTART */
    "    str r0, [r3, #0x18]\n"
    "1:  ldr r0, [r3, #0x1C]\n"  /* OPTSR_CUR */
    "    lsls r1, r0, #31\n"     /* OPT_BUSY */
    "    bne 1b\n"
    "    and r0, #0x40000000\n"  /* OPTCHANGEERR */
    "    bx lr\n"
    ".text\n");

static uint32_t open_now(void) { return SEC_CONFSEC & 2U; }

static const char *who(void) { return open_now() ? "open" : "closed"; }

static void change(const char *what, uint32_t bank, uint32_t start, uint32_t end) {
    FLASH_OPTKEYR = 0x08192A3BU;
    FLASH_OPTKEYR = 0x4C5D6E7FU;
    const uint32_t refused = resize(bank, start, end);
    say("%s: %s: %s, SCAR1 %x, SCAR2 %x\n", who(), what, refused ? "OPTCHANGEERR" : "accepted", FLASH_SCAR_CUR(1), FLASH_SCAR_CUR(2));
    FLASH_OPTCCR = FLASH_OPTSR_OPTCHANGEERR;
    FLASH_OPTCR |= FLASH_OPTCR_OPTLOCK;
}

static void keep(uint32_t address, uint32_t value) {
    const uint32_t words[8] = {value, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
    flash_unlock(1);
    (void)flash_program(1, address, words);
    flash_clear_flags(1);
    flash_lock(1);
}

__attribute__((noreturn)) static void leave(void) {
    usart3_release();
    ((void (*)(const uint32_t *, uint32_t))REG32(RSS_TABLE_EXIT_SECURE_AREA))(vectors, RSS_ENABLE_JTAG_AT_EXIT);
    __builtin_unreachable();
}

static void look(void) {
    attempt_read("closed", "first half", FIRST_HALF);
    attempt_read("closed", "second half", SECOND_HALF);
}

int main(void) {
    usart3_open();
    const uint32_t second = SURVIVOR->magic == SURVIVOR_MAGIC;
    if (open_now() && !second) {
        say("open: SCAR1 %x, SCAR2 %x\n", FLASH_SCAR_CUR(1), FLASH_SCAR_CUR(2));
        keep(FIRST_HALF, 0x5EC2E701U);
        keep(SECOND_HALF, 0x5EC2E702U);
        change("grown to 64 Kbytes", 1, 0x000, 0x0FF);
        say("open: %x at %x, %x at %x\n", REG32(FIRST_HALF), FIRST_HALF, REG32(SECOND_HALF), SECOND_HALF);
        leave();
    }
    if (open_now()) {
        change("shrunk to 16 Kbytes", 1, 0x000, 0x03F);
        change("bank 2, 512 bytes", 2, 0x000, 0x001);
        leave();
    }
    if (second) {
        SURVIVOR->magic = 0;
        attempt_read("closed", "entry", 0x08000004U);
        look();
        say("closed: bank 2: %x in the area, %x behind it\n", probe_read(BANK2).value, probe_read(BANK2 + 512U).value);
        say("done\n");
        stop();
    }
    look();
    /* resize() itself is closed now: the same stores from here. */
    FLASH_OPTKEYR = 0x08192A3BU;
    FLASH_OPTKEYR = 0x4C5D6E7FU;
    FLASH_SCAR_PRG(1) = 0x003F0000U;
    FLASH_OPTCR |= FLASH_OPTCR_OPTSTART;
    while ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) != 0) {
    }
    say("closed: shrunk to 16 Kbytes: %s, SCAR1 %x, SCAR2 %x\n", FLASH_OPTSR_CUR & FLASH_OPTSR_OPTCHANGEERR ? "OPTCHANGEERR" : "accepted",
        FLASH_SCAR_CUR(1), FLASH_SCAR_CUR(2));
    FLASH_OPTCCR = FLASH_OPTSR_OPTCHANGEERR;
    SURVIVOR->magic = SURVIVOR_MAGIC;
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    reset_system();
}

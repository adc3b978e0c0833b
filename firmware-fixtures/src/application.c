/* The user's application on the Cortex-M7 (manifest at 0x08020000, vectors at 0x08020400), started by secure_boot. Wakes
   the Cortex-M4, then tries what it must not do: secure-only area, PCROP area, closed system flash (F-219, F-220, F-229,
   F-230, F-231, D-08). Its last words come before the coprocessor's first: semaphore 2 is the turn.
   Expected on USART3 with the story's option bytes:
     application: started by the secure bootloader
     application: the Cortex-M4 was in CStop and runs now
     application: read secure area 0x08000000: 0x00000000, no bus error, FLASH_SR1 RDSERR
     application: fetch secure area 0x08000000: bus error (IBUSERR), FLASH_SR1 RDSERR
     application: write secure area 0x08000000: no bus error, FLASH_SR1 WRPERR
     application: call pcrop_add(2, 3) at 0x08040000: 5, no bus error, FLASH_SR1 none
     application: read PCROP area 0x08040000: 0x00000000, no bus error, FLASH_SR1 RDPERR
     application: read system flash 0x1FF00000: 0x00000000, no bus error, FLASH_SR1 RDSERR
     application: fetch system flash 0x1FF00000: bus error (IBUSERR), FLASH_SR1 RDSERR
     application: done
   The second line, without a coprocessor image (the BCM4 core locked up or never stopped):
     application: the Cortex-M4 does not answer                                                                      */
#include "attempt.h"
#include "h7.h"
#include "handshake.h"
#include "hsem.h"
#include "manifest.h"
#include "print.h"
#include "protected.h"

#define WHO "application"

__attribute__((section(".manifest"), used)) static const Manifest manifest = {.magic = MANIFEST_MAGIC};

/* Execute-only code may hold no literals: they would be data reads. Behind the 512 bytes of the area stands the landing
   for the Cortex-M4, which executes the area as zeros (D-34). */
__asm(
    ".syntax unified\n"
    ".thumb\n"
    ".section .placed, \"ax\", %progbits\n"
    ".global pcrop_add\n"
    ".type pcrop_add, %function\n"
    "pcrop_add:\n"
    "    adds r0, r0, r1\n"
    "    bx lr\n"
    "    .space 512 - (. - pcrop_add), 0xFF\n"
    "pcrop_landing:\n"
    "    bx lr\n"
    ".text\n");

int main(void) {
    hsem_clock_on();
    hsem_take(kHsemTurn);
    /* Nothing of domain D2 is enabled yet: an allocation would keep D2CKRDY at 1. */
    const uint32_t awake = handshake_m4_is_stopped() && handshake_wake_m4();

    usart3_open();
    say(WHO ": started by the secure bootloader\n");
    say(WHO ": the Cortex-M4 %s\n", awake ? "was in CStop and runs now" : "does not answer");
    attempt_read(WHO, "secure area", SECURE_AREA);
    attempt_fetch(WHO, "secure area", SECURE_AREA);
    attempt_write(WHO, "secure area", SECURE_AREA);
    attempt_call(WHO, "pcrop_add", PCROP_AREA, 2, 3);
    attempt_read(WHO, "PCROP area", PCROP_AREA);
    attempt_read(WHO, "system flash", RSS_PRIVATE_MEMORY);
    attempt_fetch(WHO, "system flash", RSS_PRIVATE_MEMORY);
    say(WHO ": done\n");
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    hsem_release(kHsemTurn);
    stop();
}

/* The Cortex-M4's program (0x08100000): sleeps in CStop until the application releases semaphore 0, waits for its turn
   (semaphore 2), then tries the same. Fetching the PCROP area executes zeros up to the landing behind it, so pcrop_add
   returns its first argument, not the sum (A-13, D-34); system flash is out of this core's reach, the UID too (D-01).
   Expected on USART3 with the story's option bytes, after "application: done":
     coprocessor: read secure area 0x08000000: 0x00000000, no bus error, FLASH_SR1 RDSERR
     coprocessor: fetch secure area 0x08000000: bus error (IBUSERR), FLASH_SR1 RDSERR
     coprocessor: write secure area 0x08000000: no bus error, FLASH_SR1 WRPERR
     coprocessor: read PCROP area 0x08040000: 0x00000000, no bus error, FLASH_SR1 RDPERR
     coprocessor: call pcrop_add(2, 3) at 0x08040000: 2, no bus error, FLASH_SR1 RDPERR
     coprocessor: read system flash 0x1FF00000: bus error (PRECISERR), FLASH_SR1 none
     coprocessor: fetch system flash 0x1FF00000: bus error (IBUSERR), FLASH_SR1 none
     coprocessor: read unique device ID 0x1FF1E800: bus error (PRECISERR), FLASH_SR1 none
     coprocessor: done                                                                                               */
#include "attempt.h"
#include "h7.h"
#include "handshake.h"
#include "hsem.h"
#include "print.h"
#include "protected.h"

#define WHO "coprocessor"

int main(void) {
    handshake_wait_in_cstop();
    hsem_take(kHsemTurn);
    usart3_open();
    attempt_read(WHO, "secure area", SECURE_AREA);
    attempt_fetch(WHO, "secure area", SECURE_AREA);
    attempt_write(WHO, "secure area", SECURE_AREA);
    attempt_read(WHO, "PCROP area", PCROP_AREA);
    attempt_call(WHO, "pcrop_add", PCROP_AREA, 2, 3);
    attempt_read(WHO, "system flash", RSS_PRIVATE_MEMORY);
    attempt_fetch(WHO, "system flash", RSS_PRIVATE_MEMORY);
    attempt_read(WHO, "unique device ID", UNIQUE_DEVICE_ID);
    say(WHO ": done\n");
    hsem_release(kHsemTurn);
    stop();
}

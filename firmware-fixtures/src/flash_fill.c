/* Programs all of bank 2 (1 Mbyte) word by word as a loader does (F-054): PG once, eight stores, wait for QW = 0. For
   tests/bench/bus.cpp. Expected on USART3 when bank 2 is blank:
     programming
     programmed, FLASH_SR EOP, reads back                                                                            */
#include "flash.h"
#include "h7.h"
#include "print.h"

#define FIRST 0x08100000U
#define BYTES 0x00100000U

int main(void) {
    usart3_open();
    flash_unlock(2);
    FLASH_CR(2) |= FLASH_CR_PG;
    say("programming\n");
    dsb();
    for (uint32_t at = FIRST; at < FIRST + BYTES; at += 32U) {
        for (uint32_t i = 0; i < 32U; i += 4U) REG32(at + i) = at + i;
        dsb();
        while ((FLASH_SR(2) & FLASH_SR_QW) != 0) {
        }
    }
    FLASH_CR(2) &= ~FLASH_CR_PG;
    uint32_t same = 1;
    for (uint32_t at = FIRST; at < FIRST + BYTES; at += 0x1004U) same &= REG32(at) == at;
    say("programmed, FLASH_SR %s, %s\n", flash_flags_text(flash_flags(2)), same ? "reads back" : "DIFFERS");
    stop();
}

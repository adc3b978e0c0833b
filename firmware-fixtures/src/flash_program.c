/* Programs and erases the last sector of both banks (F-054, F-079), and shows what happens without PG (F-062).
   Expected on USART3 when both sectors are blank, once for bank 1 and once for bank 2:
     bank 1: blank
     bank 1: programmed, FLASH_SR EOP, reads back
     bank 1: write without PG, FLASH_SR PGSERR, unchanged
     bank 1: erased, FLASH_SR EOP, blank
     (the same for bank 2)
     done                                                                                                            */
#include "flash.h"
#include "h7.h"
#include "print.h"

static uint32_t is_blank(uint32_t address) {
    for (uint32_t i = 0; i < 8; ++i)
        if (REG32(address + 4U * i) != 0xFFFFFFFFU) return 0;
    return 1;
}

static void exercise(uint32_t bank, uint32_t address) {
    static const uint32_t kWords[8] = {0x00112233, 0x44556677, 0x8899AABB, 0xCCDDEEFF, 1, 2, 3, 4};
    say("bank %u: %s\n", bank, is_blank(address) ? "blank" : "NOT BLANK");

    flash_unlock(bank);
    uint32_t flags = flash_program(bank, address, kWords);
    uint32_t same = 1;
    for (uint32_t i = 0; i < 8; ++i) same &= REG32(address + 4U * i) == kWords[i];
    say("bank %u: programmed, FLASH_SR %s, %s\n", bank, flash_flags_text(flags), same ? "reads back" : "DIFFERS");
    flash_clear_flags(bank);

    REG32(address + 32U) = 0;
    dsb();
    say("bank %u: write without PG, FLASH_SR %s, %s\n", bank, flash_flags_text(flash_flags(bank)),
        is_blank(address + 32U) ? "unchanged" : "CHANGED");
    flash_clear_flags(bank);

    flags = flash_erase_sector(bank, 7);
    say("bank %u: erased, FLASH_SR %s, %s\n", bank, flash_flags_text(flags), is_blank(address) ? "blank" : "NOT BLANK");
    flash_clear_flags(bank);
    flash_lock(bank);
}

int main(void) {
    usart3_open();
    exercise(1, 0x080E0000U);
    exercise(2, 0x081E0000U);
    say("done\n");
    stop();
}

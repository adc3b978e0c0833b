/* The flash interface, as a driver uses it. `bank` is 1 or 2 (register set). */
#ifndef FLASH_H
#define FLASH_H

#include <stdint.h>

void flash_unlock(uint32_t bank);
void flash_lock(uint32_t bank);
/* Program one flash word of 32 bytes; erase one 128-Kbyte sector. The bank is unlocked. Both wait for QW = 0 and return
   the flags raised meanwhile, without clearing them. */
uint32_t flash_program(uint32_t bank, uint32_t address, const uint32_t words[8]);
uint32_t flash_erase_sector(uint32_t bank, uint32_t sector);

uint32_t flash_flags(uint32_t bank);
void flash_clear_flags(uint32_t bank);
/* "RDSERR", "EOP WRPERR", "none"; the text lives until the next call. */
const char *flash_flags_text(uint32_t flags);

#endif

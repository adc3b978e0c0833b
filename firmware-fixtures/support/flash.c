#include "flash.h"

#include "h7.h"

void flash_unlock(uint32_t bank) {
    FLASH_KEYR(bank) = 0x45670123U;
    FLASH_KEYR(bank) = 0xCDEF89ABU;
}

void flash_lock(uint32_t bank) { FLASH_CR(bank) |= FLASH_CR_LOCK; }

uint32_t flash_flags(uint32_t bank) { return FLASH_SR(bank) & FLASH_SR_FLAGS; }

void flash_clear_flags(uint32_t bank) { FLASH_CCR(bank) = FLASH_SR_FLAGS; }

static void wait_for_queue(uint32_t bank) {
    while ((FLASH_SR(bank) & FLASH_SR_QW) != 0) {
    }
}

uint32_t flash_program(uint32_t bank, uint32_t address, const uint32_t words[8]) {
    FLASH_CR(bank) |= FLASH_CR_PG;
    dsb();
    for (uint32_t i = 0; i < 8; ++i) REG32(address + 4U * i) = words[i];
    dsb();
    wait_for_queue(bank);
    FLASH_CR(bank) &= ~FLASH_CR_PG;
    return flash_flags(bank);
}

uint32_t flash_erase_sector(uint32_t bank, uint32_t sector) {
    FLASH_CR(bank) = (FLASH_CR(bank) & ~FLASH_CR_SNB_Msk) | FLASH_CR_SER | (sector << FLASH_CR_SNB_Pos);
    FLASH_CR(bank) |= FLASH_CR_START;
    dsb();
    wait_for_queue(bank);
    FLASH_CR(bank) &= ~(FLASH_CR_SER | FLASH_CR_SNB_Msk);
    return flash_flags(bank);
}

const char *flash_flags_text(uint32_t flags) {
    static const struct {
        uint32_t bit;
        const char *name;
    } kNames[] = {
        {16, "EOP"},    {17, "WRPERR"}, {18, "PGSERR"},   {19, "STRBERR"},  {21, "INCERR"}, {22, "OPERR"},
        {23, "RDPERR"}, {24, "RDSERR"}, {25, "SNECCERR"}, {26, "DBECCERR"}, {27, "CRCEND"}, {28, "CRCRDERR"},
    };
    static char text[128];
    char *out = text;
    for (uint32_t i = 0; i < sizeof kNames / sizeof kNames[0]; ++i) {
        if ((flags & (1U << kNames[i].bit)) == 0) continue;
        if (out != text) *out++ = ' ';
        for (const char *p = kNames[i].name; *p != '\0'; ++p) *out++ = *p;
    }
    *out = '\0';
    return out == text ? "none" : text;
}

#include "hal_flash.h"

#include "h7.h"

uint32_t hal_error_code;
uint32_t hal_busy_polls;

void __attribute__((weak)) hal_between_polls(uint32_t polls) { (void)polls; }

uint32_t __attribute__((weak)) hal_tick(void) { return 0; }

static void still_busy(void) { hal_between_polls(++hal_busy_polls); }

static uint32_t bank_of(uint32_t address) { return address < 0x08100000U ? 1U : 2U; }
static uint32_t base_of(uint32_t bank) { return bank == 1U ? 0x08000000U : 0x08100000U; }

HalStatus hal_wait(uint32_t bank) {
    const uint32_t start = hal_tick();
    while ((FLASH_SR(bank) & FLASH_SR_QW) != 0) {
        if (hal_tick() - start > 50000U) return HAL_TIMEOUT_;
        still_busy();
    }
    const uint32_t errors = FLASH_SR(bank) & FLASH_SR_ERRORS;
    if (errors != 0) {
        hal_error_code |= errors | (bank == 2U ? 1U << 31 : 0U);
        FLASH_CCR(bank) = errors;
        return HAL_ERROR;
    }
    if ((FLASH_SR(bank) & FLASH_SR_EOP) != 0) FLASH_CCR(bank) = FLASH_SR_EOP;
    return HAL_OK;
}

HalStatus hal_unlock(void) {
    for (uint32_t bank = 1; bank <= 2U; ++bank) {
        if ((FLASH_CR(bank) & FLASH_CR_LOCK) == 0) continue;
        FLASH_KEYR(bank) = 0x45670123U;
        FLASH_KEYR(bank) = 0xCDEF89ABU;
        if ((FLASH_CR(bank) & FLASH_CR_LOCK) != 0) return HAL_ERROR;
    }
    return HAL_OK;
}

HalStatus hal_lock(void) {
    for (uint32_t bank = 1; bank <= 2U; ++bank) {
        FLASH_CR(bank) |= FLASH_CR_LOCK;
        if ((FLASH_CR(bank) & FLASH_CR_LOCK) == 0) return HAL_ERROR;
    }
    return HAL_OK;
}

HalStatus hal_program(uint32_t address, const uint32_t words[8]) {
    const uint32_t bank = bank_of(address);
    const HalStatus before = hal_wait(bank);
    if (before != HAL_OK) return before;
    FLASH_CR(bank) |= FLASH_CR_PG;
    isb();
    dsb();
    for (uint32_t i = 0; i < 8U; ++i) REG32(address + 4U * i) = words[i];
    isb();
    dsb();
    const HalStatus status = hal_wait(bank);
    FLASH_CR(bank) &= ~FLASH_CR_PG;
    return status;
}

HalStatus hal_erase_sectors(uint32_t banks, uint32_t first, uint32_t count, uint32_t psize) {
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if ((banks & bank) != 0 && hal_wait(bank) != HAL_OK) return HAL_ERROR;
    for (uint32_t sector = first; sector < first + count; ++sector) {
        for (uint32_t bank = 1; bank <= 2U; ++bank) {
            if ((banks & bank) == 0) continue;
            FLASH_CR(bank) &= ~(FLASH_CR_PSIZE_Msk | FLASH_CR_SNB_Msk);
            FLASH_CR(bank) |=
                FLASH_CR_SER | psize << FLASH_CR_PSIZE_Pos | sector << FLASH_CR_SNB_Pos | FLASH_CR_START;
        }
        HalStatus status = HAL_OK;
        for (uint32_t bank = 1; bank <= 2U; ++bank) {
            if ((banks & bank) == 0) continue;
            status = hal_wait(bank); /* of both, the second one's counts */
            FLASH_CR(bank) &= ~(FLASH_CR_SER | FLASH_CR_SNB_Msk);
        }
        if (status != HAL_OK) return status;
    }
    return HAL_OK;
}

HalStatus hal_erase_bank(uint32_t bank, uint32_t psize) {
    if (hal_wait(bank) != HAL_OK) return HAL_ERROR;
    FLASH_CR(bank) &= ~FLASH_CR_PSIZE_Msk;
    FLASH_CR(bank) |= psize << FLASH_CR_PSIZE_Pos;
    FLASH_CR(bank) |= FLASH_CR_BER | FLASH_CR_START;
    const HalStatus status = hal_wait(bank) == HAL_OK ? HAL_OK : HAL_ERROR;
    FLASH_CR(bank) &= ~FLASH_CR_BER;
    return status;
}

HalStatus hal_erase_both(uint32_t psize) {
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if (hal_wait(bank) != HAL_OK) return HAL_ERROR;
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) &= ~FLASH_CR_PSIZE_Msk;
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) |= psize << FLASH_CR_PSIZE_Pos;
    FLASH_OPTCR |= FLASH_OPTCR_MER;
    HalStatus status = HAL_OK;
    for (uint32_t bank = 1; bank <= 2U; ++bank) {
        if (hal_wait(bank) != HAL_OK) status = HAL_ERROR;
        FLASH_CR(bank) &= ~FLASH_CR_BER;
    }
    return status;
}

HalStatus hal_ob_unlock(void) {
    if ((FLASH_OPTCR & FLASH_OPTCR_OPTLOCK) != 0) {
        FLASH_OPTKEYR = 0x08192A3BU;
        FLASH_OPTKEYR = 0x4C5D6E7FU;
    }
    return (FLASH_OPTCR & FLASH_OPTCR_OPTLOCK) != 0 ? HAL_ERROR : HAL_OK;
}

HalStatus hal_ob_lock(void) {
    FLASH_OPTCR |= FLASH_OPTCR_OPTLOCK;
    return (FLASH_OPTCR & FLASH_OPTCR_OPTLOCK) == 0 ? HAL_ERROR : HAL_OK;
}

static HalStatus both_idle(void) {
    return hal_wait(1) == HAL_OK && hal_wait(2) == HAL_OK ? HAL_OK : HAL_ERROR;
}

HalStatus hal_ob_wrp(uint32_t bank, uint32_t sectors, uint32_t on) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    if (on != 0)
        FLASH_WPSN_PRG(bank) &= ~sectors;
    else
        FLASH_WPSN_PRG(bank) |= sectors;
    return HAL_OK;
}

HalStatus hal_ob_status(uint32_t mask, uint32_t value) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    FLASH_OPTSR_PRG = (FLASH_OPTSR_PRG & ~mask) | value;
    return HAL_OK;
}

static uint32_t limits(uint32_t bank, uint32_t first, uint32_t last) {
    return ((first - base_of(bank)) >> 8) | ((last - base_of(bank)) >> 8) << 16;
}

HalStatus hal_ob_pcrop(uint32_t bank, uint32_t first, uint32_t last, uint32_t dmep) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    FLASH_PRAR_PRG(bank) = limits(bank, first, last) | dmep << 31;
    return HAL_OK;
}

HalStatus hal_ob_secure(uint32_t bank, uint32_t first, uint32_t last, uint32_t dmes) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    FLASH_SCAR_PRG(bank) = limits(bank, first, last) | dmes << 31;
    return HAL_OK;
}

HalStatus hal_ob_boot7(uint32_t address0) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    FLASH_BOOT7_PRG = (FLASH_BOOT7_PRG & 0xFFFF0000U) | address0 >> 16;
    return HAL_OK;
}

HalStatus hal_ob_boot4(uint32_t address0) {
    if (both_idle() != HAL_OK) return HAL_ERROR;
    FLASH_BOOT4_PRG = (FLASH_BOOT4_PRG & 0xFFFF0000U) | address0 >> 16;
    return HAL_OK;
}

HalStatus hal_ob_launch(void) {
    for (uint32_t bank = 1; bank <= 2U; ++bank) {
        while ((FLASH_SR(bank) & FLASH_SR_CRC_BUSY) != 0) still_busy();
        if ((FLASH_SR(bank) & FLASH_SR_CRCRDERR) != 0) {
            hal_error_code |= FLASH_SR_CRCRDERR;
            FLASH_CCR(bank) = FLASH_SR_CRCRDERR;
            return HAL_ERROR;
        }
    }
    FLASH_OPTCR |= FLASH_OPTCR_OPTSTART;
    while ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) != 0) still_busy();
    if ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPTCHANGEERR) != 0) {
        hal_error_code |= HAL_ERROR_OB_CHANGE;
        FLASH_OPTCCR |= FLASH_OPTSR_OPTCHANGEERR;
        return HAL_ERROR;
    }
    return HAL_OK;
}

HalStatus hal_crc(uint32_t bank, HalCrcType type, uint32_t burst, uint32_t first, uint32_t last,
                  uint32_t* crc) {
    while ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) != 0) still_busy();
    FLASH_CR(bank) |= FLASH_CR_CRC_EN;
    FLASH_CCR(bank) |= FLASH_SR_CRCEND | FLASH_SR_CRCRDERR;
    FLASH_CRCCR(bank) |= FLASH_CRCCR_CLEAN_CRC | burst << 20 |
                         (type == HAL_CRC_ADDRESS   ? 0U
                          : type == HAL_CRC_SECTORS ? FLASH_CRCCR_CRC_BY_SECT
                                                    : FLASH_CRCCR_ALL_BANK | FLASH_CRCCR_CRC_BY_SECT);
    if (type == HAL_CRC_SECTORS) {
        FLASH_CRCCR(bank) |= FLASH_CRCCR_CLEAN_SECT;
        for (uint32_t sector = first; sector <= last; ++sector) {
            FLASH_CRCCR(bank) &= ~FLASH_CRCCR_CRC_SECT_Msk;
            FLASH_CRCCR(bank) |= sector | FLASH_CRCCR_ADD_SECT;
        }
    } else if (type == HAL_CRC_BANK) {
        FLASH_CRCCR(bank) |= FLASH_CRCCR_ALL_BANK;
    } else {
        FLASH_CRCSADD(bank) = first;
        FLASH_CRCEADD(bank) = last;
    }
    FLASH_CRCCR(bank) |= FLASH_CRCCR_START_CRC;
    while ((FLASH_SR(bank) & FLASH_SR_CRC_BUSY) != 0) still_busy();
    HalStatus status = HAL_OK;
    if ((FLASH_SR(bank) & FLASH_SR_CRCRDERR) != 0) {
        hal_error_code |= FLASH_SR_CRCRDERR;
        FLASH_CCR(bank) = FLASH_SR_CRCRDERR;
        status = HAL_ERROR;
    }
    *crc = FLASH_CRCDATA;
    FLASH_CR(bank) &= ~FLASH_CR_CRC_EN;
    FLASH_CCR(bank) |= FLASH_SR_CRCEND | FLASH_SR_CRCRDERR;
    return status;
}

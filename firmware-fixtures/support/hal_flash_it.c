#include "hal_flash_it.h"

#include "h7.h"

/* EOP, WRPERR, PGSERR, STRBERR, INCERR, OPERR: flags in SR and enables in CR stand at the same bits. */
#define ERRORS (FLASH_SR_WRPERR | FLASH_SR_PGSERR | FLASH_SR_STRBERR | FLASH_SR_INCERR | FLASH_SR_OPERR)
#define ENABLES (FLASH_SR_EOP | ERRORS)

volatile HalProcedure hal_procedure;
volatile uint32_t hal_locked;

static uint32_t next_sector, sectors_left, psize_of_erase, target;

static HalProcedure of_bank(HalProcedure of_bank_1, uint32_t bank) {
    return (HalProcedure)((uint32_t)of_bank_1 + bank - 1U);
}

static HalStatus take(void) {
    if (hal_locked != 0) return HAL_BUSY_;
    hal_locked = 1;
    hal_error_code = 0;
    return HAL_OK;
}

static void start_sector(uint32_t bank, uint32_t sector) {
    FLASH_CR(bank) &= ~(FLASH_CR_PSIZE_Msk | FLASH_CR_SNB_Msk);
    FLASH_CR(bank) |=
        FLASH_CR_SER | psize_of_erase << FLASH_CR_PSIZE_Pos | sector << FLASH_CR_SNB_Pos | FLASH_CR_START;
}

HalStatus hal_program_it(uint32_t address, const uint32_t words[8]) {
    const uint32_t bank = address < 0x08100000U ? 1U : 2U;
    if (take() != HAL_OK) return HAL_BUSY_;
    if (hal_wait(bank) != HAL_OK) {
        hal_locked = 0;
        return HAL_ERROR;
    }
    target = address;
    hal_procedure = of_bank(HAL_PROGRAM_1, bank);
    FLASH_CR(bank) |= FLASH_CR_PG;
    FLASH_CR(bank) |= ENABLES;
    isb();
    dsb();
    for (uint32_t i = 0; i < 8U; ++i) REG32(address + 4U * i) = words[i];
    isb();
    dsb();
    return HAL_OK;
}

static HalStatus begin_erase(uint32_t banks) {
    if (take() != HAL_OK) return HAL_BUSY_;
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if ((banks & bank) != 0 && hal_wait(bank) != HAL_OK) {
            hal_locked = 0;
            return HAL_ERROR;
        }
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if ((banks & bank) != 0) FLASH_CR(bank) |= ENABLES;
    return HAL_OK;
}

HalStatus hal_erase_sectors_it(uint32_t banks, uint32_t first, uint32_t count, uint32_t psize) {
    const HalStatus status = begin_erase(banks);
    if (status != HAL_OK) return status;
    hal_procedure = banks == 1U ? HAL_SECTORS_1 : HAL_SECTORS_2;
    next_sector = first;
    sectors_left = count;
    psize_of_erase = psize;
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if ((banks & bank) != 0) start_sector(bank, first);
    return HAL_OK;
}

HalStatus hal_erase_bank_it(uint32_t bank, uint32_t psize) {
    const HalStatus status = begin_erase(bank);
    if (status != HAL_OK) return status;
    hal_procedure = of_bank(HAL_MASS_1, bank);
    target = bank;
    FLASH_CR(bank) &= ~FLASH_CR_PSIZE_Msk;
    FLASH_CR(bank) |= psize << FLASH_CR_PSIZE_Pos;
    FLASH_CR(bank) |= FLASH_CR_BER | FLASH_CR_START;
    return HAL_OK;
}

HalStatus hal_erase_both_it(uint32_t psize) {
    const HalStatus status = begin_erase(3);
    if (status != HAL_OK) return status;
    hal_procedure = HAL_MASS_BOTH;
    target = 3;
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) &= ~FLASH_CR_PSIZE_Msk;
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) |= psize << FLASH_CR_PSIZE_Pos;
    FLASH_OPTCR |= FLASH_OPTCR_MER;
    return HAL_OK;
}

static void end_of_operation(uint32_t bank) {
    const HalProcedure procedure = hal_procedure;
    if (procedure == of_bank(HAL_SECTORS_1, bank)) {
        --sectors_left;
        if (sectors_left != 0) {
            hal_on_end(next_sector);
            FLASH_CCR(bank) = FLASH_SR_EOP;
            ++next_sector;
            start_sector(bank, next_sector);
        } else {
            hal_procedure = HAL_PROCEDURE_NONE;
            next_sector = HAL_ALL_SECTORS_DONE;
            hal_on_end(next_sector);
            FLASH_CCR(bank) = FLASH_SR_EOP;
        }
    } else if (procedure == of_bank(HAL_MASS_1, bank) || procedure == HAL_MASS_BOTH ||
               procedure == of_bank(HAL_PROGRAM_1, bank)) {
        hal_procedure = HAL_PROCEDURE_NONE;
        hal_on_end(target);
        FLASH_CCR(bank) = FLASH_SR_EOP;
    } /* an operation of the other bank: this EOP stays */
}

static void errors_of(uint32_t bank) {
    const uint32_t errors = FLASH_SR(bank) & ERRORS;
    if (errors != 0) {
        hal_error_code |= errors | (bank == 2U ? 1U << 31 : 0U);
        FLASH_CCR(bank) = errors;
        const HalProcedure procedure = hal_procedure;
        hal_procedure = HAL_PROCEDURE_NONE;
        hal_on_error(procedure == HAL_SECTORS_1 || procedure == HAL_SECTORS_2 ? next_sector : target);
    }
    if ((FLASH_SR(bank) & FLASH_SR_SNECCERR) != 0) {
        hal_on_corrected(bank);
        FLASH_CCR(bank) = FLASH_SR_SNECCERR;
    }
    if ((FLASH_SR(bank) & FLASH_SR_DBECCERR) != 0) {
        hal_on_detected(bank);
        FLASH_CCR(bank) = FLASH_SR_DBECCERR;
    }
}

void hal_flash_irq(void) {
    for (uint32_t bank = 1; bank <= 2U; ++bank)
        if ((FLASH_SR(bank) & FLASH_SR_EOP) != 0) end_of_operation(bank);
    for (uint32_t bank = 1; bank <= 2U; ++bank) errors_of(bank);
    if (hal_procedure != HAL_PROCEDURE_NONE) return;
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) &= ~ENABLES;
    hal_locked = 0;
}

uint32_t hal_ecc_address(void) {
    uint32_t address = 0;
    for (uint32_t bank = 1; bank <= 2U; ++bank) /* bank 2 wins */
        if ((FLASH_SR(bank) & (FLASH_SR_SNECCERR | FLASH_SR_DBECCERR)) != 0)
            address = (FLASH_ECC_FA(bank) & 0x7FFFU) * 32U + (bank == 1U ? 0x08000000U : 0x08100000U);
    return address;
}

/* The interrupt paths of ST's HAL for the flash interface, register access by register access
   (spec/flash-driver-view.md 13; the numbers are its rules). Written from that description. A bank is 1 or 2
   (register set). */
#ifndef HAL_FLASH_IT_H
#define HAL_FLASH_IT_H

#include <stdint.h>

#include "hal_flash.h"

typedef enum {
    HAL_PROCEDURE_NONE,
    HAL_PROGRAM_1,
    HAL_PROGRAM_2,
    HAL_SECTORS_1,
    HAL_SECTORS_2,
    HAL_MASS_1,
    HAL_MASS_2,
    HAL_MASS_BOTH,
} HalProcedure;

/* What pFlash says is going on; the handler sets it to HAL_PROCEDURE_NONE. */
extern volatile HalProcedure hal_procedure;
/* Rule 1: the software lock; calls below return HAL_BUSY_ while it is taken. */
extern volatile uint32_t hal_locked;
#define HAL_BUSY_ ((HalStatus)2)

#define HAL_ALL_SECTORS_DONE 0xFFFFFFFFU
/* Called by the handler: the address programmed, the sector or the bank (3 = both) erased. A program defines
   them. */
void hal_on_end(uint32_t what);
void hal_on_error(uint32_t what);
void hal_on_corrected(uint32_t bank); /* SNECCERR; USE_FLASH_ECC=1 */
void hal_on_detected(uint32_t bank);  /* DBECCERR; USE_FLASH_ECC=1 */

HalStatus hal_program_it(uint32_t address, const uint32_t words[8]); /* 12 */
/* 16; `banks` 3: both, which the handler takes for bank 2. */
HalStatus hal_erase_sectors_it(uint32_t banks, uint32_t first, uint32_t count, uint32_t psize);
HalStatus hal_erase_bank_it(uint32_t bank, uint32_t psize); /* 16 */
HalStatus hal_erase_both_it(uint32_t psize);                /* 16 */
void hal_flash_irq(void);                                   /* 17 */

/* 23: the address HAL makes of ECC_FA; 0 when neither bank has an ECC flag. */
uint32_t hal_ecc_address(void);

#endif

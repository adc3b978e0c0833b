/* What ST's HAL does to the flash interface, register access by register access (spec/flash-driver-view.md
   13; the numbers are its rules). Written from that description. A bank is 1 or 2 (register set). */
#ifndef HAL_FLASH_H
#define HAL_FLASH_H

#include <stdint.h>

typedef enum { HAL_OK, HAL_ERROR } HalStatus;
/* Also HAL_BUSY_ (hal_flash_it.h), and, after 50 s of hal_tick(), nothing cleared: */
#define HAL_TIMEOUT_ ((HalStatus)3)
typedef enum { HAL_CRC_ADDRESS, HAL_CRC_SECTORS, HAL_CRC_BANK } HalCrcType;

/* Flags of failed waits since the program last set it to 0; bit 31 marks bank 2; OB_CHANGE is bit 30. */
extern uint32_t hal_error_code;
#define HAL_ERROR_OB_CHANGE (1U << 30)
/* Polls that saw QW, OPT_BUSY or CRC_BUSY at 1 since the program last set it to 0. */
extern uint32_t hal_busy_polls;
/* Called after each of them; does nothing unless the program defines it, as a port to an RTOS would. */
void hal_between_polls(uint32_t polls);
/* HAL_GetTick: milliseconds. Stands at 0, and no wait ever ends by time, unless the program defines it. */
uint32_t hal_tick(void);

HalStatus hal_unlock(void);                                       /* 3 */
HalStatus hal_lock(void);                                         /* 4 */
HalStatus hal_wait(uint32_t bank);                                /* 2, 5 */
HalStatus hal_program(uint32_t address, const uint32_t words[8]); /* 9-11 */
/* 13; `banks` 3: both. */
HalStatus hal_erase_sectors(uint32_t banks, uint32_t first, uint32_t count, uint32_t psize);
HalStatus hal_erase_bank(uint32_t bank, uint32_t psize); /* 14 */
HalStatus hal_erase_both(uint32_t psize);                /* 15 */

HalStatus hal_ob_unlock(void);
HalStatus hal_ob_lock(void);
/* 18: each starts with the waits of HAL_FLASHEx_OBProgram and writes PRG registers only. */
HalStatus hal_ob_wrp(uint32_t bank, uint32_t sectors, uint32_t on);
HalStatus hal_ob_status(uint32_t mask, uint32_t value); /* a field of OPTSR: RDP, user bits, BOR */
HalStatus hal_ob_pcrop(uint32_t bank, uint32_t first, uint32_t last, uint32_t dmep);
HalStatus hal_ob_secure(uint32_t bank, uint32_t first, uint32_t last, uint32_t dmes);
HalStatus hal_ob_boot7(uint32_t address0);
HalStatus hal_ob_boot4(uint32_t address0);
HalStatus hal_ob_launch(void); /* 19 */

/* 22; `burst` is 0..3, of 4, 16, 64, 256 flash words. */
HalStatus hal_crc(uint32_t bank, HalCrcType type, uint32_t burst, uint32_t first, uint32_t last,
                  uint32_t* crc);

#endif

/* Replays what ST's HAL does to the flash, from AXI SRAM, because mass erase and regression take the flash
   away (spec/flash-driver-view.md 13). One line a step: status, flags in the error code, what changed, and
   how long it took. The same program runs on either core; a Cortex-M4 cannot write PRAR and SCAR (F-165,
   F-169). After a while of polling it sleeps to the next tick between two polls, so that an erase of five
   seconds costs the host little. The expected text is in tests/hardware/hal_flash_test.cpp. */
#include "flash.h"
#include "h7.h"
#include "hal_flash.h"
#include "print.h"

#define BANK1 0x08000000U
#define BANK2 0x08100000U
#define SECTOR 0x00020000U

static const uint32_t kWords[8] = {0x00112233, 0x44556677, 0x8899AABB, 0xCCDDEEFF, 1, 2, 3, 4};
static const uint32_t kZeros[8] = {0, 0, 0, 0, 0, 0, 0, 0};

static uint32_t started;

void SysTick_Handler(void) {}
void hal_between_polls(uint32_t polls) {
    if (polls > 200000U) wfi(); /* longer than an option change or a CRC of the bank: an erase */
}

static void begin(void) {
    hal_error_code = 0;
    hal_busy_polls = 0;
    started = DWT_CYCCNT;
}

static void tell(const char* what, HalStatus status, const char* note) {
    const uint32_t us = (DWT_CYCCNT - started) / 64U; /* both cores run at 64 MHz after reset */
    const char* flags =
        (hal_error_code & HAL_ERROR_OB_CHANGE) != 0 ? "OPTCHANGEERR" : flash_flags_text(hal_error_code);
    say("%s: %s, %s, %s [%u us, busy %s]\n", what, status == HAL_OK ? "HAL_OK" : "HAL_ERROR", flags, note, us,
        hal_busy_polls != 0 ? "seen" : "not seen");
}

static const char* contents(uint32_t address) {
    if (REG32(address) == kWords[0] && REG32(address + 28U) == kWords[7]) return "programmed";
    return REG32(address) == 0xFFFFFFFFU && REG32(address + 28U) == 0xFFFFFFFFU ? "blank" : "other";
}

static void program(const char* what, uint32_t address) {
    begin();
    const HalStatus status = hal_program(address, kWords);
    tell(what, status, contents(address));
}

static void programming(void) {
    begin();
    tell("locked program", hal_program(BANK1 + 0x40U, kWords), contents(BANK1 + 0x40U));
    begin();
    tell("unlock", hal_unlock(), (FLASH_CR(1) & FLASH_CR(2) & FLASH_CR_LOCK) == 0 ? "both open" : "LOCKED");
    program("program bank 1", BANK1 + 0x40U);
    program("program bank 2", BANK2 + 0x40U);
    program("program sector 3", BANK1 + 3U * SECTOR);
}

static void erasing(void) {
    begin();
    HalStatus status = hal_erase_sectors(1, 0, 2, 2);
    tell("erase sectors 0 and 1", status, contents(BANK1 + 0x40U));
    say("sector 3: %s\n", contents(BANK1 + 3U * SECTOR));
    begin();
    status = hal_erase_bank(2, 3);
    tell("erase bank 2", status, contents(BANK2 + 0x40U));
    begin();
    status = hal_erase_both(3);
    tell("mass erase, options locked", status, contents(BANK1 + 3U * SECTOR));
    begin();
    tell("option unlock", hal_ob_unlock(), "open");
    begin();
    status = hal_erase_both(3);
    tell("mass erase", status, contents(BANK1 + 3U * SECTOR));
    say("CR1 %x CR2 %x\n", FLASH_CR(1), FLASH_CR(2));
}

static HalStatus launch(void) {
    begin();
    return hal_ob_launch();
}

static void write_protection(void) {
    (void)hal_ob_wrp(1, 1U << 3, 1);
    HalStatus status = launch();
    tell("WRP on", status, FLASH_WPSN_CUR(1) == 0xF7U ? "sector 3" : "UNCHANGED");
    program("program sector 3", BANK1 + 3U * SECTOR);
    (void)hal_ob_wrp(1, 1U << 3, 0);
    status = launch();
    tell("WRP off", status, FLASH_WPSN_CUR(1) == 0xFFU ? "none" : "UNCHANGED");
    program("program sector 3", BANK1 + 3U * SECTOR);
}

static void areas(void) {
    program("program the PCROP area", BANK2 + SECTOR);
    (void)hal_ob_pcrop(2, BANK2 + SECTOR, BANK2 + SECTOR + 0x1FFU, 1);
    HalStatus status = launch();
    tell("PCROP", status, FLASH_PRAR_CUR(2) == 0x82010200U ? "defined" : "unchanged");
    say("word there: %x\n", REG32(BANK2 + SECTOR));
    program("program after a read of PCROP", BANK2 + 0x40U);
    program("the same again", BANK2 + 0x40U);
    (void)hal_ob_secure(1, BANK1, BANK1 + 0x1FFFU, 0);
    status = launch();
    tell("secure area by an application", status, FLASH_SCAR_CUR(1) == 0xFFU ? "none" : "DEFINED");
    FLASH_SCAR_PRG(1) = FLASH_SCAR_CUR(1);
}

static void boot_and_swap(void) {
    const uint32_t boot7 = FLASH_BOOT7_CUR, boot4 = FLASH_BOOT4_CUR;
    (void)hal_ob_boot7(0x08040000U);
    (void)hal_ob_boot4(0x08140000U);
    HalStatus status = launch();
    tell("boot addresses", status,
         (FLASH_BOOT7_CUR & 0xFFFFU) == 0x0804U && (FLASH_BOOT4_CUR & 0xFFFFU) == 0x0814U ? "changed"
                                                                                          : "UNCHANGED");
    (void)hal_ob_boot7(boot7 << 16);
    (void)hal_ob_boot4(boot4 << 16);
    (void)hal_ob_status(FLASH_OPTSR_SWAP_BANK_OPT, FLASH_OPTSR_SWAP_BANK_OPT);
    status = launch();
    tell("swap", status,
         (FLASH_OPTSR_CUR & FLASH_OPTSR_SWAP_BANK_OPT) != 0 && (FLASH_OPTCR & FLASH_OPTCR_SWAP_BANK) == 0
             ? "at the next reset"
             : "OTHER");
    (void)hal_ob_status(FLASH_OPTSR_SWAP_BANK_OPT, 0);
    status = launch();
    tell("no swap", status, (FLASH_OPTSR_CUR & FLASH_OPTSR_SWAP_BANK_OPT) == 0 ? "taken back" : "OTHER");
}

static void checksum(const char* what, HalCrcType type, uint32_t burst, uint32_t first, uint32_t last) {
    uint32_t crc = 0;
    begin();
    const HalStatus status = hal_crc(1, type, burst, first, last, &crc);
    tell(what, status, (FLASH_CRCCR(1) == 0x001C0000U && FLASH_CRCDATA == 0) ? "unit at rest" : "UNIT BUSY");
    say("CRC %x\n", crc);
}

static void checksums(void) {
    for (uint32_t i = 0; i < 4U; ++i) (void)hal_program(BANK1 + 32U * i, kZeros);
    checksum("CRC of 128 zeros, burst of 4", HAL_CRC_ADDRESS, 0, BANK1, BANK1 + 0x7CU);
    checksum("CRC of sectors 1 and 2", HAL_CRC_SECTORS, 3, 1, 2);
    (void)hal_erase_sectors(1, 0, 1, 3);
    (void)hal_erase_sectors(1, 3, 1, 3);
    checksum("CRC of blank bank 1", HAL_CRC_BANK, 3, 0, 0);
}

static void readout_protection(void) {
    (void)hal_ob_status(FLASH_OPTSR_RDP_Msk, 0x55U << 8);
    HalStatus status = launch();
    tell("RDP level 1", status,
         (FLASH_OPTSR_CUR & FLASH_OPTSR_RDP_Msk) == 0x5500U ? "in force" : "UNCHANGED");
    begin();
    tell("program at level 1, booted from RAM", hal_program(BANK1 + 0x40U, kWords), "not looked at");
    (void)hal_ob_status(FLASH_OPTSR_RDP_Msk, 0xAAU << 8);
    (void)hal_ob_pcrop(2, BANK2 + 0xFF00U, BANK2, 1);
    status = launch();
    tell("RDP level 0", status, contents(BANK2 + 0x40U));
    say("OPTSR_CUR %x, area %s\n", FLASH_OPTSR_CUR & ~(0x3FU << 22),
        (FLASH_PRAR_CUR(2) & 0xFFFU) > (FLASH_PRAR_CUR(2) >> 16 & 0xFFFU) ? "none" : "STANDS");
    for (uint32_t bank = 1; bank <= 2U; ++bank) (void)hal_wait(bank);
}

static void locking(void) {
    begin();
    tell("option lock", hal_ob_lock(), "locked");
    begin();
    tell("lock", hal_lock(), (FLASH_CR(1) & FLASH_CR(2) & FLASH_CR_LOCK) != 0 ? "both locked" : "OPEN");
}

int main(void) {
    usart3_open();
    SCB_DEMCR |= SCB_DEMCR_TRCENA;
    DWT_LAR = 0xC5ACCE55U;
    DWT_CTRL |= DWT_CTRL_CYCCNTENA;
    SYST_RVR = 64000U - 1U; /* HAL's tick of 1 ms */
    SYST_CVR = 0;
    SYST_CSR = 7;
    programming();
    erasing();
    write_protection();
    areas();
    boot_and_swap();
    checksums();
    readout_protection();
    locking();
    say("done\n");
    stop();
}

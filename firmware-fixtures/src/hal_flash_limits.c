/* What ST's HAL does to the flash at its limits (spec/flash-driver-view.md 13): its timeout of 50 s (rule 2),
   one call that erases the same sectors of both banks, polled (13) and by interrupts (16, 17), and an
   OPTCHANGEERR that is asked for as an interrupt (F-146), which HAL's own handler does not know. From AXI
   SRAM, on either core. The test sets how long the flash works. Expected text:
   tests/hardware/hal_flash_limits_test.cpp. */
#include "flash.h"
#include "h7.h"
#include "hal_flash.h"
#include "hal_flash_it.h"
#include "print.h"

#define BANK1 0x08000000U
#define BANK2 0x08100000U
#define SECTOR 0x00020000U
#define IRQ_FLASH 4U
#define OPTCHANGEERRIE (1U << 30)

static const uint32_t kWords[8] = {0x00112233, 0x44556677, 0x8899AABB, 0xCCDDEEFF, 1, 2, 3, 4};

static volatile uint32_t ticks, interrupts, option_errors, ends, last_end, last_error;

void SysTick_Handler(void) { ++ticks; }
uint32_t hal_tick(void) { return ticks; }
void hal_between_polls(uint32_t polls) {
    (void)polls;
    wfi();
}
void FLASH_IRQHandler(void) {
    ++interrupts;
    if ((FLASH_OPTSR_CUR & FLASH_OPTSR_OPTCHANGEERR) != 0 && (FLASH_OPTCR & OPTCHANGEERRIE) != 0) {
        ++option_errors;
        FLASH_OPTCR &= ~OPTCHANGEERRIE; /* HAL polls the flag itself */
    }
    hal_flash_irq();
}
void hal_on_end(uint32_t what) { ++ends, last_end = what; }
void hal_on_error(uint32_t what) { last_error = what; }
void hal_on_corrected(uint32_t bank) { (void)bank; }
void hal_on_detected(uint32_t bank) { (void)bank; }

static const char* status_text(HalStatus status) {
    return status == HAL_OK         ? "HAL_OK"
           : status == HAL_BUSY_    ? "HAL_BUSY"
           : status == HAL_TIMEOUT_ ? "HAL_TIMEOUT"
                                    : "HAL_ERROR";
}
static const char* contents(uint32_t address) {
    if (REG32(address) == kWords[0] && REG32(address + 28U) == kWords[7]) return "programmed";
    return REG32(address) == 0xFFFFFFFFU && REG32(address + 28U) == 0xFFFFFFFFU ? "blank" : "other";
}
static void fill(void) {
    for (uint32_t sector = 0; sector < 2U; ++sector) {
        (void)hal_program(BANK1 + sector * SECTOR, kWords);
        (void)hal_program(BANK2 + sector * SECTOR, kWords);
    }
}
static void banks(const char* what, HalStatus status) {
    say("%s: %s, %s; bank 1 %s %s, bank 2 %s %s\n", what, status_text(status),
        flash_flags_text(hal_error_code), contents(BANK1), contents(BANK1 + SECTOR), contents(BANK2),
        contents(BANK2 + SECTOR));
    hal_error_code = 0;
}

static void wait_for_ever(void) {
    while (((FLASH_SR(1) | FLASH_SR(2)) & FLASH_SR_QW) != 0) wfi();
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CCR(bank) = FLASH_SR_EOP;
}

/* Rule 2. The test makes an erase of a sector take 60 s, of a bank 200 s. */
static void timeouts(void) {
    uint32_t from = ticks;
    HalStatus status = hal_erase_sectors(1, 0, 2, 3);
    say("sector: %s after %u ms, QW %u, SER %u, EOP %u\n", status_text(status), ticks - from,
        (FLASH_SR(1) & FLASH_SR_QW) != 0, (FLASH_CR(1) & FLASH_CR_SER) != 0,
        (FLASH_SR(1) & FLASH_SR_EOP) != 0);
    from = ticks;
    status = hal_program(BANK1 + 0x40U, kWords); /* waits for the rest of it, then works */
    say("program behind it: %s, waited %s\n", status_text(status),
        ticks - from > 5000U ? "for its end" : "NOT");
    say("first sector %s, second %s\n", contents(BANK1), contents(BANK1 + SECTOR));
    from = ticks;
    status = hal_erase_bank(1, 3);
    say("bank: %s after %u ms, BER %u\n", status_text(status), ticks - from,
        (FLASH_CR(1) & FLASH_CR_BER) != 0);
    from = ticks;
    status = hal_program(BANK1 + 0x40U, kWords);
    say("program behind it: %s after %u ms, PG %u\n", status_text(status), ticks - from,
        (FLASH_CR(1) & FLASH_CR_PG) != 0);
    wait_for_ever();
    say("bank 1 %s\n", contents(BANK1 + SECTOR));
}

static void both_banks(void) {
    fill();
    banks("polled", hal_erase_sectors(3, 0, 2, 3));
    fill();
    (void)hal_ob_unlock();
    (void)hal_ob_wrp(1, 1U << 0, 1);
    (void)hal_ob_launch();
    banks("polled, bank 1 protected",
          hal_erase_sectors(3, 0, 1, 3)); /* bank 2's status overwrites bank 1's */
    (void)hal_ob_wrp(1, 1U << 0, 0);
    (void)hal_ob_wrp(2, 1U << 0, 1);
    (void)hal_ob_launch();
    banks("polled, bank 2 protected", hal_erase_sectors(3, 0, 2, 3)); /* stops at sector 0 */
    (void)hal_ob_wrp(2, 1U << 0, 0);
    (void)hal_ob_launch();

    (void)hal_erase_sectors(3, 0, 2, 3);
    fill();
    NVIC_ISER(0) = 1U << IRQ_FLASH;
    interrupts = ends = 0;
    const HalStatus status = hal_erase_sectors_it(3, 0, 2, 3);
    while (hal_procedure != HAL_PROCEDURE_NONE) {
    }
    banks("by interrupts", status); /* the handler goes on with bank 2 alone */
    say("callbacks %u, last %x, EOP of bank 1 %u, interrupts %s\n", ends, last_end,
        (FLASH_SR(1) & FLASH_SR_EOP) != 0, interrupts > 3U ? "again and again for it" : "few");
    for (uint32_t bank = 1; bank <= 2U; ++bank) {
        FLASH_CCR(bank) = FLASH_SR_EOP;
        FLASH_CR(bank) &= ~(FLASH_CR_SER | FLASH_CR_SNB_Msk);
    }
}

/* SECURITY is not taken back while a PCROP area is valid (F-173): the test makes one. */
static void option_error(void) {
    (void)hal_ob_status(FLASH_OPTSR_SECURITY, FLASH_OPTSR_SECURITY);
    const HalStatus set = hal_ob_launch();
    (void)hal_ob_status(FLASH_OPTSR_SECURITY, 0);
    interrupts = option_errors = 0;
    FLASH_OPTCR |= OPTCHANGEERRIE;
    const HalStatus cleared = hal_ob_launch();
    say("SECURITY set: %s, taken back: %s %s, interrupts %u, of them OPTCHANGEERR %u\n", status_text(set),
        status_text(cleared), (hal_error_code & HAL_ERROR_OB_CHANGE) != 0 ? "OB_CHANGE" : "none", interrupts,
        option_errors);
    say("flag %u, SECURITY %u, asked for %u\n", (FLASH_OPTSR_CUR & FLASH_OPTSR_OPTCHANGEERR) != 0,
        (FLASH_OPTSR_CUR & FLASH_OPTSR_SECURITY) != 0, (FLASH_OPTSR_PRG & FLASH_OPTSR_SECURITY) != 0);
}

int main(void) {
    usart3_open();
    SYST_RVR = 64000U - 1U; /* HAL's tick of 1 ms */
    SYST_CVR = 0;
    SYST_CSR = 7;
    NVIC_IPR(IRQ_FLASH) = 0x10;
    (void)hal_unlock();
    fill();
    timeouts();
    say("ready for short times\n");
    for (const uint32_t from = ticks; ticks - from < 3U;) wfi();
    both_banks();
    option_error();
    say("done\n");
    stop();
}

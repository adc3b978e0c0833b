/* Replays the interrupt paths of ST's HAL for the flash (spec/flash-driver-view.md 13, rules 12, 16, 17), its
   ECC helper (23), its reader of option bytes (20) and what its clock functions do to ACR (24), from AXI
   SRAM. The core sleeps in WFI while the flash works, with HAL's 1 ms tick; each line says which callbacks
   came and how many interrupts 4 were taken. The same program runs on either core. The expected text is in
   tests/hardware/hal_flash_interrupts_test.cpp. */
#include "flash.h"
#include "h7.h"
#include "hal_flash.h"
#include "hal_flash_it.h"
#include "print.h"
#include "probe.h"

#define BANK1 0x08000000U
#define BANK2 0x08100000U
#define SECTOR 0x00020000U
#define IRQ_FLASH 4U
#define TICKS_PER_MS 64000U /* both cores run at 64 MHz after reset */

static const uint32_t kWords[8] = {0x00112233, 0x44556677, 0x8899AABB, 0xCCDDEEFF, 1, 2, 3, 4};

static volatile uint32_t ticks, interrupts, events;
static volatile struct {
    const char* what;
    uint32_t value;
} log[8];

void SysTick_Handler(void) { ++ticks; }
void FLASH_IRQHandler(void) {
    ++interrupts;
    hal_flash_irq();
}

void hal_between_polls(uint32_t polls) {
    if (polls > 200000U) wfi(); /* longer than an option change: an erase */
}

static void note(const char* what, uint32_t value) {
    if (events == 8U) return;
    log[events].what = what;
    log[events].value = value;
    ++events;
}
void hal_on_end(uint32_t what) { note("end", what); }
void hal_on_error(uint32_t what) { note("error", what); }
void hal_on_corrected(uint32_t bank) { (void)bank, note("corrected", hal_ecc_address()); }
void hal_on_detected(uint32_t bank) { (void)bank, note("detected", hal_ecc_address()); }

static void mask(void) { __asm volatile("cpsid i" ::: "memory"); }
static void unmask(void) { __asm volatile("cpsie i\nisb" ::: "memory"); }

static uint32_t micros(void) {
    uint32_t before, counter;
    do {
        before = ticks;
        counter = SYST_CVR;
    } while (before != ticks);
    return before * 1000U + (TICKS_PER_MS - 1U - counter) / 64U;
}

static void pause(uint32_t ms) {
    for (const uint32_t start = ticks; ticks - start < ms;) wfi();
}

/* Asleep until the handler has ended the procedure. PRIMASK closes the gap between the question and WFI,
   which a pending interrupt wakes all the same. */
static void sleep_until_done(void) {
    for (;;) {
        mask();
        if (hal_procedure == HAL_PROCEDURE_NONE) break;
        wfi();
        unmask();
    }
    unmask();
}

static uint32_t started;

static void begin(void) {
    events = 0;
    interrupts = 0;
    hal_busy_polls = 0;
    started = micros();
}

static void tell(const char* what, HalStatus status, const char* result) {
    const uint32_t us = micros() - started;
    say("%s: %s, %s,", what,
        status == HAL_OK      ? "HAL_OK"
        : status == HAL_BUSY_ ? "HAL_BUSY"
                              : "HAL_ERROR",
        flash_flags_text(hal_error_code));
    if (events == 0) say(" no callback");
    for (uint32_t i = 0; i < events; ++i) say(" %s %x", log[i].what, log[i].value);
    say(", interrupts %u, %s [%u us]\n", interrupts, result, us);
}

static const char* contents(uint32_t address) {
    if (REG32(address) == kWords[0] && REG32(address + 28U) == kWords[7]) return "programmed";
    return REG32(address) == 0xFFFFFFFFU && REG32(address + 28U) == 0xFFFFFFFFU ? "blank" : "other";
}

static void program(const char* what, uint32_t address) {
    begin();
    const HalStatus status = hal_program_it(address, kWords);
    sleep_until_done();
    tell(what, status, contents(address & ~31U));
}

static void programming(void) {
    (void)hal_unlock();
    program("program bank 1", BANK1 + 0x40U);
    program("program bank 2", BANK2 + 0x40U);
    say("PG of bank 1 stays %u, of bank 2 %u\n", (FLASH_CR(1) & FLASH_CR_PG) != 0,
        (FLASH_CR(2) & FLASH_CR_PG) != 0);

    begin();
    mask();
    (void)hal_program_it(BANK1 + 0x60U, kWords);
    const HalStatus second = hal_program_it(BANK2 + 0x60U, kWords);
    unmask();
    sleep_until_done();
    tell("second call under the first", second, contents(BANK2 + 0x60U));

    program("unaligned", BANK1 + 0x104U); /* rule 11: the last store opens another flash word */
    say("SR1 %x\n", FLASH_SR(1));

    REG32(BANK1 + 0x140U) = 0; /* PG still stands: the store waits in the buffer */
    begin();
    const HalStatus twice = hal_program_it(BANK1 + 0x140U, kWords);
    sleep_until_done();
    while ((FLASH_SR(1) & FLASH_SR_QW) != 0) {
    }
    tell("a word already begun", twice, contents(BANK1 + 0x140U));
    say("SR1 %x CR1 %x\n", FLASH_SR(1), FLASH_CR(1));
}

static HalStatus protect(uint32_t on) {
    (void)hal_ob_wrp(1, 1U << 3, on);
    return hal_ob_launch();
}

static void erasing(void) {
    program("program sector 3", BANK1 + 3U * SECTOR);
    program("program sector 4", BANK1 + 4U * SECTOR);
    begin();
    HalStatus status = hal_erase_sectors_it(1, 0, 2, 2);
    sleep_until_done();
    tell("erase sectors 0 and 1", status, contents(BANK1 + 0x40U));
    say("SER %u SNB %u\n", (FLASH_CR(1) & FLASH_CR_SER) != 0,
        (FLASH_CR(1) & FLASH_CR_SNB_Msk) >> FLASH_CR_SNB_Pos);

    (void)hal_ob_unlock();
    begin();
    status = protect(1);
    tell("WRP on", status, FLASH_WPSN_CUR(1) == 0xF7U ? "sector 3" : "UNCHANGED");
    say("EOP of bank 1 %u\n", (FLASH_SR(1) & FLASH_SR_EOP) != 0);
    program("program bank 2 beside it", BANK2 + 0x80U);
    say("EOP of bank 1 %u, of bank 2 %u\n", (FLASH_SR(1) & FLASH_SR_EOP) != 0,
        (FLASH_SR(2) & FLASH_SR_EOP) != 0); /* the handler leaves the one it has no procedure for */
    program("program a protected sector", BANK1 + 3U * SECTOR + 0x20U);
    begin();
    status = hal_erase_sectors_it(1, 2, 3, 3);
    sleep_until_done();
    tell("erase sectors 2 to 4", status, contents(BANK1 + 3U * SECTOR));
    say("sector 4: %s\n", contents(BANK1 + 4U * SECTOR));
    begin();
    status = hal_erase_bank_it(1, 3);
    sleep_until_done();
    tell("erase bank 1", status, contents(BANK1 + 4U * SECTOR));
    FLASH_CR(1) &= ~FLASH_CR_BER;
    (void)protect(0);

    begin();
    status = hal_erase_bank_it(2, 3);
    sleep_until_done();
    tell("erase bank 2", status, contents(BANK2 + 0x40U));
    program("program bank 2", BANK2 + 5U * SECTOR);
    begin();
    status = hal_erase_sectors(2, 1, 1, 3); /* BER still stands (F-282) */
    tell("erase sector 1 of bank 2, polled", status, contents(BANK2 + 5U * SECTOR));
    FLASH_CR(2) &= ~FLASH_CR_BER;

    program("program bank 2", BANK2 + 5U * SECTOR);
    begin();
    status = hal_erase_both_it(3);
    sleep_until_done();
    tell("mass erase", status, contents(BANK1 + 4U * SECTOR));
    while (((FLASH_SR(1) | FLASH_SR(2)) & FLASH_SR_QW) != 0) wfi();
    say("bank 2: %s, EOP %u %u, enables %x %x\n", contents(BANK2 + 5U * SECTOR),
        (FLASH_SR(1) & FLASH_SR_EOP) != 0, (FLASH_SR(2) & FLASH_SR_EOP) != 0, FLASH_CR(1) >> 16,
        FLASH_CR(2) >> 16);
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) &= ~FLASH_CR_BER;
    (void)hal_wait(2);
}

/* The test makes the words bad: each first with one wrong bit, then with two. */
static void ecc(void) {
    static const uint32_t kBad[] = {BANK1 + 0x1240U, BANK2 + 0x2460U};
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) |= FLASH_SR_SNECCERR | FLASH_SR_DBECCERR;
    for (uint32_t round = 1; round <= 2U; ++round) {
        say("ready for ECC errors %u\n", round);
        pause(3);
        for (uint32_t i = 0; i < 2U; ++i) {
            begin();
            hal_error_code = 0;
            const Probe probe = probe_read(kBad[i]);
            tell(i == 0 ? "bad word of bank 1" : "bad word of bank 2", HAL_OK, probe_text(&probe));
            say("read %x, flags %u\n", probe.value, (FLASH_SR(i + 1U) & FLASH_SR_FLAGS) >> 25);
        }
    }
    NVIC_ICER(0) = 1U << IRQ_FLASH; /* not PRIMASK: a BusFault under it would become a HardFault */
    (void)probe_read(kBad[0]);
    (void)probe_read(kBad[1]);
    begin();
    say("both banks: %x, pending %u\n", hal_ecc_address(), (NVIC_ISPR(0) >> IRQ_FLASH) & 1U);
    NVIC_ISER(0) = 1U << IRQ_FLASH;
    dsb();
    isb();
    tell("both banks", HAL_OK, "taken");
    say("pending %u\n", (NVIC_ISPR(0) >> IRQ_FLASH) & 1U);
#ifdef CORE_CM7 /* system flash is not in the map of the Cortex-M4 (D-01) */
    say("ready for ECC errors 3\n");
    pause(3);
    begin();
    const Probe probe = probe_read(0x1FF1E800U);
    tell("bad word of system flash", HAL_OK, probe_text(&probe));
#endif
    for (uint32_t bank = 1; bank <= 2U; ++bank) FLASH_CR(bank) &= ~(FLASH_SR_SNECCERR | FLASH_SR_DBECCERR);
}

/* HAL_FLASHEx_OBGetConfig, rule 20 */
static void option_bytes(void) {
    (void)hal_ob_status(FLASH_OPTSR_RDP_Msk, 0x42U << 8);
    (void)protect(1);
    (void)hal_ob_wrp(1, 0xFFU, 1); /* PRG only */
    const uint32_t status = FLASH_OPTSR_CUR, prar = FLASH_PRAR_CUR(2), scar = FLASH_SCAR_CUR(1);
    const uint32_t byte = (status & FLASH_OPTSR_RDP_Msk) >> 8;
    say("options: WRP %x, RDP level %u, user %x, BOR %u, boot %x %x\n", ~FLASH_WPSN_CUR(1) & 0xFFU,
        byte == 0xAAU   ? 0U
        : byte == 0xCCU ? 2U
                        : 1U,
        status & ~(FLASH_OPTSR_RDP_Msk | FLASH_OPTSR_BOR_LEV_Msk | 3U << 22), /* without BCM4, BCM7 */
        (status & FLASH_OPTSR_BOR_LEV_Msk) >> FLASH_OPTSR_BOR_LEV_Pos, FLASH_BOOT7_CUR >> 16,
        FLASH_BOOT4_CUR >> 16);
    say("PCROP of bank 2 from %x to %x, DMEP %u; secure area of bank 1 from %x to %x, DMES %u\n",
        BANK2 + ((prar & 0xFFFU) << 8), BANK2 + (((prar >> 16) & 0xFFFU) << 8), prar >> 31,
        BANK1 + ((scar & 0xFFFU) << 8), BANK1 + (((scar >> 16) & 0xFFFU) << 8), scar >> 31);
    (void)hal_ob_status(FLASH_OPTSR_RDP_Msk, 0xAAU << 8);
    (void)hal_ob_wrp(1, 0xFFU, 0);
    begin();
    const HalStatus regression = hal_ob_launch();
    tell("regression", regression, (FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) == 0 ? "not busy" : "BUSY");
    begin();
    const HalStatus again = hal_ob_launch(); /* rule 21: nothing differs */
    tell("nothing to change", again, (FLASH_OPTSR_CUR & FLASH_OPTSR_OPT_BUSY) == 0 ? "not busy" : "BUSY");
}

/* Rule 24: ACR first when the latency rises, the switch first when it falls. */
static HalStatus clock_config(uint32_t source, uint32_t latency) {
    const uint32_t old = FLASH_ACR & FLASH_ACR_LATENCY_Msk;
    for (uint32_t step = 0; step < 3U; ++step) {
        if (step == 1U) {
            RCC_CFGR = (RCC_CFGR & ~RCC_CFGR_SW_Msk) | source;
            while (((RCC_CFGR >> 3) & 7U) != source) {
            }
        } else if (step == 0 ? latency > old : latency < old) {
            FLASH_ACR = (FLASH_ACR & ~FLASH_ACR_LATENCY_Msk) | latency;
            if ((FLASH_ACR & FLASH_ACR_LATENCY_Msk) != latency) return HAL_ERROR;
        }
    }
    return HAL_OK;
}

static void clocks(void) {
    RCC_CR |= RCC_CR_CSION;
    while ((RCC_CR & RCC_CR_CSIRDY) == 0) {
    }
    const HalStatus down = clock_config(RCC_CFGR_SW_CSI, 1);
    const uint32_t slow = FLASH_ACR;
    const HalStatus up = clock_config(RCC_CFGR_SW_HSI, 7); /* HAL_RCC_DeInit's 7 wait states */
    const HalStatus same = clock_config(RCC_CFGR_SW_HSI, 7);
    say("clock: %u %u %u, ACR %x then %x\n", down, up, same, slow, FLASH_ACR);
}

static void locked(void) {
    (void)hal_lock();
    begin();
    const HalStatus status =
        hal_program_it(BANK1 + 0x40U, kWords); /* no enable is set, but PG still stands (F-185) */
    pause(2);
    tell("program a locked bank", status, contents(BANK1 + 0x40U));
    say("SR1 %x, HAL %s\n", FLASH_SR(1), hal_locked != 0 ? "waits for ever" : "free");
}

int main(void) {
    usart3_open();
    SYST_RVR = TICKS_PER_MS - 1U;
    SYST_CVR = 0;
    SYST_CSR = 7;
    NVIC_IPR(IRQ_FLASH) = 0x10;
    NVIC_ISER(0) = 1U << IRQ_FLASH;
    programming();
    erasing();
    ecc();
    option_bytes();
    clocks();
    locked();
    say("done\n");
    stop();
}

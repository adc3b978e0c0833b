/* Calls of the RSS as no manual shows them: arguments behind the MPU, in holes, across borders; from handlers; with
   interrupts pending; without privilege. One line for each; a service that resets is followed by the line of the next
   boot. Nothing here changes an option byte: every request that is served is one the RSS refuses.
   The program stands at 0x08000000, or as an application behind secure_boot (APPLICATION).
   Expected text: tests/hardware/service_calls_test.cpp.                                                              */
#include "flash.h"
#include "h7.h"
#include "manifest.h"
#include "print.h"
#include "probe.h"
#include "second_table.h"

#define SERVICE(slot) (REG32(slot) & ~1U)
#define INITIALIZE SERVICE(RSS_TABLE_INITIALIZE_SECURE_AREAS)
#define BLOCK 0x24010000U /* arguments: AXI SRAM, kept over system resets */
#define AXI_END 0x24080000U
#define ROM 0x1FF00000U

/* RASR.AP */
#define NO_ACCESS 0U
#define PRIVILEGED 1U
#define FULL 3U
#define READ_ONLY 6U
#define XN (1U << 4) /* as seen from AP */

typedef uint32_t (*GetWord)(void);
typedef void (*ExitSecureArea)(uint32_t vectors, uint32_t jtag_state);

#ifdef APPLICATION
__attribute__((section(".manifest"), used)) static const Manifest manifest = {.magic = MANIFEST_MAGIC};
#endif

/* Kept in SRAM4 over system resets; noise at power-on. */
typedef struct {
    uint32_t magic, next;
} Kept;
#define KEPT ((volatile Kept *)0x38000000U)
#define KEPT_MAGIC 0x5E2F1CE5U

static void (*volatile in_svc)(void), (*volatile in_systick)(void), (*volatile in_hard_fault)(void);
static volatile uint32_t mends, mended_at, tim2_taken;

/* --- what is told --- */

static void flush(void) {
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
}

static void tell(const Probe *p, uint32_t entry) {
    if (!p->faulted) {
        say(" returned %x\n", p->value);
        return;
    }
    say(" %s, CFSR %x", (p->hfsr & SCB_HFSR_FORCED) != 0 ? "HardFault" : "fault", p->cfsr);
    if ((p->cfsr & SCB_CFSR_MMARVALID) != 0) say(", MMFAR %x", p->mmfar);
    if ((p->cfsr & SCB_CFSR_BFARVALID) != 0) say(", BFAR %x", p->bfar);
    if (p->pc == entry)
        say(", pc the service");
    else
        say(", pc %x", p->pc);
    say(p->lr == probe_call_return() ? ", called here\n" : ", lr elsewhere\n");
}

static void call(uint32_t entry, uint32_t a, uint32_t b, uint32_t c) {
    flush();
    const Probe p = probe_service(entry, a, b, c);
    tell(&p, entry);
}

/* The call, and a load of the program's own at the first byte that cannot be read: both must say the same. */
static void call_as_load(uint32_t entry, uint32_t count, uint32_t pointer, uint32_t bad) {
    flush();
    const Probe p = probe_service(entry, count, pointer, 0);
    const Probe own = probe_read(bad);
    tell(&p, entry);
    if (own.cfsr != p.cfsr || own.bfar != p.bfar || own.mmfar != p.mmfar)
        say("  BUT A LOAD: CFSR %x, MMFAR %x, BFAR %x\n", own.cfsr, own.mmfar, own.bfar);
}

/* --- the MPU --- */

static void region(uint32_t n, uint32_t base, uint32_t size_log2, uint32_t access, uint32_t memory) {
    MPU_RBAR = base | (1U << 4) | n;
    MPU_RASR = (access << 24) | (memory << 16) | ((size_log2 - 1) << 1) | 1U;
}
#define NORMAL 0x0BU /* TEX 001, C, B: write back */
#define STRONGLY_ORDERED 0U

static void mpu_on(uint32_t more) {
    dsb();
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_PRIVDEFENA | more;
    dsb();
    isb();
}

static void mpu_off(void) {
    dsb();
    MPU_CTRL = 0;
    for (uint32_t n = 0; n < 4; ++n) {
        MPU_RBAR = (1U << 4) | n;
        MPU_RASR = 0;
    }
    dsb();
    isb();
}

/* 256 bytes behind BLOCK, with these rights. */
static void guard_behind(uint32_t access) {
    region(1, BLOCK + 256, 8, access, NORMAL);
    mpu_on(0);
}

/* Records the RSS refuses: 256 bytes are no area (E_SIZE). */
static void fill_block(void) {
    for (uint32_t i = 0; i < 96; i += 3) {
        REG32(BLOCK + 4 * i) = 256;
        REG32(BLOCK + 4 * i + 4) = 0x08000000U;
        REG32(BLOCK + 4 * i + 8) = 0;
    }
}

/* --- the cases --- */

static void not_readable(void) {
    region(1, BLOCK, 8, NO_ACCESS, NORMAL);
    mpu_on(0);
    call_as_load(INITIALIZE, 1, BLOCK, BLOCK);
}

static void read_only(void) {
    region(1, BLOCK, 8, READ_ONLY, NORMAL);
    mpu_on(0);
    call(INITIALIZE, 1, BLOCK, 0);
}

static void for_privileged_code(void) {
    region(1, BLOCK, 8, PRIVILEGED, NORMAL);
    mpu_on(0);
    call(INITIALIZE, 1, BLOCK, 0);
}

static void crosses_the_end(void) {
    guard_behind(NO_ACCESS);
    call_as_load(INITIALIZE, 2, BLOCK + 256 - 16, BLOCK + 256);
}

static void word_across_the_end(void) {
    guard_behind(NO_ACCESS);
    call_as_load(INITIALIZE, 2, BLOCK + 256 - 14, BLOCK + 256 - 2);
}

/* Copied byte by byte, as a library's memcpy does: no fault for the alignment alone. */
static void misaligned(void) {
    REG32(BLOCK + 4) = 0; /* half words of zero: an empty record, or a size of 16 Mbytes: both refused */
    call(INITIALIZE, 1, BLOCK + 2, 0);
}

static void misaligned_trapped(void) {
    SCB_CCR |= SCB_CCR_UNALIGN_TRP;
    dsb();
    isb();
    call(INITIALIZE, 1, BLOCK + 2, 0);
}

static void misaligned_strongly_ordered(void) {
    region(1, BLOCK, 8, FULL, STRONGLY_ORDERED);
    mpu_on(0);
    call(INITIALIZE, 1, BLOCK + 2, 0);
}

static void hole(void) { call_as_load(INITIALIZE, 1, AXI_END, AXI_END); }

static void runs_out_of_memory(void) { call_as_load(INITIALIZE, 1, AXI_END - 8, AXI_END); }

static void null_guarded(void) {
    region(1, 0, 5, NO_ACCESS, NORMAL);
    mpu_on(0);
    call_as_load(INITIALIZE, 1, 0, 0);
}

static void rom_execute_never(void) {
    region(1, ROM, 17, FULL | XN, NORMAL);
    mpu_on(0);
    call(INITIALIZE, 1, BLOCK, 0);
}

static void middle_of_a_stub(void) { call(INITIALIZE + 2, 1, BLOCK, 0); }

/* The last flash word of a module behind the region's end. */
static void module_data_not_readable(void) {
    volatile uint8_t *header = (volatile uint8_t *)(BLOCK + 0x100);
    for (uint32_t i = 0; i < 48; ++i) header[i] = 0;
    header[0] = 'S', header[1] = 'M', header[2] = 'I', header[3] = '1';
    *(volatile uint32_t *)(header + 8) = 0x08040000U;
    *(volatile uint32_t *)(header + 12) = 64;
    region(1, BLOCK + 0x220, 5, NO_ACCESS, NORMAL);
    mpu_on(0);
    flush();
    const uint32_t entry = SERVICE(RSS_TABLE_INSTALL_MODULES);
    const Probe p = probe_service(entry, BLOCK, BLOCK + 0x100, BLOCK + 0x200);
    tell(&p, entry);
}

static void mended_by_the_handler(void) {
    region(1, BLOCK, 8, NO_ACCESS, NORMAL);
    mpu_on(0);
    mends = 1;
    call(INITIALIZE, 1, BLOCK, 0);
}

static void erase_sector7(void) {
    flash_unlock(2);
    FLASH_CR(2) = FLASH_CR_SER | (7U << FLASH_CR_SNB_Pos) | (3U << FLASH_CR_PSIZE_Pos);
    FLASH_CR(2) |= FLASH_CR_START;
    say(" QW %u;", (FLASH_SR(2) & FLASH_SR_QW) != 0);
}

/* r0-r2 for the service whose entry is in r12: without privilege, and back by SVC. Touches no stack. */
void drop_and_initialize(void);
void drop_and_get_version(void);
#define DROP_AND(name, slot)                       \
    __asm(".syntax unified\n.thumb\n"              \
          ".section .text." #name ", \"ax\"\n"     \
          ".global " #name "\n"                    \
          ".type " #name ", %function\n" #name ":\n" \
          "    mov r4, lr\n"                       \
          "    movs r3, #1\n"                      \
          "    msr control, r3\n"                  \
          "    isb\n"                              \
          "    ldr r3, =" #slot "\n"               \
          "    ldr r3, [r3]\n"                     \
          "    blx r3\n"                           \
          "    svc 0\n"                            \
          "    bx r4\n"                            \
          "    .ltorg\n"                           \
          ".text\n")
DROP_AND(drop_and_initialize, 0x1FF09518);
DROP_AND(drop_and_get_version, 0x1FF09500);

/* Bank 2 is being erased: the load of the argument waits, as any load. */
static void bank_busy(void) {
    erase_sector7();
    call(INITIALIZE, 1, 0x081FFF00U, 0);
}

static void without_privilege(void) {
    region(0, 0, 32, FULL, NORMAL); /* the whole address space; the block is for privileged code */
    region(1, BLOCK, 8, PRIVILEGED, NORMAL);
    mpu_on(0);
    flush();
    const uint32_t service = INITIALIZE;
    Probe p = probe_service((uint32_t)drop_and_initialize & ~1U, 1, BLOCK, 0);
    __asm volatile("svc 0" ::: "memory"); /* the fault was landed without privilege */
    p.lr = probe_call_return();
    tell(&p, service);
    p = probe_service((uint32_t)drop_and_get_version & ~1U, 0, 0, 0);
    say("getVersion without privilege:");
    tell(&p, service);
}

static void version_here(void) { say(" getVersion %x;", ((GetWord)REG32(RSS_TABLE_GET_VERSION))()); }
static void unreadable_here(void) { call(INITIALIZE, 1, BLOCK, 0); }
static void destroy_here(void) {
    version_here();
    call(SERVICE(RSS_TABLE_DESTROY_PCROP_AREA), 1, 0, 0);
}

static void svc(void (*what)(void), uint8_t priority) {
    SCB_SHPR_SVCALL = priority;
    dsb();
    in_svc = what;
    __asm volatile("svc 1" ::: "memory");
}

static void from_svc(void) { svc(destroy_here, 0x80); }

static void from_svc_unreadable(void) {
    region(1, BLOCK, 8, NO_ACCESS, NORMAL);
    mpu_on(0);
    svc(unreadable_here, 0x80);
}

/* MemManage has no higher priority than this handler: HardFault. */
static void from_svc_escalates(void) {
    region(1, BLOCK, 8, NO_ACCESS, NORMAL);
    mpu_on(0);
    svc(unreadable_here, 0);
}

static void from_systick(void) {
    in_systick = destroy_here;
    SCB_ICSR = SCB_ICSR_PENDSTSET;
    dsb();
    isb();
}

static void from_hard_fault(void (*what)(void), uint32_t mpu) {
    in_hard_fault = what;
    region(1, BLOCK, 8, NO_ACCESS, NORMAL);
    mpu_on(mpu);
    SCB_SHCSR &= ~SCB_SHCSR_USGFAULTENA;
    dsb();
    __asm volatile("udf #0");
}

/* Without HFNMIENA the MPU is off at this priority: the block is readable. */
static void from_hard_fault_unreadable(void) { from_hard_fault(unreadable_here, 0); }
static void from_hard_fault_guarded(void) { from_hard_fault(unreadable_here, MPU_CTRL_HFNMIENA); }

/* --- exitSecureArea --- */

static volatile uint32_t exit_to;

static void pend_tim2(void) {
    NVIC_IPR(28) = 0xF0;
    NVIC_ISER(0) = 1U << 28;
    NVIC_ISPR(0) = 1U << 28;
    dsb();
}

static void exit_here(void) {
    pend_tim2();
    exit_to = (uint32_t)second_vectors;
    flush();
    ((ExitSecureArea)REG32(RSS_TABLE_EXIT_SECURE_AREA))(exit_to, RSS_ENABLE_JTAG_AT_EXIT);
    say(" came back\n");
}

/* A copy of the first two vectors in bank 2, which is being erased elsewhere. */
static void exit_into_busy_bank(void) {
    exit_to = 0x081C0000U;
    uint32_t words[8] = {second_vectors[0], second_vectors[1], ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
    flash_unlock(2);
    (void)flash_program(2, exit_to, words);
    flash_lock(2); /* a second unlock would lock until reset (F-180) */
    erase_sector7();
    flush();
    ((ExitSecureArea)REG32(RSS_TABLE_EXIT_SECURE_AREA))(exit_to, RSS_ENABLE_JTAG_AT_EXIT);
    say(" came back\n");
}

static void exit_with_pending(void) {
    __asm volatile("cpsid i");
    exit_here();
}

static void exit_from_systick(void) {
    in_systick = exit_here;
    SCB_ICSR = SCB_ICSR_PENDSTSET;
    dsb();
    isb();
}

void __attribute__((used)) second_main(uint32_t sp) {
    uint32_t ipsr, control, primask;
    __asm volatile("mrs %0, ipsr\n mrs %1, control\n mrs %2, primask" : "=r"(ipsr), "=r"(control), "=r"(primask));
    say(" sp %s, VTOR %s, IPSR %u, CONTROL %u, PRIMASK %u, TIM2 taken %u", sp == second_vectors[0] ? "right" : "WRONG",
        SCB_VTOR == exit_to ? "right" : "WRONG", ipsr, control, primask, tim2_taken);
    __asm volatile("cpsie i\n isb" ::: "memory");
    say(", then %u\n", tim2_taken);
    flush();
    reset_system();
}

void __attribute__((used)) second_tim2(void) { ++tim2_taken; }

SECOND_TABLE(
    "    .fill 42, 4, 0\n"
    "    .word second_tim2\n");

/* --- handlers --- */

void SVC_Handler(void) {
    void (*const what)(void) = in_svc;
    in_svc = 0;
    if (what) what();
    __asm volatile("msr control, %0\n isb" ::"r"(0) : "memory");
}

void SysTick_Handler(void) {
    void (*const what)(void) = in_systick;
    in_systick = 0;
    if (what) what();
}

void __attribute__((used)) mem_manage(uint32_t *frame) {
    if (!mends) {
        probe_fault(frame);
        return;
    }
    mends = 0;
    mended_at = frame[6];
    say(" MemManage, pc %s, region opened;", mended_at == INITIALIZE ? "the service" : "elsewhere");
    flush();
    SCB_CFSR = SCB_CFSR;
    mpu_off();
}

void __attribute__((used)) hard_fault(uint32_t *frame) {
    void (*const what)(void) = in_hard_fault;
    if (!what) {
        probe_fault(frame);
        return;
    }
    in_hard_fault = 0;
    SCB_CFSR = SCB_CFSR;
    SCB_HFSR = SCB_HFSR;
    what();
    frame[6] += 2;
}

#define FRAME_TO(handler) \
    __asm volatile(       \
        "mov r0, sp\n"    \
        "b " #handler "\n")
void __attribute__((naked)) MemManage_Handler(void) { FRAME_TO(mem_manage); }
void __attribute__((naked)) UsageFault_Handler(void) { FRAME_TO(probe_fault); }
void __attribute__((naked)) HardFault_Handler(void) { FRAME_TO(hard_fault); }

/* --- one after the other --- */

typedef struct {
    const char *name;
    void (*run)(void);
} Case;

static const Case cases[] = {
    {"argument block not readable", not_readable},
    {"argument block read only", read_only},
    {"argument block for privileged code", for_privileged_code},
    {"second record behind the region's end", crosses_the_end},
    {"a word across the region's end", word_across_the_end},
    {"argument block not aligned", misaligned},
    {"not aligned, UNALIGN_TRP", misaligned_trapped},
    {"not aligned, strongly ordered", misaligned_strongly_ordered},
    {"argument block in a hole", hole},
    {"argument block runs out of AXI SRAM", runs_out_of_memory},
    {"NULL behind the MPU", null_guarded},
    {"system flash execute-never", rom_execute_never},
    {"the middle of a stub", middle_of_a_stub},
    {"module data not readable", module_data_not_readable},
    {"a MemManage handler mends the region", mended_by_the_handler},
    {"argument block in a bank being erased", bank_busy},
    {"without privilege", without_privilege},
    {"from SVC", from_svc},
    {"from SVC, not readable", from_svc_unreadable},
    {"from SVC at the priority of MemManage", from_svc_escalates},
    {"from SysTick", from_systick},
    {"from HardFault, MPU off there", from_hard_fault_unreadable},
    {"exit with an interrupt pending", exit_with_pending},
    {"exit from SysTick", exit_from_systick},
    {"exit into a bank being erased", exit_into_busy_bank},
    {"from HardFault, MPU on there", from_hard_fault_guarded},
};

int main(void) {
    usart3_open();
    if (KEPT->magic == KEPT_MAGIC) {
        say(" reset\n");
    } else {
        KEPT->magic = KEPT_MAGIC;
        KEPT->next = 0;
    }
    SCB_SHCSR |= SCB_SHCSR_MEMFAULTENA | SCB_SHCSR_BUSFAULTENA | SCB_SHCSR_USGFAULTENA;
    while (KEPT->next < sizeof cases / sizeof *cases) {
        const Case *now = &cases[KEPT->next];
        KEPT->next = KEPT->next + 1;
        fill_block();
        say("%s:", now->name);
        flush();
        now->run();
        mpu_off();
    }
    say("done\n");
    stop();
}

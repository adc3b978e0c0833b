#include "emulator/cpu/system_control.hpp"

namespace h7::cpu {

// clang-format off
// system.md 5.6, 5.8; ARMv7-M B3.2, B4.1. Offsets from 0xE000E000. Reset values are the CM7's; identify() has the CM4's.
inline constexpr Register<SystemControl> SystemControl::registers[45] = {
    {.offset = 0x008, .name = "ACTLR",
     .fields = {
         {bit(0),       "DISMCYCINT",     rw},
         {bit(1),       "DISDEFWBUF",     rw},
         {bit(2),       "DISFOLD",        rw},
         {bit(8),       "DISFPCA",        rw},
         {bit(9),       "DISOOFP",        rw},
         {bit(10),      "FPEXCODIS",      rw},
         {bit(11),      "DISRAMODE",      rw},
         {bit(12),      "DISITMATBFLUSH", rw}}},
    {.offset = 0xD00, .name = "CPUID", .reset = 0x411F'C271,
     .fields = {
         {bits(3, 0),   "Revision",       r },
         {bits(15, 4),  "PartNo",         r },
         {bits(19, 16), "Architecture",   r },
         {bits(23, 20), "Variant",        r },
         {bits(31, 24), "Implementer",    r }}},
    {.offset = 0xD04, .name = "ICSR",
     .fields = {
         {bits(8, 0),   "VECTACTIVE",     r },
         {bit(11),      "RETTOBASE",      r },
         {bits(20, 12), "VECTPENDING",    r },
         {bit(22),      "ISRPENDING",     r },
         {bit(23),      "ISRPREEMPT",     r },
         {bit(25),      "PENDSTCLR",      w },
         {bit(26),      "PENDSTSET",      rs},
         {bit(27),      "PENDSVCLR",      w },
         {bit(28),      "PENDSVSET",      rs},
         {bit(31),      "NMIPENDSET",     rs}},
     .written = &SystemControl::icsr_written, .live = &SystemControl::icsr},
    {.offset = 0xD08, .name = "VTOR",
     .fields = {{bits(31, 7), "TBLOFF",   rw}}, .written = &SystemControl::copy_written},
    {.offset = 0xD0C, .name = "AIRCR", .reset = 0xFA05'0000,
     .fields = {
         {bit(0),       "VECTRESET",      w },
         {bit(1),       "VECTCLRACTIVE",  w },
         {bit(2),       "SYSRESETREQ",    w },
         {bits(10, 8),  "PRIGROUP",       rw},
         {bit(15),      "ENDIANNESS",     r },
         {bits(31, 16), "VECTKEYSTAT",    r }},
     .writable = &SystemControl::keyed, .written = &SystemControl::aircr_written, .live = &SystemControl::aircr},
    {.offset = 0xD10, .name = "SCR",
     .fields = {
         {bit(1),       "SLEEPONEXIT",    rw},
         {bit(2),       "SLEEPDEEP",      rw},
         {bit(4),       "SEVONPEND",      rw}}},
    {.offset = 0xD14, .name = "CCR", .reset = 0x0004'0200,
     .fields = {
         {bit(0),       "NONBASETHRDENA", rw},
         {bit(1),       "USERSETMPEND",   rw},
         {bit(3),       "UNALIGN_TRP",    rw},
         {bit(4),       "DIV_0_TRP",      rw},
         {bit(8),       "BFHFNMIGN",      rw},
         {bit(9),       "STKALIGN",       rw},
         {bit(16),      "DC",             rw},
         {bit(17),      "IC",             rw},
         {bit(18),      "BP",             r }},
     .written = &SystemControl::ccr_written},
    {.offset = 0xD18, .name = "SHPR",
     .fields = {{bits(7, 4), "PRI_N0", rw}, {bits(15, 12), "PRI_N1", rw}, {bits(23, 20), "PRI_N2", rw}, {bits(31, 28), "PRI_N3", rw}},
     .count = 3, .written = &SystemControl::shpr_written, .live = &SystemControl::shpr},
    {.offset = 0xD24, .name = "SHCSR",
     .fields = {
         {bit(0),       "MEMFAULTACT",    rw},
         {bit(1),       "BUSFAULTACT",    rw},
         {bit(3),       "USGFAULTACT",    rw},
         {bit(7),       "SVCALLACT",      rw},
         {bit(8),       "MONITORACT",     rw},
         {bit(10),      "PENDSVACT",      rw},
         {bit(11),      "SYSTICKACT",     rw},
         {bit(12),      "USGFAULTPENDED", rw},
         {bit(13),      "MEMFAULTPENDED", rw},
         {bit(14),      "BUSFAULTPENDED", rw},
         {bit(15),      "SVCALLPENDED",   rw},
         {bit(16),      "MEMFAULTENA",    rw},
         {bit(17),      "BUSFAULTENA",    rw},
         {bit(18),      "USGFAULTENA",    rw}},
     .written = &SystemControl::shcsr_written, .live = &SystemControl::shcsr},
    {.offset = 0xD28, .name = "CFSR",
     .fields = {
         {bit(0),       "IACCVIOL",       rc_w1},
         {bit(1),       "DACCVIOL",       rc_w1},
         {bit(3),       "MUNSTKERR",      rc_w1},
         {bit(4),       "MSTKERR",        rc_w1},
         {bit(5),       "MLSPERR",        rc_w1},
         {bit(7),       "MMARVALID",      rc_w1},
         {bit(8),       "IBUSERR",        rc_w1},
         {bit(9),       "PRECISERR",      rc_w1},
         {bit(10),      "IMPRECISERR",    rc_w1},
         {bit(11),      "UNSTKERR",       rc_w1},
         {bit(12),      "STKERR",         rc_w1},
         {bit(13),      "LSPERR",         rc_w1},
         {bit(15),      "BFARVALID",      rc_w1},
         {bit(16),      "UNDEFINSTR",     rc_w1},
         {bit(17),      "INVSTATE",       rc_w1},
         {bit(18),      "INVPC",          rc_w1},
         {bit(19),      "NOCP",           rc_w1},
         {bit(24),      "UNALIGNED",      rc_w1},
         {bit(25),      "DIVBYZERO",      rc_w1}}},
    {.offset = 0xD2C, .name = "HFSR",
     .fields = {{bit(1), "VECTTBL", rc_w1}, {bit(30), "FORCED", rc_w1}, {bit(31), "DEBUGEVT", rc_w1}}},
    {.offset = 0xD30, .name = "DFSR",
     .fields = {{bit(0), "HALTED", rc_w1}, {bit(1), "BKPT", rc_w1}, {bit(2), "DWTTRAP", rc_w1}, {bit(3), "VCATCH", rc_w1}, {bit(4), "EXTERNAL", rc_w1}}},
    {.offset = 0xD34, .name = "MMFAR",   .fields = {{bits(31, 0), "ADDRESS", rw}}},
    {.offset = 0xD38, .name = "BFAR",    .fields = {{bits(31, 0), "ADDRESS", rw}}},
    {.offset = 0xD3C, .name = "AFSR",    .fields = {{bits(31, 0), "AUXFAULT", r}}},
    {.offset = 0xD40, .name = "ID_PFR",  .fields = {{bits(31, 0), "ID",      r }}, .count = 2},
    {.offset = 0xD48, .name = "ID_DFR0", .reset = 0x0010'0000, .fields = {{bits(31, 0), "ID", r}}},
    {.offset = 0xD4C, .name = "ID_AFR0", .fields = {{bits(31, 0), "ID",      r }}},
    {.offset = 0xD50, .name = "ID_MMFR", .fields = {{bits(31, 0), "ID",      r }}, .count = 4},
    {.offset = 0xD60, .name = "ID_ISAR", .fields = {{bits(31, 0), "ID",      r }}, .count = 5},
    {.offset = 0xD78, .name = "CLIDR",   .reset = 0x0900'0003, .fields = {{bits(31, 0), "CLIDR", r}}},
    {.offset = 0xD7C, .name = "CTR",     .reset = 0x8303'C003, .fields = {{bits(31, 0), "CTR",   r}}},
    {.offset = 0xD80, .name = "CCSIDR",
     .fields = {{bits(2, 0), "LineSize", r}, {bits(12, 3), "Associativity", r}, {bits(27, 13), "NumSets", r}, {bits(31, 28), "Policies", r}},
     .live = &SystemControl::ccsidr},
    {.offset = 0xD84, .name = "CSSELR",  .fields = {{bit(0), "InD", rw}, {bits(3, 1), "Level", rw}}},
    {.offset = 0xD88, .name = "CPACR",
     .fields = {{bits(21, 20), "CP10", rw}, {bits(23, 22), "CP11", rw}}, .written = &SystemControl::copy_written},
    {.offset = 0xF34, .name = "FPCCR", .reset = 0xC000'0000,
     .fields = {
         {bit(0),       "LSPACT",         rw},
         {bit(1),       "USER",           rw},
         {bit(3),       "THREAD",         rw},
         {bit(4),       "HFRDY",          rw},
         {bit(5),       "MMRDY",          rw},
         {bit(6),       "BFRDY",          rw},
         {bit(8),       "MONRDY",         rw},
         {bit(30),      "LSPEN",          rw},
         {bit(31),      "ASPEN",          rw}},
     .written = &SystemControl::copy_written},
    {.offset = 0xF38, .name = "FPCAR",   .fields = {{bits(31, 3), "ADDRESS", rw}}},
    {.offset = 0xF3C, .name = "FPDSCR",
     .fields = {{bits(23, 22), "RMode", rw}, {bit(24), "FZ", rw}, {bit(25), "DN", rw}, {bit(26), "AHP", rw}},
     .written = &SystemControl::copy_written},
    {.offset = 0xF40, .name = "MVFR",     .fields = {{bits(31, 0), "MVFR", r}}, .count = 3},
    // CM7 cache maintenance: there is no cache to maintain, the operations are accepted.
    {.offset = 0xF50, .name = "ICIALLU",  .fields = {{bits(31, 0), "Ignored", w}}},
    {.offset = 0xF58, .name = "ICIMVAU",  .fields = {{bits(31, 0), "Address", w}}},
    {.offset = 0xF5C, .name = "DCIMVAC",  .fields = {{bits(31, 0), "Address", w}}},
    {.offset = 0xF60, .name = "DCISW",    .fields = {{bits(31, 0), "SetWay",  w}}},
    {.offset = 0xF64, .name = "DCCMVAU",  .fields = {{bits(31, 0), "Address", w}}},
    {.offset = 0xF68, .name = "DCCMVAC",  .fields = {{bits(31, 0), "Address", w}}},
    {.offset = 0xF6C, .name = "DCCSW",    .fields = {{bits(31, 0), "SetWay",  w}}},
    {.offset = 0xF70, .name = "DCCIMVAC", .fields = {{bits(31, 0), "Address", w}}},
    {.offset = 0xF74, .name = "DCCISW",   .fields = {{bits(31, 0), "SetWay",  w}}},
    {.offset = 0xF78, .name = "BPIALL",   .fields = {{bits(31, 0), "Ignored", w}}},
    {.offset = 0xF90, .name = "ITCMCR", .reset = 0x0000'0039,
     .fields = {{bit(0), "EN", rw}, {bit(1), "RMW", rw}, {bit(2), "RETEN", rw}, {bits(6, 3), "SZ", r}}},
    {.offset = 0xF94, .name = "DTCMCR", .reset = 0x0000'0041,
     .fields = {{bit(0), "EN", rw}, {bit(1), "RMW", rw}, {bit(2), "RETEN", rw}, {bits(6, 3), "SZ", r}}},
    {.offset = 0xF98, .name = "AHBPCR", .reset = 0x0000'0007,
     .fields = {{bit(0), "EN", rw}, {bits(3, 1), "SZ", r}}},
    {.offset = 0xF9C, .name = "CACR",
     .fields = {{bit(0), "SIWT", rw}, {bit(1), "ECCDIS", rw}, {bit(2), "FORCEWT", rw}}},
    {.offset = 0xFA0, .name = "AHBSCR", .reset = 0x0000'0800,
     .fields = {{bits(1, 0), "CTL", rw}, {bits(10, 2), "TPRI", rw}, {bits(15, 11), "INITCOUNT", rw}}},
    {.offset = 0xFA8, .name = "ABFSR",
     .fields = {{bit(0), "ITCM", r}, {bit(1), "DTCM", r}, {bit(2), "AHBP", r}, {bit(3), "AXIM", r}, {bit(4), "EPPB", r}, {bits(9, 8), "AXIMTYPE", r}}},
};
// clang-format on
static_assert(well_formed(SystemControl::registers));

SystemControl::SystemControl(Model model, const CoreStatus& core, Nvic& nvic)
    : RegisterBlock("SCB", 0xE000'E000, 0x1000), model_(model), core_(core), nvic_(nvic) {
    SystemControl::reset(ResetKind::power_on, 0);
}

void SystemControl::reset(ResetKind, std::uint32_t vtor) {
    regs_.reset();
    identify();
    set_vtor(vtor);
}

// What the two cores answer about themselves. The ID registers are the values of Arm's technical reference
// manuals.
void SystemControl::identify() {
    struct Identity {
        std::uint32_t cpuid, ccr, isar[5], mvfr[3];
    };
    static constexpr Identity kCm7 = {0x411F'C271,
                                      0x0004'0200,
                                      {0x0110'1110, 0x0211'2000, 0x2023'2231, 0x0111'1131, 0x0131'0132},
                                      {0x1011'0221, 0x1200'0011, 0x0000'0040}};
    static constexpr Identity kCm4 = {0x410F'C241,
                                      0x0000'0200,
                                      {0x0114'1110, 0x0211'2000, 0x2123'2231, 0x0111'1131, 0x0131'0102},
                                      {0x1011'0021, 0x1100'0011, 0}};
    const Identity& me = model_ == Model::cortex_m7 ? kCm7 : kCm4;
    regs_.set<"CPUID">(me.cpuid);
    regs_.set<"CCR">(me.ccr);
    regs_.set<"ID_PFR">(0x0000'0030, 0);
    regs_.set<"ID_PFR">(0x0000'0200, 1);
    regs_.set<"ID_MMFR">(0x0010'0030, 0);
    regs_.set<"ID_MMFR">(0x0100'0000, 2);
    for (unsigned i = 0; i < 5; ++i) regs_.set<"ID_ISAR">(me.isar[i], i);
    for (unsigned i = 0; i < 3; ++i) regs_.set<"MVFR">(me.mvfr[i], i);
}

// Cache identification and maintenance, TCM control and the AHB registers exist on the CM7 only.
bool SystemControl::exists(const Access& access) const {
    if (model_ == Model::cortex_m7) return true;
    const Address offset = offset_of(access);
    return !(offset >= 0xD78 && offset < 0xD88) && offset < 0xF50;
}

BusResult<std::uint64_t> SystemControl::read(const Access& access) {
    if (!exists(access)) return std::uint64_t{0};
    return RegisterBlock::read(access);
}

BusResult<void> SystemControl::write(const Access& access, std::uint64_t value) {
    if (!exists(access)) return {};
    if (cache_operation && access.size == 4 && offset_of(access) >= 0xF5C && offset_of(access) <= 0xF74)
        maintain(offset_of(access), static_cast<std::uint32_t>(value));
    return RegisterBlock::write(access, value);
}

void SystemControl::maintain(Address offset, std::uint32_t operand) {
    switch (offset) {
        case 0xF5C:
            return cache_operation({false, true, false, operand});
        case 0xF60:
            return cache_operation({false, true, true, operand});
        case 0xF64:
        case 0xF68:
            return cache_operation({true, false, false, operand});
        case 0xF6C:
            return cache_operation({true, false, true, operand});
        case 0xF70:
            return cache_operation({true, true, false, operand});
        case 0xF74:
            return cache_operation({true, true, true, operand});
        default:
            return;
    }
}

CachePolicy SystemControl::data_cache(CachePolicy policy) const {
    if (regs_.get<"CCR.DC">() == 0) return {};
    if (regs_.get<"CACR.FORCEWT">() != 0) policy.write_back = policy.write_allocate = false;
    return policy;
}

// --- what the core looks at ---

Address SystemControl::vtor() const { return regs_.get<"VTOR">(); }
void SystemControl::set_vtor(Address vectors) {
    regs_.set<"VTOR">(vectors & ~0x7FU);
    tell();
}
bool SystemControl::sevonpend() const { return regs_.get<"SCR.SEVONPEND">() != 0; }
bool SystemControl::sleepdeep() const { return regs_.get<"SCR.SLEEPDEEP">() != 0; }
bool SystemControl::sleeponexit() const { return regs_.get<"SCR.SLEEPONEXIT">() != 0; }
bool SystemControl::nonbasethrdena() const { return regs_.get<"CCR.NONBASETHRDENA">() != 0; }
bool SystemControl::usersetmpend() const { return regs_.get<"CCR.USERSETMPEND">() != 0; }
bool SystemControl::unalign_trp() const { return regs_.get<"CCR.UNALIGN_TRP">() != 0; }
bool SystemControl::div_0_trp() const { return regs_.get<"CCR.DIV_0_TRP">() != 0; }
bool SystemControl::bfhfnmign() const { return regs_.get<"CCR.BFHFNMIGN">() != 0; }
bool SystemControl::stkalign() const { return regs_.get<"CCR.STKALIGN">() != 0; }
bool SystemControl::disdefwbuf() const {
    return model_ == Model::cortex_m4 && regs_.get<"ACTLR.DISDEFWBUF">() != 0;
}

// 0b01: privileged only, 0b11: everybody; anything else refuses. CP11 must be set like CP10; where it is not,
// the instruction is refused.
bool SystemControl::fpu_access(bool privileged) const {
    const auto allows = [privileged](std::uint32_t field) {
        return field == 3 || (field == 1 && privileged);
    };
    return allows(regs_.get<"CPACR.CP10">()) && allows(regs_.get<"CPACR.CP11">());
}

std::uint32_t SystemControl::fpccr() const { return regs_.get<"FPCCR">(); }
void SystemControl::set_fpccr(std::uint32_t value) {
    regs_.set<"FPCCR">(value & 0xC000'017BU);
    if (context_changed) context_changed();
}
Address SystemControl::fpcar() const { return regs_.get<"FPCAR">(); }
void SystemControl::set_fpcar(Address frame) { regs_.set<"FPCAR">(frame & ~7U); }
std::uint32_t SystemControl::fpdscr() const { return regs_.get<"FPDSCR">(); }

// --- fault reports ---

void SystemControl::report(std::uint32_t cfsr_bits) { regs_.set<"CFSR">(regs_.get<"CFSR">() | cfsr_bits); }
void SystemControl::report_mem_manage(std::uint32_t cfsr_bits, Address address) {
    report(cfsr_bits | cfsr::kMmarvalid);
    regs_.set<"MMFAR">(address);
}
void SystemControl::report_bus_fault(std::uint32_t cfsr_bits, Address address) {
    report(cfsr_bits | cfsr::kBfarvalid);
    regs_.set<"BFAR">(address);
}
void SystemControl::report_hard_fault(std::uint32_t hfsr_bits) {
    regs_.set<"HFSR">(regs_.get<"HFSR">() | hfsr_bits);
}
void SystemControl::report_debug(std::uint32_t dfsr_bits) {
    regs_.set<"DFSR">(regs_.get<"DFSR">() | dfsr_bits);
}
std::uint32_t SystemControl::cfsr() const { return regs_.get<"CFSR">(); }
std::uint32_t SystemControl::hfsr() const { return regs_.get<"HFSR">(); }
Address SystemControl::mmfar() const { return regs_.get<"MMFAR">(); }
Address SystemControl::bfar() const { return regs_.get<"BFAR">(); }

// --- ICSR ---

std::uint32_t SystemControl::icsr(unsigned) const {
    using Regs = RegisterFile<SystemControl>;
    const unsigned running = core_.exception();
    std::uint32_t now = running & Regs::mask<"ICSR.VECTACTIVE">();
    now |= nvic_.vectpending(core_.masks()) << 12;
    if (nvic_.rettobase(running)) now |= Regs::mask<"ICSR.RETTOBASE">();
    if (nvic_.isrpending()) now |= Regs::mask<"ICSR.ISRPENDING">();
    if (nvic_.pending(kSysTick)) now |= Regs::mask<"ICSR.PENDSTSET">();
    if (nvic_.pending(kPendSv)) now |= Regs::mask<"ICSR.PENDSVSET">();
    if (nvic_.pending(kNmi)) now |= Regs::mask<"ICSR.NMIPENDSET">();
    return now;
}

BusResult<void> SystemControl::icsr_written(const RegisterWrite& write) {
    if (test_bit(write.value, 31)) nvic_.set_pending(kNmi);
    if (test_bit(write.value, 28)) nvic_.set_pending(kPendSv);
    if (test_bit(write.value, 27)) nvic_.clear_pending(kPendSv);
    if (test_bit(write.value, 26)) nvic_.set_pending(kSysTick);
    if (test_bit(write.value, 25)) nvic_.clear_pending(kSysTick);
    return {};
}

// --- AIRCR ---

bool SystemControl::keyed(const RegisterWrite& write) const { return write.value >> 16 == 0x05FAU; }

std::uint32_t SystemControl::aircr(unsigned) const { return 0xFA05'0000U | nvic_.prigroup() << 8; }

// VECTRESET and VECTCLRACTIVE are for a halted core under a debugger; written by the program they do nothing
// (0150).
BusResult<void> SystemControl::aircr_written(const RegisterWrite& write) {
    if (test_bit(write.lanes, 8)) nvic_.set_prigroup(extract(write.value, 10, 8));
    if (const std::uint32_t wanted = write.value & 3U; wanted != 0) {
        if (!core_.stands()) {
            if (trace_ != nullptr)
                trace_->unmodelled(name(), wanted == 2 ? "AIRCR.VECTCLRACTIVE" : "AIRCR.VECTRESET",
                                   write.access);
        } else if (test_bit(wanted, 0)) {
            if (vectreset) vectreset();
        } else {
            for (unsigned n = 1; n < kExceptions; ++n) nvic_.set_active(n, false);
        }
    }
    if (test_bit(write.value, 2) && sysresetreq) sysresetreq();
    return {};
}

// --- system handlers ---

namespace {

constexpr bool has_priority(unsigned exception) {
    return (exception >= kMemManage && exception <= kUsageFault) || exception == kSvCall ||
           exception == kDebugMonitor || exception == kPendSv || exception == kSysTick;
}

struct HandlerBit {
    unsigned bit, exception;
};
constexpr HandlerBit kActiveBits[] = {{0, kMemManage},    {1, kBusFault}, {3, kUsageFault}, {7, kSvCall},
                                      {8, kDebugMonitor}, {10, kPendSv},  {11, kSysTick}};
constexpr HandlerBit kPendedBits[] = {{12, kUsageFault}, {13, kMemManage}, {14, kBusFault}, {15, kSvCall}};
constexpr HandlerBit kEnableBits[] = {{16, kMemManage}, {17, kBusFault}, {18, kUsageFault}};

}  // namespace

std::uint32_t SystemControl::shpr(unsigned index) const {
    std::uint32_t word = 0;
    for (unsigned k = 0; k < 4; ++k) {
        const unsigned exception = 4 + 4 * index + k;
        if (has_priority(exception)) word |= static_cast<std::uint32_t>(nvic_.priority(exception)) << (8 * k);
    }
    return word;
}

BusResult<void> SystemControl::shpr_written(const RegisterWrite& write) {
    for (unsigned k = 0; k < 4; ++k) {
        const unsigned exception = 4 + 4 * write.index + k;
        if (test_bit(write.lanes, 8 * k) && has_priority(exception))
            nvic_.set_priority(exception, static_cast<std::uint8_t>(write.value >> (8 * k)));
    }
    return {};
}

std::uint32_t SystemControl::shcsr(unsigned) const {
    std::uint32_t now = 0;
    for (const auto& [at, exception] : kActiveBits) now |= (nvic_.active(exception) ? 1U : 0U) << at;
    for (const auto& [at, exception] : kPendedBits) now |= (nvic_.pending(exception) ? 1U : 0U) << at;
    for (const auto& [at, exception] : kEnableBits) now |= (nvic_.enabled(exception) ? 1U : 0U) << at;
    return now;
}

// An operating system may rewrite all of it: active and pending bits as well as the enables.
BusResult<void> SystemControl::shcsr_written(const RegisterWrite& write) {
    for (const auto& [at, exception] : kActiveBits)
        if (test_bit(write.lanes, at)) nvic_.set_active(exception, test_bit(write.value, at));
    for (const auto& [at, exception] : kPendedBits) {
        if (!test_bit(write.lanes, at)) continue;
        if (test_bit(write.value, at))
            nvic_.set_pending(exception);
        else
            nvic_.clear_pending(exception);
    }
    for (const auto& [at, exception] : kEnableBits)
        if (test_bit(write.lanes, at)) nvic_.set_enabled(exception, test_bit(write.value, at));
    return {};
}

// --- the rest ---

// The CM7 always aligns stack frames to 8 bytes; the CM4 has no caches to enable.
BusResult<void> SystemControl::ccr_written(const RegisterWrite&) {
    if (model_ == Model::cortex_m7) {
        regs_.set<"CCR.STKALIGN">(1);
    } else {
        regs_.set<"CCR.DC">(0);
        regs_.set<"CCR.IC">(0);
    }
    tell();
    return {};
}

BusResult<void> SystemControl::copy_written(const RegisterWrite&) {
    tell();
    return {};
}

// 16 Kbyte each: the data cache has 4 ways of 128 sets, the instruction cache 2 ways of 256 sets.
std::uint32_t SystemControl::ccsidr(unsigned) const {
    return regs_.get<"CSSELR.InD">() != 0 ? 0xF01F'E009U : 0xF00F'E019U;
}

}  // namespace h7::cpu

#include "emulator/cpu/dwt.hpp"

namespace h7::cpu {

// clang-format off
// ARMv7-M C1.6. Offsets from 0xE000EDF0.
inline constexpr Register<CoreDebug> CoreDebug::registers[4] = {
    {.offset = 0x0, .name = "DHCSR", .reset = 0x0001'0000,
     .fields = {
         {bit(0),  "C_DEBUGEN",   rw},
         {bit(1),  "C_HALT",      not_modelled},
         {bit(2),  "C_STEP",      not_modelled},
         {bit(3),  "C_MASKINTS",  not_modelled},
         {bit(5),  "C_SNAPSTALL", not_modelled},
         {bit(16), "S_REGRDY",    r},
         {bit(17), "S_HALT",      r},
         {bit(18), "S_SLEEP",     r},
         {bit(19), "S_LOCKUP",    r},
         {bit(24), "S_RETIRE_ST", r},
         {bit(25), "S_RESET_ST",  r}},
     .writable = &CoreDebug::halting_write_allowed, .live = &CoreDebug::halting},
    {.offset = 0x4, .name = "DCRSR", .fields = {{bits(4, 0), "REGSEL", not_modelled}, {bit(16), "REGWnR", not_modelled}}},
    {.offset = 0x8, .name = "DCRDR", .fields = {{bits(31, 0), "DBGTMP", rw}}},
    {.offset = 0xC, .name = "DEMCR",
     .fields = {
         {bit(0),     "VC_CORERESET", not_modelled},
         {bits(10, 4), "VC",          not_modelled},
         {bit(16),    "MON_EN",       rw},
         {bit(17),    "MON_PEND",     rw},
         {bit(18),    "MON_STEP",     not_modelled},
         {bit(19),    "MON_REQ",      rw},
         {bit(24),    "TRCENA",       rw}},
     .written = &CoreDebug::monitor_written, .live = &CoreDebug::monitor},
};

// system.md 5.5. Offsets from 0xE0001000.
inline constexpr Register<Dwt> Dwt::registers[13] = {
    {.offset = 0x000, .name = "CTRL", .reset = 0x4000'0000,
     .fields = {
         {bit(0),       "CYCCNTENA",   rw},
         {bits(4, 1),   "POSTPRESET",  not_modelled},
         {bits(8, 5),   "POSTINIT",    not_modelled},
         {bit(9),       "CYCTAP",      not_modelled},
         {bits(11, 10), "SYNCTAP",     not_modelled},
         {bit(12),      "PCSAMPLENA",  not_modelled},
         {bit(16),      "EXCTRCENA",   not_modelled},
         {bit(17),      "CPIEVTENA",   not_modelled},
         {bit(18),      "EXCEVTENA",   not_modelled},
         {bit(19),      "SLEEPEVTENA", not_modelled},
         {bit(20),      "LSUEVTENA",   not_modelled},
         {bit(21),      "FOLDEVTENA",  not_modelled},
         {bit(22),      "CYCEVTENA",   not_modelled},
         {bit(24),      "NOPRFCNT",    r},
         {bit(25),      "NOCYCCNT",    r},
         {bit(26),      "NOEXTTRIG",   r},
         {bit(27),      "NOTRCPKT",    r},
         {bits(31, 28), "NUMCOMP",     r}},
     .written = &Dwt::control_written},
    {.offset = 0x004, .name = "CYCCNT",   .fields = {{bits(31, 0), "CYCCNT", rw}},
     .written = &Dwt::count_written, .live = &Dwt::count},
    {.offset = 0x008, .name = "CPICNT",   .fields = {{bits(7, 0),  "CPICNT",    not_modelled}}},
    {.offset = 0x00C, .name = "EXCCNT",   .fields = {{bits(7, 0),  "EXCCNT",    not_modelled}}},
    {.offset = 0x010, .name = "SLEEPCNT", .fields = {{bits(7, 0),  "SLEEPCNT",  not_modelled}}},
    {.offset = 0x014, .name = "LSUCNT",   .fields = {{bits(7, 0),  "LSUCNT",    not_modelled}}},
    {.offset = 0x018, .name = "FOLDCNT",  .fields = {{bits(7, 0),  "FOLDCNT",   not_modelled}}},
    {.offset = 0x01C, .name = "PCSR",     .fields = {{bits(31, 0), "EIASAMPLE", not_modelled}}},
    {.offset = 0x020, .name = "COMP",     .fields = {{bits(31, 0), "COMP",      not_modelled}}, .count = 4, .stride = 16},
    {.offset = 0x024, .name = "MASK",     .fields = {{bits(4, 0),  "MASK",      not_modelled}}, .count = 4, .stride = 16},
    {.offset = 0x028, .name = "FUNCTION", .fields = {{bits(19, 0), "FUNCTION",  not_modelled}}, .count = 4, .stride = 16},
    {.offset = 0xFB0, .name = "LAR",      .fields = {{bits(31, 0), "KEY", w}}, .written = &Dwt::unlock},
    {.offset = 0xFB4, .name = "LSR",      .fields = {{bit(0), "SLI", r}, {bit(1), "SLK", r}}, .live = &Dwt::lock_status},
};

// system.md 5.5. Offsets from 0xE0002000. Eight comparators on both cores (CM4: six for code, two for literals).
inline constexpr Register<BreakpointUnit> BreakpointUnit::registers[3] = {
    {.offset = 0x0, .name = "FP_CTRL", .reset = 0x0000'0080,
     .fields = {{bit(0), "ENABLE", not_modelled}, {bit(1), "KEY", w}, {bits(7, 4), "NUM_CODE", r}, {bits(11, 8), "NUM_LIT", r}},
     .writable = &BreakpointUnit::keyed},
    {.offset = 0x4, .name = "FP_REMAP", .fields = {{bits(28, 5), "REMAP", not_modelled}, {bit(29), "RMPSPT", r}}},
    {.offset = 0x8, .name = "FP_COMP",  .fields = {{bits(31, 0), "COMP",  not_modelled}}, .count = 8},
};
// clang-format on
static_assert(well_formed(CoreDebug::registers));
static_assert(well_formed(Dwt::registers));
static_assert(well_formed(BreakpointUnit::registers));

// --- core debug ---

CoreDebug::CoreDebug(const CoreStatus& core, Nvic& nvic)
    : RegisterBlock("CoreDebug", 0xE000'EDF0, 0x10), core_(core), nvic_(nvic) {}

bool CoreDebug::trcena() const { return regs_.get<"DEMCR.TRCENA">() != 0; }

void CoreDebug::reset(ResetKind kind) {
    if (kind == ResetKind::power_on) regs_.reset();
    nvic_.set_enabled(kDebugMonitor, regs_.get<"DEMCR.MON_EN">() != 0);
    if (trcena_changed) trcena_changed();
}

// The program itself cannot turn halting debug on: only a debugger writes here, with the key.
bool CoreDebug::halting_write_allowed(const RegisterWrite& write) const {
    return is_debugger(write.access.master) && write.value >> 16 == 0xA05FU;
}

/// A core that is locked up is not halted, whatever its debugger has been told (ARMv7-M C1.6.2).
std::uint32_t CoreDebug::halting(unsigned) const {
    using Regs = RegisterFile<CoreDebug>;
    std::uint32_t now = regs_.get<"DHCSR">();
    if (core_.locked_up())
        now |= Regs::mask<"DHCSR.S_LOCKUP">();
    else if (core_.stands())
        now |= Regs::mask<"DHCSR.S_HALT">() | Regs::mask<"DHCSR.C_HALT">();
    if (core_.sleeps()) now |= Regs::mask<"DHCSR.S_SLEEP">();
    return now;
}

std::uint32_t CoreDebug::monitor(unsigned) const {
    constexpr std::uint32_t kMonPend = RegisterFile<CoreDebug>::mask<"DEMCR.MON_PEND">();
    return (regs_.get<"DEMCR">() & ~kMonPend) | (nvic_.pending(kDebugMonitor) ? kMonPend : 0);
}

BusResult<void> CoreDebug::monitor_written(const RegisterWrite& write) {
    nvic_.set_enabled(kDebugMonitor, regs_.get<"DEMCR.MON_EN">() != 0);
    if (test_bit(write.lanes, 17)) {
        if (test_bit(write.value, 17))
            nvic_.set_pending(kDebugMonitor);
        else
            nvic_.clear_pending(kDebugMonitor);
    }
    if (trcena_changed) trcena_changed();
    return {};
}

// --- cycle counter ---

Dwt::Dwt(Model model, const CoreStatus& core, CoreDebug& debug)
    : RegisterBlock("DWT", 0xE000'1000, 0x1000), model_(model), core_(core), debug_(debug) {
    debug_.trcena_changed = [this] { follow(); };
}

void Dwt::reset(ResetKind kind) {
    if (kind != ResetKind::power_on) return;
    regs_.reset();
    locked_ = true;
    counting_ = false;
    base_ = 0;
}

void Dwt::set_strict(bool strict) {
    strict_ = strict;
    follow();
}

std::uint32_t Dwt::cyccnt() const {
    return counting_ ? base_ + static_cast<std::uint32_t>(core_.cycles()) : base_;
}

void Dwt::put(std::uint32_t value) {
    base_ = counting_ ? value - static_cast<std::uint32_t>(core_.cycles()) : value;
}

// Something that starts or stops the counter was written.
void Dwt::follow() {
    const bool counts = regs_.get<"CTRL.CYCCNTENA">() != 0 && (!strict_ || debug_.trcena());
    if (counts == counting_) return;
    const std::uint32_t value = cyccnt();
    counting_ = counts;
    put(value);
}

BusResult<void> Dwt::control_written(const RegisterWrite&) {
    follow();
    return {};
}

BusResult<void> Dwt::count_written(const RegisterWrite& write) {
    put((cyccnt() & ~write.lanes) | write.value);
    return {};
}

BusResult<void> Dwt::unlock(const RegisterWrite& write) {
    locked_ = write.value != 0xC5AC'CE55U;
    return {};
}

// The CM4 has no software lock.
std::uint32_t Dwt::lock_status(unsigned) const {
    if (model_ == Model::cortex_m4) return 0;
    return 1U | (locked_ ? 2U : 0U);
}

BusResult<void> Dwt::write(const Access& access, std::uint64_t value) {
    const bool is_key = offset_of(access) == 0xFB0;
    if (locks() && locked_ && !is_key && !is_debugger(access.master)) return {};
    return RegisterBlock::write(access, value);
}

void Dwt::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.flag(strict_);
    out.flag(locked_);
    out.flag(counting_);
    out.u32(base_);
}

void Dwt::load(StateReader& in) {
    RegisterBlock::load(in);
    strict_ = in.flag();
    locked_ = in.flag();
    counting_ = in.flag();
    base_ = in.u32();
}

// --- breakpoint unit ---

BreakpointUnit::BreakpointUnit(Model model) : RegisterBlock("FPB", 0xE000'2000, 0x1000), model_(model) {
    BreakpointUnit::reset(ResetKind::power_on);
}

void BreakpointUnit::reset(ResetKind kind) {
    if (kind != ResetKind::power_on) return;
    regs_.reset();
    if (model_ == Model::cortex_m4) regs_.set<"FP_CTRL">(0x0000'0260);
}

bool BreakpointUnit::keyed(const RegisterWrite& write) const { return test_bit(write.value, 1); }

}  // namespace h7::cpu

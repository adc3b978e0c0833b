#include "emulator/cpu/systick.hpp"

namespace h7::cpu {

// clang-format off
// system.md 5.4. Offsets from 0xE000E010.
inline constexpr Register<SysTick> SysTick::registers[4] = {
    {.offset = 0x0, .name = "CTRL",
     .fields = {
         {bit(0),       "ENABLE",    rw},
         {bit(1),       "TICKINT",   rw},
         {bit(2),       "CLKSOURCE", rw},
         {bit(16),      "COUNTFLAG", r }},
     .written = &SysTick::control_written, .taken = &SysTick::control_now},
    {.offset = 0x4, .name = "LOAD",
     .fields = {{bits(23, 0), "RELOAD",  rw}}, .written = &SysTick::reload_written},
    {.offset = 0x8, .name = "VAL",
     .fields = {{bits(23, 0), "CURRENT", rw}}, .written = &SysTick::current_written, .live = &SysTick::current},
    {.offset = 0xC, .name = "CALIB", .reset = 0x0000'03E8,
     .fields = {{bits(23, 0), "TENMS", r}, {bit(30), "SKEW", r}, {bit(31), "NOREF", r}}},
};
// clang-format on
static_assert(well_formed(SysTick::registers));

SysTick::SysTick(const CoreStatus& core, Nvic& nvic)
    : RegisterBlock("SysTick", 0xE000'E010, 0x10), core_(core), nvic_(nvic) {}

void SysTick::reset(ResetKind) {
    regs_.reset();
    tick_ = 0;
    value_ = reload_ = 0;
    running_ = tickint_ = false;
    eighth_ = true;
}

std::uint64_t SysTick::divider() const { return eighth_ ? 8 : 1; }

// From 0 the next count loads LOAD, so a full period is LOAD + 1 counts; with LOAD = 0 the counter stays at
// 0.
std::uint32_t SysTick::value_at(std::uint64_t tick) const {
    const std::uint64_t past = tick - tick_;
    if (past <= value_) return value_ - static_cast<std::uint32_t>(past);
    if (reload_ == 0) return 0;
    const std::uint64_t in_period = (past - value_) % (reload_ + 1U);
    return in_period == 0 ? 0 : static_cast<std::uint32_t>(reload_ + 1U - in_period);
}

std::uint64_t SysTick::zeros_until(std::uint64_t tick) const {
    const std::uint64_t past = tick - tick_;
    if (past < value_) return 0;
    const std::uint64_t first = value_ > 0 ? 1 : 0;
    return first + (reload_ == 0 ? 0 : (past - value_) / (reload_ + 1U));
}

void SysTick::rebase(std::uint64_t tick, std::uint32_t value) {
    tick_ = tick;
    value_ = value;
}

std::uint64_t SysTick::next_event() const {
    if (!running_ || !tickint_) return kNoEvent;
    if (value_ == 0 && reload_ == 0) return kNoEvent;
    return (tick_ + (value_ != 0 ? value_ : reload_ + 1U)) * divider();
}

void SysTick::advance(std::uint64_t cycle) {
    const std::uint64_t tick = cycle / divider();
    if (!running_ || tick <= tick_) return;
    const bool reached_zero = zeros_until(tick) != 0;
    rebase(tick, value_at(tick));
    if (!reached_zero) return;
    regs_.set<"CTRL.COUNTFLAG">(1);
    if (tickint_) nvic_.set_pending(kSysTick);
}

// A read by the program clears COUNTFLAG, a look through the debug port does not.
std::uint32_t SysTick::control_now(const Access& access, unsigned) {
    advance(core_.cycles());
    const std::uint32_t now = regs_.get<"CTRL">();
    if (!is_debugger(access.master)) regs_.set<"CTRL.COUNTFLAG">(0);
    return now;
}

std::uint32_t SysTick::current(unsigned) const {
    return running_ ? value_at(core_.cycles() / divider()) : value_;
}

BusResult<void> SysTick::control_written(const RegisterWrite&) {
    const std::uint64_t cycle = core_.cycles();
    advance(cycle);  // with the settings in force until now
    running_ = regs_.get<"CTRL.ENABLE">() != 0;
    tickint_ = regs_.get<"CTRL.TICKINT">() != 0;
    eighth_ = regs_.get<"CTRL.CLKSOURCE">() == 0;
    rebase(cycle / divider(), value_);
    return {};
}

BusResult<void> SysTick::reload_written(const RegisterWrite&) {
    advance(core_.cycles());
    reload_ = regs_.get<"LOAD.RELOAD">();
    return {};
}

// Any value clears the counter and COUNTFLAG; that is not a count to 0, so nothing becomes pending.
BusResult<void> SysTick::current_written(const RegisterWrite&) {
    const std::uint64_t cycle = core_.cycles();
    advance(cycle);
    rebase(cycle / divider(), 0);
    regs_.set<"CTRL.COUNTFLAG">(0);
    return {};
}

void SysTick::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.u64(tick_);
    out.u32(value_);
    out.u32(reload_);
    out.flag(running_);
    out.flag(tickint_);
    out.flag(eighth_);
}

void SysTick::load(StateReader& in) {
    RegisterBlock::load(in);
    tick_ = in.u64();
    value_ = in.u32() & 0x00FF'FFFFU;
    reload_ = in.u32() & 0x00FF'FFFFU;
    running_ = in.flag();
    tickint_ = in.flag();
    eighth_ = in.flag();
}

}  // namespace h7::cpu

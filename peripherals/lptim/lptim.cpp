#include "peripherals/lptim/lptim.hpp"

#include <algorithm>

namespace h7::lptim {
namespace {

constexpr std::uint32_t kCmpm = 1, kArrm = 2, kCmpok = 8, kArrok = 16;
constexpr Address kCnt = 0x1C;

}  // namespace

Lptim::Lptim(std::string_view name, Address base, Clock& clock)
    : RegisterBlock(name, base, 0x400), clock_(clock), alarm_(clock, name, [this] {
          touch();
          catch_up();
          settle();
      }) {}

void Lptim::set_clock(std::uint32_t hz) {
    if (hz == ticks_.hz()) return;
    touch();
    run(ticks_.change(clock_.now(), hz));
    settle();
}

void Lptim::listen_to_output(bool heard) {
    if (heard == heard_) return;
    touch();
    catch_up();
    heard_ = heard;
    settle();
}

void Lptim::reset(ResetKind) {
    regs_.reset();
    matched_ = false;
    (void)ticks_.take(clock_.now());
    phase_ = 0;
    run_ = Run::stopped;
    value_ = compare_ = 0;
    reload_ = 1;
    settle();
}

// --- registers ---

BusResult<std::uint64_t> Lptim::read(const Access& access) {
    catch_up();
    auto value = RegisterBlock::read(access);
    if ((offset_of(access) & ~Address{3}) == kCnt && regs_.get<"CR.RSTARE">() != 0) {
        value_ = 0;
        phase_ = 0;
        settle();
    }
    return value;
}

BusResult<void> Lptim::write(const Access& access, std::uint64_t value) {
    catch_up();
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

BusResult<void> Lptim::control_written(const RegisterWrite& write) {
    if (!enabled()) {  // the counter and its flags belong to an enabled timer
        run_ = Run::stopped;
        value_ = 0;
        phase_ = 0;
        matched_ = false;
        return {};
    }
    // The start bits act while ENABLE is already 1.
    const bool was_enabled = RegisterFile<Lptim>::field<"CR.ENABLE">(write.old) != 0;
    if (was_enabled && by_software()) {
        if (test_bit(write.value, 2)) {
            run_ = Run::on;
        } else if (test_bit(write.value, 1) && run_ != Run::once) {
            if (run_ == Run::stopped) value_ = 0;
            run_ = Run::once;  // a continuous run ends with its present period
        }
    }
    if (test_bit(write.value, 3)) value_ = 0;
    return {};
}

BusResult<void> Lptim::clear_written(const RegisterWrite& write) {
    regs_.set<"ISR">(regs_.get<"ISR">() & ~write.value);
    return {};
}

BusResult<void> Lptim::compare_written(const RegisterWrite&) {
    if (regs_.get<"CFGR.PRELOAD">() == 0 || !counting()) compare_ = regs_.get<"CMP">();
    flag(kCmpok);
    return {};
}

BusResult<void> Lptim::reload_written(const RegisterWrite&) {
    if (regs_.get<"CFGR.PRELOAD">() == 0 || !counting()) reload_ = regs_.get<"ARR">();
    flag(kArrok);
    return {};
}

bool Lptim::internal() const {
    return regs_.get<"CFGR.CKSEL">() == 0 && regs_.get<"CFGR.COUNTMODE">() == 0 &&
           regs_.get<"CFGR.ENC">() == 0;
}

// --- counting ---

void Lptim::run(std::uint64_t ticks) {
    if (!counting()) return;
    std::uint64_t steps = (phase_ + ticks) / divider();
    phase_ = (phase_ + ticks) % divider();
    while (steps > 0 && counting()) {
        const bool same = reload_ == regs_.get<"ARR">() && compare_ == regs_.get<"CMP">();
        if (run_ == Run::on && same && value_ <= reload_ && steps >= 2 * std::uint64_t{period()}) {
            flag(kArrm | (compare_ <= reload_ ? kCmpm : 0));  // whole periods leave it where it was
            matched_ = matched_ || compare_ < reload_;
            steps %= period();
            continue;
        }
        count_to_end(steps);
    }
}

/// Up to the end of the period, or as far as the steps go. A value above the reload value runs to the top
/// first.
void Lptim::count_to_end(std::uint64_t& steps) {
    const std::uint32_t last = value_ <= reload_ ? reload_ : 0xFFFF;
    const auto moved = static_cast<std::uint32_t>(std::min<std::uint64_t>(steps, last - value_));
    if (compare_ > value_ && compare_ <= value_ + moved) flag(kCmpm);
    value_ += moved;
    matched_ = matched_ || (value_ > compare_ && value_ <= reload_);
    steps -= moved;
    if (moved != 0 && value_ == reload_) flag(kArrm);
    if (steps == 0) return;
    --steps;
    if (last == reload_) {
        period_ends();
    } else {
        value_ = 0;
    }
    if (compare_ == 0) flag(kCmpm);
}

void Lptim::period_ends() {
    value_ = 0;
    reload_ = regs_.get<"ARR">();
    compare_ = regs_.get<"CMP">();
    if (run_ == Run::once) run_ = Run::stopped;
}

// --- interrupts, output ---

/// RM0399 48.4.10: PWM and one-pulse follow the counter, set-once stays high.
bool Lptim::output() const {
    const bool above = run_ != Run::stopped && value_ > compare_ && value_ <= reload_;
    const bool high = regs_.get<"CFGR.WAVE">() != 0 ? matched_ : above;
    return enabled() && high != (regs_.get<"CFGR.WAVPOL">() != 0);
}

void Lptim::settle() {
    out.set(output());
    const std::uint32_t flags = regs_.get<"ISR">(), enables = regs_.get<"IER">();
    irq.set((flags & enables) != 0);
    const std::uint32_t wanted = enables & ~flags & (kCmpm | kArrm);
    if ((wanted == 0 && !heard_) || !counting()) return alarm_.set(kNever);
    // The next match, or the end of the period, behind which it is asked again.
    const std::uint32_t last = value_ <= reload_ ? reload_ : 0xFFFF;
    std::uint64_t steps = std::uint64_t{last} - value_ + 1;
    if ((wanted & kArrm) != 0 && value_ < reload_) steps = std::min<std::uint64_t>(steps, reload_ - value_);
    if ((wanted & kCmpm) != 0 && compare_ > value_ && compare_ <= last)
        steps = std::min<std::uint64_t>(steps, compare_ - value_);
    if (heard_ && compare_ >= value_ && compare_ < last)
        steps = std::min<std::uint64_t>(steps, compare_ - value_ + 1);
    alarm_.set(ticks_.when(steps * divider() - phase_));
}

// --- state ---

void Lptim::save(StateWriter& to) const {
    RegisterBlock::save(to);
    ticks_.save(to);
    to.u64(phase_);
    to.u8(static_cast<std::uint8_t>(run_));
    to.u32(value_);
    to.u32(reload_);
    to.u32(compare_);
    to.flag(heard_);
    to.flag(matched_);
}

void Lptim::load(StateReader& in) {
    RegisterBlock::load(in);
    ticks_.load(in);
    phase_ = in.u64() % divider();
    run_ = static_cast<Run>(in.u8() % 3);
    value_ = in.u32() & 0xFFFFU;
    reload_ = in.u32() & 0xFFFFU;
    compare_ = in.u32() & 0xFFFFU;
    heard_ = in.flag();
    matched_ = in.flag();
    settle();
}

}  // namespace h7::lptim

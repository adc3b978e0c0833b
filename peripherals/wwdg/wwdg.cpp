#include "peripherals/wwdg/wwdg.hpp"

namespace h7::wwdg {
namespace {

constexpr std::uint32_t kWarning = 0x40;  // one step further T6 falls

}  // namespace

Wwdg::Wwdg(std::string_view name, Address base, Address size, Clock& clock)
    : RegisterBlock(name, base, size), clock_(clock), alarm_(clock, name, [this] {
          touch();
          catch_up();
          settle();
      }) {}

void Wwdg::set_clock(std::uint32_t hz) {
    if (hz == ticks_.hz()) return;
    touch();
    run(ticks_.change(clock_.now(), hz));
    settle();
}

void Wwdg::reset(ResetKind) {
    regs_.reset();
    (void)ticks_.take(clock_.now());
    counter_ = 0x7F;
    phase_ = 0;
    expired_ = false;
    settle();
}

BusResult<std::uint64_t> Wwdg::read(const Access& access) {
    catch_up();
    return RegisterBlock::read(access);
}

BusResult<void> Wwdg::write(const Access& access, std::uint64_t value) {
    catch_up();
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

std::uint32_t Wwdg::control(unsigned) const { return (regs_.get<"CR">() & ~0x7FU) | counter_; }

BusResult<void> Wwdg::control_written(const RegisterWrite& write) {
    const bool was_active = RegisterFile<Wwdg>::field<"CR.WDGA">(write.old) != 0;
    const bool too_early = was_active && counter_ > regs_.get<"CFR.W">();
    counter_ = regs_.get<"CR.T">();
    if (counter_ == kWarning) regs_.set<"SR.EWIF">(1);
    if (active() && (too_early || counter_ < kWarning)) expire();
    return {};
}

BusResult<void> Wwdg::configuration_written(const RegisterWrite&) {
    phase_ %= divider();
    return {};
}

// It runs down even when it is not active, then without an end: from 0 to 0x7F.
void Wwdg::run(std::uint64_t ticks) {
    if (expired_) return;
    const std::uint64_t steps = (phase_ + ticks) / divider();
    phase_ = (phase_ + ticks) % divider();
    if (steps == 0) return;
    const std::uint32_t to_warning = counter_ > kWarning ? counter_ - kWarning : counter_ - kWarning + 0x80;
    if (steps >= to_warning && !(active() && counter_ <= kWarning)) regs_.set<"SR.EWIF">(1);
    if (active() && steps > counter_ - kWarning) return expire();
    counter_ = static_cast<std::uint32_t>(counter_ - steps) & 0x7FU;
}

void Wwdg::expire() {
    expired_ = true;
    counter_ = kWarning - 1;
    if (timed_out) timed_out();
}

void Wwdg::settle() {
    const bool warned = regs_.get<"SR.EWIF">() != 0;
    irq.set(warned && regs_.get<"CFR.EWI">() != 0 && active());
    if (!active() || expired_) return alarm_.set(kNever);
    std::uint64_t steps = counter_ - kWarning + 1;
    if (regs_.get<"CFR.EWI">() != 0 && !warned && steps > 1) --steps;
    alarm_.set(ticks_.when(steps * divider() - phase_));
}

void Wwdg::save(StateWriter& out) const {
    RegisterBlock::save(out);
    ticks_.save(out);
    out.u32(counter_);
    out.u64(phase_);
    out.flag(expired_);
}

void Wwdg::load(StateReader& in) {
    RegisterBlock::load(in);
    ticks_.load(in);
    counter_ = in.u32() & 0x7FU;
    phase_ = in.u64() % divider();
    expired_ = in.flag();
    if (active() && counter_ < kWarning) expired_ = true;
    settle();
}

}  // namespace h7::wwdg

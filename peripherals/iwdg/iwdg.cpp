#include "peripherals/iwdg/iwdg.hpp"

#include <algorithm>

namespace h7::iwdg {
namespace {

constexpr std::uint32_t kRefresh = 0xAAAA, kUnlock = 0x5555, kStart = 0xCCCC;

}  // namespace

Iwdg::Iwdg(std::string_view name, Address base, Clock& clock)
    : RegisterBlock(name, base, 0x400), clock_(clock), alarm_(clock, name, [this] {
          touch();
          catch_up();
          settle();
      }) {}

std::uint64_t Iwdg::divider() const { return std::uint64_t{4} << std::min(regs_.get<"PR.PR">(), 6U); }

void Iwdg::set_clock(std::uint32_t hz) {
    if (hz == ticks_.hz()) return;
    touch();
    run(ticks_.change(clock_.now(), hz));
    settle();
}

void Iwdg::start() {
    touch();
    catch_up();
    running_ = true;
    if (started) started();
    settle();
}

void Iwdg::reset(ResetKind kind) {
    if (kind == ResetKind::domain || kind == ResetKind::peripheral) return;  // it belongs to no domain
    catch_up();
    unlocked_ = false;
    if (kind == ResetKind::standby_exit) {  // it counts through Standby; KR, RLR and WINR are reset
        regs_.set<"RLR">(0xFFF);
        regs_.set<"WINR">(0xFFF);
    } else {
        regs_.reset();
        counter_ = 0xFFF;
        phase_ = 0;
        running_ = expired_ = false;
    }
    settle();
}

BusResult<void> Iwdg::write(const Access& access, std::uint64_t value) {
    catch_up();
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

BusResult<void> Iwdg::key_written(const RegisterWrite& write) {
    const std::uint32_t key = write.value & 0xFFFFU;
    unlocked_ = key == kUnlock;
    if (key == kStart && !running_) start();
    if (key == kRefresh) {
        if (running_ && counter_ > regs_.get<"WINR">()) {
            expire();
        } else {
            reload();
        }
    }
    return {};
}

BusResult<void> Iwdg::prescaler_written(const RegisterWrite&) {
    phase_ %= divider();
    return {};
}

BusResult<void> Iwdg::window_written(const RegisterWrite&) {
    reload();
    return {};
}

void Iwdg::reload() {
    counter_ = regs_.get<"RLR">();
    phase_ = 0;
}

void Iwdg::run(std::uint64_t ticks) {
    if (!running_ || expired_) return;
    const std::uint64_t steps = (phase_ + ticks) / divider();
    phase_ = (phase_ + ticks) % divider();
    if (steps > counter_) return expire();
    counter_ -= static_cast<std::uint32_t>(steps);
}

void Iwdg::expire() {
    expired_ = true;
    if (timed_out) timed_out();
}

void Iwdg::settle() {
    const bool ends = running_ && !expired_;
    alarm_.set(ends ? ticks_.when((std::uint64_t{counter_} + 1) * divider() - phase_) : kNever);
}

void Iwdg::save(StateWriter& out) const {
    RegisterBlock::save(out);
    ticks_.save(out);
    out.u32(counter_);
    out.u64(phase_);
    out.flag(running_);
    out.flag(unlocked_);
    out.flag(expired_);
}

void Iwdg::load(StateReader& in) {
    RegisterBlock::load(in);
    ticks_.load(in);
    counter_ = in.u32() & 0xFFFU;
    phase_ = in.u64() % divider();
    running_ = in.flag();
    unlocked_ = in.flag();
    expired_ = in.flag();
    settle();
}

}  // namespace h7::iwdg

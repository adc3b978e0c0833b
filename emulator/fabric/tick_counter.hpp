// Periods of a clock signal, counted exactly in virtual time: the fraction of a period is kept over every
// look and every change of frequency, so nothing drifts. What counters and watchdogs are made of: nobody
// ticks, a look computes.
#pragma once

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/state.hpp"

namespace h7 {

class TickCounter {
public:
    std::uint64_t hz() const { return hz_; }

    /// Whole periods since the last take(), up to `now`. A core that lags behind asks for a time already
    /// counted: none.
    std::uint64_t take(Time now) {
        if (now <= since_) return 0;
        const Wide phase = Wide{now - since_} * hz_ + phase_;
        since_ = now;
        phase_ = static_cast<std::uint64_t>(phase % kSecond);
        return static_cast<std::uint64_t>(phase / kSecond);
    }
    /// From `now` on the signal has `hz` (0: it stands). The whole periods until then.
    std::uint64_t change(Time now, std::uint64_t hz) {
        const std::uint64_t ticks = take(now);
        hz_ = hz;
        return ticks;
    }
    /// When `ticks` more periods (at least one) than at the last take() are over; kNever while the signal
    /// stands.
    Time when(std::uint64_t ticks) const {
        if (hz_ == 0) return kNever;
        const Wide at = (Wide{ticks} * kSecond - phase_ + (hz_ - 1)) / hz_ + since_;
        return at < kNever ? static_cast<Time>(at) : kNever;
    }

    void save(StateWriter& out) const {
        out.u64(hz_);
        out.u64(since_);
        out.u64(phase_);
    }
    void load(StateReader& in) {
        hz_ = in.u64() & 0xFFFF'FFFFU;
        since_ = in.u64();
        phase_ = in.u64() % kSecond;
    }

private:
    __extension__ using Wide = unsigned __int128;
    std::uint64_t hz_ = 0;
    Time since_ = 0;
    std::uint64_t phase_ = 0;  // of the period under way, in 1e-12
};

/// One event that moves: set to another time, or off. The action of a block that knows its next deadline.
class Alarm {
public:
    Alarm(Clock& clock, std::string_view name, std::function<void()> action)
        : clock_(clock), name_(name), action_(std::move(action)) {}
    ~Alarm() { clock_.cancel(id_); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    /// kNever: off.
    void set(Time when) {
        if (when == when_ && !clock_.restoring()) return;
        if (!clock_.restoring()) clock_.cancel(id_);  // otherwise it is gone already
        id_ = 0;
        when_ = when;
        if (when != kNever) id_ = clock_.at(when, name_, [this] { fire(); });
    }
    Time when() const { return when_; }

private:
    void fire() {
        id_ = 0;
        when_ = kNever;
        action_();
    }

    Clock& clock_;
    std::string_view name_;
    std::function<void()> action_;
    Time when_ = kNever;
    Clock::EventId id_ = 0;
};

}  // namespace h7

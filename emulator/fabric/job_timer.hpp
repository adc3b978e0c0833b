// The time of a bus master's work: a job takes cycles of a clock that may change its frequency or stand. A
// look tells how many cycles have gone by; one event is made, for the end of the job. What DMA engines are
// paced by.
#pragma once

#include <algorithm>

#include "emulator/fabric/tick_counter.hpp"

namespace h7 {

class JobTimer {
public:
    /// `done` is called when the cycles of a job are over, or at the end of a wait. `name` must outlive it.
    JobTimer(Clock& clock, std::string_view name, std::function<void()> done)
        : clock_(clock), alarm_(clock, name, std::move(done)) {}

    std::uint64_t hz() const { return ticks_.hz(); }
    /// A snapshot is being put back: what wires say is no news.
    bool restoring() const { return clock_.restoring(); }
    /// The clock has `hz` from now on; 0: it stands, and the job with it.
    void set_hz(std::uint64_t hz) {
        if (hz == ticks_.hz()) return;
        gone_ += ticks_.change(clock_.now(), hz);
        arm();
    }

    /// A job of `cycles` (at least one) begins now.
    void begin(std::uint64_t cycles) {
        static_cast<void>(ticks_.take(clock_.now()));
        gone_ = 0;
        cycles_ = std::max<std::uint64_t>(cycles, 1);
        arm();
    }
    /// The job under way is over after `cycles` of it.
    void end_after(std::uint64_t cycles) {
        if (!working()) return;
        gone_ = gone();
        cycles_ = std::max<std::uint64_t>(cycles, 1);
        arm();
    }
    /// A slave holds the master (F-043): `done` is called at `until`, and then it is up to the master.
    void wait(Time until) {
        gone_ = cycles_ = 0;
        alarm_.set(std::max(until, clock_.now() + 1));
    }
    void stop() {
        gone_ = cycles_ = 0;
        alarm_.set(kNever);
    }

    /// A job is under way (not a wait).
    bool working() const { return cycles_ != 0; }
    /// Neither a job nor a wait.
    bool idle() const { return cycles_ == 0 && alarm_.when() == kNever; }
    /// Cycles of the job that are over, at most all.
    std::uint64_t gone() {
        gone_ += ticks_.take(clock_.now());
        return std::min(gone_, cycles_);
    }

    void save(StateWriter& out) const {
        ticks_.save(out);
        out.u64(gone_);
        out.u64(cycles_);
        out.u64(alarm_.when());
    }
    void load(StateReader& in) {
        alarm_.set(kNever);
        ticks_.load(in);
        gone_ = in.u64();
        cycles_ = in.u64();
        if (const Time when = in.u64(); when != kNever && in.ok()) alarm_.set(when);
    }

private:
    void arm() {
        if (cycles_ == 0) return;  // nothing to do, or a wait, whose end does not move
        alarm_.set(gone_ < cycles_ ? ticks_.when(cycles_ - gone_) : clock_.now());
    }

    Clock& clock_;
    Alarm alarm_;
    TickCounter ticks_;
    std::uint64_t gone_ = 0, cycles_ = 0;
};

}  // namespace h7

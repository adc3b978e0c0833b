#include "emulator/chip/schedule.hpp"

#include <utility>

namespace h7::chip {

bool Schedule::step(Time limit) {
    cpu::Core& cm7 = *cores_[0];
    cpu::Core& cm4 = *cores_[1];
    if (cpu::Core* core = std::exchange(interrupted_, nullptr)) {
        run(*core, std::min({until_, clock_.next_deadline(), limit}));
        return true;
    }
    if (!awake(cm7) && !awake(cm4)) return skip_idle(limit);

    const Time done = reached();
    if (done >= turn_end_) turn_end_ = done + (drawn_ ? draw_turn() : turn_);
    const Time horizon = std::min({turn_end_, clock_.next_deadline(), limit});
    if (done >= horizon) {  // both are there: what was due happens
        clock_.advance_to(done);
        return true;
    }
    if (awake(cm7) && awake(cm4)) {
        const bool cm4_next = cm4_first_ ? cm4.now() <= cm7.now() : cm4.now() < cm7.now();
        const unsigned next = cm4_next ? 1 : 0, other = 1 - next;
        // A partner that yielded inside the turn is caught up with before it goes on. One that is only a
        // block past the end of the last turn is not: both would hunt each other block by block for ever.
        const Time partner = cores_[other]->now();
        const bool catch_up = yielded_[other] && partner > cores_[next]->now();
        run(*cores_[next], catch_up ? std::min(horizon, partner) : horizon);
        return true;
    }
    // A sleeper is never ahead of the core that may wake it: it follows, and wakes by itself only at its
    // next_wake().
    cpu::Core& worker = awake(cm7) ? cm7 : cm4;
    cpu::Core& sleeper = &worker == &cm7 ? cm4 : cm7;
    const Time target = std::min(horizon, sleeper.next_wake());
    if (worker.now() < target)
        run(worker, target);
    else
        run(sleeper, worker.now());
    return true;
}

// Halved 0 to 13 times, and within that anything: lengths of all orders of magnitude.
Time Schedule::draw_turn() {
    cm4_first_ = drawn_->next() % 2 != 0;
    const Time longest = std::max<Time>(turn_ >> (drawn_->next() % 14), 1);
    return 1 + drawn_->next() % longest;
}

void Schedule::run(cpu::Core& core, Time until) {
    running_ = &core;
    clock_.set_source(&core);
    core.run_until(until);
    clock_.set_source(nullptr);
    running_ = nullptr;
    yielded_[&core == cores_[0] ? 0 : 1] = core.now() < until;
    if (core.inside_turn()) {
        interrupted_ = &core;
        until_ = until;
    }
}

bool Schedule::skip_idle(Time limit) {
    const Time next = std::min({clock_.next_deadline(), cores_[0]->next_wake(), cores_[1]->next_wake()});
    const Time target = std::min(next, limit);
    if (target == kNever) return false;
    for (cpu::Core* core : cores_) run(*core, target);
    clock_.advance_to(std::max(clock_.now(), std::min(reached(), target)));
    return next <= limit;
}

void Schedule::align() {
    const Time latest = std::max({clock_.now(), cores_[0]->now(), cores_[1]->now()});
    for (cpu::Core* core : cores_) {
        core->hold();
        run(*core, latest);
    }
    clock_.advance_to(latest);
    turn_end_ = 0;
    interrupted_ = nullptr;
}

}  // namespace h7::chip

// Who runs next, and how far: the deterministic turn-taking of two cores on one virtual clock (D-28).
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "emulator/base/random.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/fabric/clock.hpp"

namespace h7::chip {

/// The core furthest behind runs next, the CM7 first when both stand at the same time, up to the end of the
/// turn or the next deadline. A core that yielded lets the other catch up with it before the turn goes on.
/// Nothing here depends on the host. Accesses of both cores in one turn therefore happen in the order of the
/// turns, those of one cycle the CM7's first.
class Schedule {
public:
    Schedule(cpu::Core& cm7, cpu::Core& cm4, Clock& clock) : cores_{&cm7, &cm4}, clock_(clock) {}

    /// Longest turn, in virtual time.
    void set_turn(Time turn) { turn_ = std::max<Time>(turn, 1); }

    /// From now on the length of each turn, and who goes first in it, are drawn from `seed`: between one
    /// cycle and the whole turn, short ones as often as long ones. A program that depends on it has a race.
    void interleave(std::uint64_t seed) { drawn_.emplace(seed); }

    /// One step: runs one core for a while, or lets due events happen. `limit` is not passed by more than a
    /// block. Returns false when nothing can ever happen again before `limit` (everybody sleeps, no event):
    /// time is `limit` then, unless that is kNever.
    bool step(Time limit);

    /// The earlier of the cores' times: up to here everything has happened.
    Time reached() const { return std::min(cores_[0]->now(), cores_[1]->now()); }

    /// The clock stands at reached() afterwards, everything due by then has happened. At the end of a run, so
    /// that the next one counts its time from where this one ended.
    void catch_up() { clock_.advance_to(std::max(clock_.now(), reached())); }

    /// Both cores and the clock stand at the same time afterwards, the latest of the three. For resets.
    void align();

    /// Where the taking of turns stands, for snapshots.
    struct State {
        Time turn = 0, turn_end = 0;
        std::array<bool, 2> yielded{};
        std::optional<SeededRandom> drawn;
        bool cm4_first = false;
    };
    State state() const { return {turn_, turn_end_, yielded_, drawn_, cm4_first_}; }
    void restore(const State& state) {
        turn_ = state.turn;
        turn_end_ = state.turn_end;
        yielded_ = state.yielded;
        drawn_ = state.drawn;
        cm4_first_ = state.cm4_first;
    }

    /// Somebody stopped a core inside its turn: the next step() goes on with it.
    bool inside_turn() const { return interrupted_ != nullptr; }

    /// The core whose turn it is; null between turns.
    cpu::Core* running() const { return running_; }

private:
    bool awake(const cpu::Core& core) const { return core.state() == cpu::RunState::running; }
    void run(cpu::Core& core, Time until);
    bool skip_idle(Time limit);
    Time draw_turn();

    std::array<cpu::Core*, 2> cores_;
    Clock& clock_;
    Time turn_ = 156'250'000;  // 10,000 cycles at 64 MHz
    Time turn_end_ = 0;
    cpu::Core* running_ = nullptr;
    std::array<bool, 2> yielded_{};  // came back before the time it could have run to
    /// This core stands, or was left, inside its turn, which went to `until`: the turn ends before anything
    /// else.
    cpu::Core* interrupted_ = nullptr;
    Time until_ = 0;
    std::optional<SeededRandom> drawn_;
    bool cm4_first_ = false;  // when both stand at the same time
};

}  // namespace h7::chip

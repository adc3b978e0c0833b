// Virtual time (D-28): picoseconds, one instruction = one core cycle, and a queue of named events.
// No wall clock exists here. While a core runs, `now()` is that core's own time, so an MMIO access sees it
// exactly.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/fabric/access.hpp"

namespace h7 {

inline constexpr Time kNanosecond = 1'000;
inline constexpr Time kMicrosecond = 1'000'000;
inline constexpr Time kMillisecond = 1'000'000'000;
inline constexpr Time kSecond = 1'000'000'000'000;

/// Whoever runs at the moment and knows its own time: a core inside its turn.
class TimeSource {
public:
    virtual ~TimeSource() = default;
    virtual Time now() const = 0;
    /// A deadline earlier than all others was made: stop there at the latest.
    virtual void deadline_made(Time when) = 0;
};

class Clock {
public:
    using EventId = std::uint64_t;  // 0 is never a valid id

    Time now() const { return source_ != nullptr ? source_->now() : now_; }

    /// `action` runs when every core has reached `when`. Events of one instant run in the order they were
    /// made. The name appears in traces. A time already past is due at once.
    EventId at(Time when, std::string_view name, std::function<void()> action);
    EventId after(Time delay, std::string_view name, std::function<void()> action) {
        return at(now() + delay, name, std::move(action));
    }
    void cancel(EventId id);

    /// Time of the earliest event, kNever when there is none.
    Time next_deadline() const { return events_.empty() ? kNever : events_.begin()->first.first; }

    /// Moves time forward to `when`, running every event due on the way, each at its own time. Only the run
    /// loop, or a front door while no core runs, calls this.
    void advance_to(Time when);

    /// Set around a core's turn; null between turns.
    void set_source(TimeSource* source) { source_ = source; }
    /// A core's turn is under way: time is the core's, and advance_to() may not be called.
    bool in_turn() const { return source_ != nullptr; }
    /// Power-on: time 0, no events.
    void restart();

private:
    struct Event {
        std::string name;
        std::function<void()> action;
    };
    using Key = std::pair<Time, EventId>;
    using Events = std::map<Key, Event>;

public:
    // --- snapshots: time, and every event under its old id, so that those of one instant keep their order
    // ---
    class State {
        friend class Clock;
        Time now = 0;
        EventId last_id = 0;
        Events events;
    };
    State state() const;
    /// In two steps. Between them blocks that restore themselves make their events again with at(); each gets
    /// its old id by time and name. Events nobody made again belong to blocks that kept theirs.
    void begin_restore(const State& state);
    void end_restore(const State& state);
    bool restoring() const { return restoring_; }

private:
    Time now_ = 0;
    EventId last_id_ = 0;
    Events events_;
    Events unclaimed_;  // while restoring
    bool restoring_ = false;
    TimeSource* source_ = nullptr;
};

}  // namespace h7

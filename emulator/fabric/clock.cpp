#include "emulator/fabric/clock.hpp"

#include <algorithm>
#include <cassert>

namespace h7 {

Clock::EventId Clock::at(Time when, std::string_view name, std::function<void()> action) {
    when = std::max(when, now_);
    for (auto old = unclaimed_.lower_bound({when, 0}); old != unclaimed_.end() && old->first.first == when;
         ++old) {
        if (old->second.name != name) continue;
        const EventId id = old->first.second;
        events_.emplace(old->first, Event{std::string(name), std::move(action)});
        unclaimed_.erase(old);
        return id;
    }
    const bool earliest = when < next_deadline();
    const EventId id = ++last_id_;
    events_.emplace(Key{when, id}, Event{std::string(name), std::move(action)});
    if (earliest && source_ != nullptr) source_->deadline_made(when);
    return id;
}

void Clock::cancel(EventId id) {
    if (id == 0) return;
    const auto it =
        std::find_if(events_.begin(), events_.end(), [id](const auto& e) { return e.first.second == id; });
    if (it != events_.end()) events_.erase(it);
}

void Clock::advance_to(Time when) {
    assert(source_ == nullptr && "only the run loop moves time");
    while (!events_.empty() && events_.begin()->first.first <= when) {
        auto node = events_.extract(events_.begin());
        now_ = std::max(now_, node.key().first);
        node.mapped().action();
    }
    now_ = std::max(now_, when);
}

void Clock::restart() {
    now_ = 0;
    events_.clear();
}

Clock::State Clock::state() const {
    assert(source_ == nullptr && "a snapshot is taken between turns");
    State state;
    state.now = now_;
    state.last_id = last_id_;
    state.events = events_;
    return state;
}

void Clock::begin_restore(const State& state) {
    assert(source_ == nullptr && "a snapshot is put back between turns");
    now_ = state.now;
    restoring_ = true;
    if (events_.empty() && state.events.empty()) return;
    events_.clear();
    unclaimed_ = state.events;
}

void Clock::end_restore(const State& state) {
    events_.merge(unclaimed_);
    unclaimed_.clear();
    restoring_ = false;
    last_id_ = state.last_id;
}

}  // namespace h7

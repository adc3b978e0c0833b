// Cycles of one core and virtual time (D-28): one instruction is one cycle, time is recomputed from the
// cycles since the last change of frequency, so nothing drifts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "emulator/fabric/access.hpp"

namespace h7::cpu {

class TimeBase {
public:
    /// A change of frequency that the core has not reached yet.
    struct Change {
        Time at = 0;
        std::uint64_t hz = 0;
    };

    std::uint64_t frequency() const { return now_.hz; }
    std::vector<Change> coming() const {
        std::vector<Change> changes;
        for (const Coming& one : later_) changes.push_back(one.change);
        return changes;
    }

    /// From `cycles` at `now` on, the core has `hz` (0: its clock stands). Changes to come are forgotten:
    /// this one is newer.
    void change(Time now, std::uint64_t cycles, std::uint64_t hz) {
        now_ = {now, cycles, hz};
        later_.clear();
    }
    /// The clock, which runs, has `hz` from `when` on: from the first cycle at or after it. A core whose turn
    /// took it to `cycles` already did these at the wrong speed, and stands at another time from here on.
    void change_at(Time when, std::uint64_t cycles, std::uint64_t hz) {
        std::erase_if(later_, [when](const Coming& one) { return one.change.at >= when; });
        later_.push_back({{when, hz}, {}});
        place_changes();
        pass(cycles);
    }
    /// The core has come to `cycles`: changes on the way are history.
    void pass(std::uint64_t cycles) {
        while (!later_.empty() && later_.front().from.cycles <= cycles) take_first();
    }
    /// Time goes on to `when` and the cycles do not.
    void stand_until(Time when, std::uint64_t cycles) {
        while (!later_.empty() && later_.front().change.at <= when) take_first();
        now_ = {when, cycles, now_.hz};
        place_changes();
    }

    Time time_of(std::uint64_t cycles) const {
        const Stretch* in = &now_;
        for (const Coming& one : later_)
            if (one.from.cycles <= cycles) in = &one.from;
        return in->time_of(cycles);
    }
    /// The first cycle at or after `when`.
    std::uint64_t cycle_at(Time when) const {
        const Stretch* in = &now_;
        for (const Coming& one : later_)
            if (one.from.time <= when) in = &one.from;
        return in->cycle_at(when);
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t kPerSecond = 1'000'000'000'000;
    static constexpr std::uint64_t kShort = std::uint64_t{1} << 31;  // two factors like this are 64 bits

    struct Stretch {  // of one frequency
        Time time = 0;
        std::uint64_t cycles = 0;
        std::uint64_t hz = 64'000'000;

        Time time_of(std::uint64_t at) const {
            if (hz == 0) return time;
            const std::uint64_t done = at - cycles;
            if (done < kShort) return time + done * (kPerSecond / hz) + done * (kPerSecond % hz) / hz;
            return time + static_cast<Time>(Wide{done} * kPerSecond / hz);
        }
        std::uint64_t cycle_at(Time when) const {
            if (when <= time) return cycles;
            if (hz == 0 || when == kNever) return ~std::uint64_t{0};
            if (when - time < kShort && hz < kShort)
                return ((when - time) * hz + (kPerSecond - 1)) / kPerSecond + cycles;
            const Wide at = (Wide{when - time} * hz + (kPerSecond - 1)) / kPerSecond + cycles;
            return at > ~std::uint64_t{0} ? ~std::uint64_t{0} : static_cast<std::uint64_t>(at);
        }
    };
    struct Coming {
        Change change;
        Stretch from;
    };

    void take_first() {
        now_ = later_.front().from;
        later_.erase(later_.begin());
    }
    void place_changes() {
        const Stretch* before = &now_;
        for (Coming& one : later_) {
            const std::uint64_t cycles = before->cycle_at(one.change.at);
            one.from = {std::max(one.change.at, before->time_of(cycles)), cycles, one.change.hz};
            before = &one.from;
        }
    }

    Stretch now_;
    std::vector<Coming> later_;
};

}  // namespace h7::cpu

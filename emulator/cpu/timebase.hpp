// Cycles of one core and virtual time (D-28): one instruction is one cycle, time is recomputed from the
// cycles since the last change of frequency, so nothing drifts.
#pragma once

#include <cstdint>

#include "emulator/fabric/access.hpp"

namespace h7::cpu {

class TimeBase {
public:
    std::uint64_t frequency() const { return hz_; }

    /// From `cycles` at `now` on, the core has `hz` (0: its clock stands).
    void change(Time now, std::uint64_t cycles, std::uint64_t hz) {
        time_ = now;
        cycles_ = cycles;
        hz_ = hz;
    }
    Time time_of(std::uint64_t cycles) const {
        if (hz_ == 0) return time_;
        return time_ + static_cast<Time>(Wide{cycles - cycles_} * kPerSecond / hz_);
    }
    /// The first cycle at or after `when`.
    std::uint64_t cycle_at(Time when) const {
        if (when <= time_) return cycles_;
        if (hz_ == 0 || when == kNever) return ~std::uint64_t{0};
        const Wide cycles = (Wide{when - time_} * hz_ + (kPerSecond - 1)) / kPerSecond + cycles_;
        return cycles > ~std::uint64_t{0} ? ~std::uint64_t{0} : static_cast<std::uint64_t>(cycles);
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t kPerSecond = 1'000'000'000'000;
    Time time_ = 0;
    std::uint64_t cycles_ = 0;
    std::uint64_t hz_ = 64'000'000;
};

}  // namespace h7::cpu

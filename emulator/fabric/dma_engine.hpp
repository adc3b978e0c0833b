// A bus master that works for several channels, one at a time: who is served when, and how long it takes.
// What a transfer is belongs to the owner.
//
// Work is done in items (a read and its write). Many items in a row cost one event on the clock: whoever
// looks in between (a register access, another request) finds exactly those done whose time is over, so the
// length of the row is seen by nobody who asks.
#pragma once

#include <optional>

#include "emulator/fabric/job_timer.hpp"

namespace h7 {

class DmaEngine {
public:
    struct Work {
        unsigned channel = 0;
        std::uint32_t items = 1;   // at most so many in a row
        std::uint32_t cycles = 1;  // of the engine's clock, for each item
    };
    struct Served {
        std::uint32_t items = 0;  // fewer than asked for: the channel ended, or waits
        Time wait_until = 0;      // a slave holds the master until then; 0: none does
    };
    class Owner {
    public:
        virtual ~Owner() = default;
        /// The channel whose turn it is now; nullopt: none has work. Asked when somebody may begin.
        virtual std::optional<Work> next_work() = 0;
        /// Makes the next transfers of `channel`.
        virtual Served serve(unsigned channel, std::uint32_t items) = 0;
    };

    /// `name` is seen in traces of the clock; it must outlive the engine, as must the owner.
    DmaEngine(Clock& clock, std::string_view name, Owner& owner)
        : owner_(owner), timer_(clock, name, [this] { due(); }) {}

    /// The master's bus clock; 0: it stands.
    void set_hz(std::uint64_t hz) { timer_.set_hz(hz); }

    /// A request rose, a channel was switched on: the next item goes to whoever comes first. No transfer is
    /// made in here, so a wire may call it at any time.
    void look();
    /// Everything whose time is over is done. Before registers are read or written.
    void catch_up();
    /// `channel` was switched off: an item under way is not made.
    void drop(unsigned channel);
    void reset();
    /// A transfer is being made at this moment, so that the access comes from the engine itself.
    bool serving() const { return serving_; }
    /// A snapshot is being put back: requests that rise now are the ones the saved state knows.
    bool restoring() const { return timer_.restoring(); }
    /// Whose work is under way.
    std::optional<unsigned> working_for() const {
        return active_ ? std::optional(work_.channel) : std::nullopt;
    }

    void save(StateWriter& out) const;
    /// `channels`: how many the owner has.
    void load(StateReader& in, unsigned channels);

private:
    void due();
    void start();
    void run(std::uint32_t items);

    Owner& owner_;
    JobTimer timer_;
    bool active_ = false;  // `work_` is under way
    bool serving_ = false;
    Work work_{};
    std::uint32_t done_ = 0;  // items of `work_`
};

}  // namespace h7

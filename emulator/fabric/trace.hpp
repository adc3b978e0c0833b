// One text line per fact, in virtual time: the golden format. Also the place where an access to something
// that is not modelled is reported, once for each register.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "emulator/fabric/access.hpp"

namespace h7 {

enum class Topic : std::uint8_t { bus, flash, option, irq, reset, boot, rss, core, notice };

/// Who acts at the moment, for the stamp of a line.
struct Actor {
    Time now = 0;
    std::string_view name = "chip";  // "CM7", "CM4", "RSS", ..
    Address pc = 0;                  // 0 when nobody executes
};

class Trace {
public:
    using Sink = std::function<void(std::string_view line)>;

    /// Lines go to `sink` (none: tracing is off and costs a test of a word); `topics`: only these.
    void set_sink(Sink sink, std::initializer_list<Topic> topics = {}) {
        topics_ = sink == nullptr ? 0 : topics.size() == 0 ? ~0U : 0;
        if (sink != nullptr)
            for (const Topic topic : topics) topics_ |= bit(topic);
        sink_ = std::move(sink);
    }
    /// Who stamps the lines; set by the chip.
    void set_actor(std::function<Actor()> actor) { actor_ = std::move(actor); }
    bool on() const { return topics_ != 0; }
    bool on(Topic topic) const { return (topics_ & bit(topic)) != 0; }

    /// "     1234567 ns  CM7  flash  WRPERR1 set: refused by wrp-program, F-191". `text` has no newline.
    void line(Topic topic, std::string_view text);

    /// Something worth saying even without a trace: goes to the trace and to the notice sink (default: none).
    void set_notice_sink(Sink sink) { notice_ = std::move(sink); }
    void notice(std::string_view text);

    /// The guest touched a register or field that is known and not modelled. Said once for each `what` and
    /// operation.
    void unmodelled(std::string_view block, std::string_view what, const Access& access);
    /// How many different ones were touched so far; `--strict` ends the run when this is not 0.
    std::size_t unmodelled_count() const { return seen_.size(); }

    /// What was said already, for a snapshot: a run that is repeated says it again.
    using Said = std::set<std::string, std::less<>>;
    const Said& said() const { return seen_; }
    void set_said(const Said& said) { seen_ = said; }

private:
    static std::uint32_t bit(Topic topic) { return 1U << static_cast<unsigned>(topic); }
    Actor actor() const { return actor_ ? actor_() : Actor{}; }

    Sink sink_;
    std::uint32_t topics_ = 0;  // what the sink wants
    Sink notice_;
    std::function<Actor()> actor_;
    Said seen_;
};

std::string_view name_of(Topic topic);

}  // namespace h7

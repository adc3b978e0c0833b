// SEGGER RTT as a probe serves it: finds the control block in RAM, empties the up buffers, fills a down
// buffer, and moves the offsets, as a J-Link does while the core runs. The firmware is not trusted: a
// malformed block is named and left alone.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/debug/probe.hpp"

namespace h7::debug {

class Rtt {
public:
    static constexpr unsigned kMostChannels = 64;
    using Sink = std::function<void(std::string_view text)>;

    /// `block`: where the control block is (the symbol _SEGGER_RTT); none: it is searched for.
    Rtt(Target& target, std::optional<Address> block) : target_(target), fixed_(block) {}

    /// What the firmware writes to up channel `channel` goes to `sink`.
    void listen(unsigned channel, Sink sink) { sinks_[channel] = std::move(sink); }
    /// For down channel 0, as it has room.
    void feed(std::string_view text) { down_ += text; }

    /// Looks once. Bounded by the size of the RAM, whatever the firmware has written there.
    void poll();
    /// The last look; says when no control block was ever found.
    void finish();

private:
    struct Ring {
        Address at = 0;  // of its descriptor
        std::uint32_t buffer = 0, size = 0, write = 0, read = 0;
    };
    bool holds_id(Address block);
    std::optional<Address> search();
    bool counts(Address block);
    std::optional<Ring> ring(Address at, const std::string& name);
    void drain(unsigned channel, const Sink& sink);
    void fill();

    Target& target_;
    std::optional<Address> fixed_;
    std::optional<Address> block_;
    std::uint32_t ups_ = 0, downs_ = 0;
    std::map<unsigned, Sink> sinks_;
    std::string down_;
    unsigned pause_ = 0, skip_ = 0;  // looks without a search
    bool found_ = false, refused_ = false;
};

}  // namespace h7::debug

// What one debugger says to a core that stands, and the answers: the commands of GDB's remote protocol.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/debug/target.hpp"

namespace h7::debug {

/// Signal numbers of the protocol.
enum class Signal : std::uint8_t {
    interrupt = 2,
    illegal = 4,
    trap = 5,
    arithmetic = 8,
    bus = 10,
    segment = 11
};

/// What a command asks of the run; everything else is answered at once.
struct Request {
    enum class Kind : std::uint8_t { none, go, step, detach, kill };
    Kind kind = Kind::none;
    /// `step`: go on stepping while pc is in [first, last).
    Address first = 0, last = 0;
};

class Session {
public:
    /// `note`: a refusal in words, for the person at the terminal.
    Session(TargetCore& target, std::function<void(std::string_view)> note)
        : target_(target), note_(std::move(note)) {}

    /// The reply to `payload`; nothing when none is due now (the target goes on, or is killed). What it asks
    /// of the run is in `request` afterwards.
    std::optional<std::string> answer(std::string_view payload, Request& request);

    /// "T05..." for a core that stands.
    std::string stop_reply(Signal signal) const;
    /// After a packet was taken, "+" is due, until the debugger has said that it wants none.
    bool acknowledges() const { return acknowledges_; }

private:
    std::string registers() const;
    std::string write_registers(std::string_view hex);
    std::string write_register(std::string_view text);
    std::string read_memory(std::string_view text) const;
    std::string write_memory(std::string_view text, bool binary);
    std::string load_flash(std::string_view text);
    std::string change_breakpoint(std::string_view text, bool insert);
    std::optional<std::string> resume(std::string_view text, Request& request) const;
    std::string query(std::string_view text);
    std::string monitor(std::string_view hex);
    std::string part_of(std::string_view document, std::string_view range) const;
    std::string failure(const Error& error) const;

    TargetCore& target_;
    std::function<void(std::string_view)> note_;
    bool acknowledges_ = true;
    bool tells_breakpoints_ = false;  // qSupported named swbreak or hwbreak
};

}  // namespace h7::debug

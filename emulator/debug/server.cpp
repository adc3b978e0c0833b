#include "emulator/debug/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emulator/base/hex.hpp"

namespace h7::debug {
namespace {

constexpr int kPatience = 50;         // milliseconds of the host between looks at what else ends a run
constexpr unsigned kLooksApart = 16;  // turns of a core between two looks at the socket

}  // namespace

Result<std::unique_ptr<Server>> Server::create(chip::Chip& chip, const ServerOptions& options,
                                               std::function<void(std::string_view)> note) {
    Connection connection = TRY(Connection::listen(options.port));
    return std::unique_ptr<Server>(new Server(chip, options, std::move(connection), std::move(note)));
}

void Server::note_once(std::string_view text) {
    if (noted_.emplace(text).second) note_(text);
}

/// Whether the core can wait at its first instruction, and a line how to connect.
bool Server::ready() {
    const chip::PortState port = target_.port();
    std::string where = "runs";
    if (options_.waits && port.open)
        where = target_.core().state() == cpu::RunState::held ? "is held in reset; time waits"
                                                              : "waits at its first instruction";
    note_(fmt::format("gdb: the {} {}; connect with: target remote 127.0.0.1:{}", target_.name(), where,
                      connection_.port()));
    if (!port.open) note_(fmt::format("gdb: the debug port is closed: {} ({})", port.why, port.rule));
    return options_.waits && port.open;
}

Result<chip::Stop> Server::run(const chip::Until& until) {
    if (!options_.unseen && chip_.flash().rdp() == security::Rdp::level2)
        return refused(fmt::format("--gdb: {} ({}); --gdb-unseen does without the port", target_.port().why,
                                   target_.port().rule));
    standing_ = ready();
    const Time end = until.limit == kNever ? kNever : chip_.clock().now() + until.limit;
    const auto over = [&until] { return until.reached && until.reached(); };
    using Why = chip::Stop::Why;
    while (true) {
        while (standing_) {
            if (over()) return chip::Stop{};
            connection_.wait(kPatience);
            serve();
            if (killed_) return chip::Stop{Why::halted, 0, {}};
        }
        const Time now = chip_.clock().now();
        const chip::Until next{.limit = end == kNever ? kNever : end - std::min(end, now),
                               .reached = [&] { return over() || look_around(); },
                               .inside_turns = [this] { return look(); },
                               .at_least_every = until.at_least_every};
        const chip::Stop stop = chip_.run(next);
        if (stop.why == Why::halted) {
            stepped();
        } else if (stop.why == Why::reached && wants_halt_ && target_.visible()) {
            target_.core().stand();
            stand(Signal::interrupt);
        } else if (stop.why == Why::locked_up && session_) {
            locked_up(stop.detail);
        } else if (stop.why == Why::limit && end == kNever && (session_ || expected())) {
            connection_.wait(kPatience);  // everybody sleeps: only the debugger can do something
            if (over()) return chip::Stop{};
            looks_ = 0;
        } else if (stop.why != Why::reached || over() || !wants_halt_) {
            return stop;
        } else {
            note_once(
                "gdb: the core executes code that a debugger cannot stop; it stops behind it (F-223, F-233)");
        }
    }
}

/// Somebody who was told to come, and can.
bool Server::expected() const { return !was_here_ && target_.port().open; }

// --- the socket ---

/// Between turns. True: the run must stop, a debugger wants the core to stand.
bool Server::look_around() {
    if (looks_++ % kLooksApart == 0) (void)look();
    return wants_halt_ && target_.visible();
}

/// Also inside a turn, however long: ^C does not wait for its end.
bool Server::look() {
    take_connection();
    listen_to_peer();
    return wants_halt_;
}

void Server::take_connection() {
    if (!connection_.accept()) return;
    const chip::PortState port = target_.port();
    if (!port.open) {
        note_(fmt::format("gdb: refused: {} ({}); --gdb-unseen does without the port", port.why, port.rule));
        return connection_.close();
    }
    if (!options_.unseen && chip_.flash().rdp() == security::Rdp::level1 && !chip_.secure_mode().intrusion())
        note_(
            "gdb: RDP level 1: a debugger is an intrusion, user flash is closed until power-on (F-198, "
            "F-200); "
            "--gdb-unseen does not tell the chip");
    reader_ = {};
    commands_.clear();
    last_sent_.clear();
    was_here_ = true;
    target_.attach();
    session_.emplace(target_, [this](std::string_view text) { note_once(text); });
    wants_halt_ = !standing_;
    if (standing_) target_.core().stand();
}

void Server::lose_connection() {
    session_.reset();
    target_.detach();
    connection_.close();
    standing_ = wants_halt_ = owes_stop_ = false;
    request_ = {};
}

void Server::listen_to_peer() {
    if (!session_) return;
    reader_.feed(connection_.receive());
    while (auto item = reader_.next()) {
        switch (item->kind) {
            case Arrived::Kind::packet:
                if (session_->acknowledges()) connection_.send("+");
                commands_.push_back(std::move(item->payload));
                break;
            case Arrived::Kind::damaged:
                if (session_->acknowledges()) connection_.send("-");
                break;
            case Arrived::Kind::interrupt:
                wants_halt_ = !standing_;
                break;
            case Arrived::Kind::nack:
                connection_.send(last_sent_);
                break;
            case Arrived::Kind::ack:
                break;
        }
    }
    if (!connection_.connected()) lose_connection();
}

void Server::say(std::string_view payload) {
    last_sent_ = frame(payload);
    connection_.send(last_sent_);
}

// --- commands ---

void Server::serve() {
    take_connection();
    listen_to_peer();
    while (session_ && standing_ && !commands_.empty()) {
        const std::string command = std::move(commands_.front());
        commands_.pop_front();
        const auto reply = session_->answer(command, request_);
        if (reply) say(*reply);
        obey(request_);
    }
}

void Server::obey(const Request& request) {
    switch (request.kind) {
        case Request::Kind::none:
            return;
        case Request::Kind::go:
        case Request::Kind::step:
            standing_ = false;
            owes_stop_ = true;
            looks_ = 0;
            return target_.resume(request.kind == Request::Kind::step);
        case Request::Kind::detach:
            return lose_connection();
        case Request::Kind::kill:
            killed_ = true;
            connection_.close();
            session_.reset();
            return;
    }
}

// --- the core stands ---

void Server::stand(Signal signal) {
    standing_ = true;
    wants_halt_ = false;
    // A debugger that has just connected asks by itself.
    if (session_ && std::exchange(owes_stop_, false)) say(session_->stop_reply(signal));
}

void Server::stepped() {
    const auto why = target_.core().halted();
    if (!session_ || !why) {  // nobody is there to see it
        target_.core().resume();
        return;
    }
    if (*why == cpu::Halt::locked_up) return locked_up(target_.core().lock_up_report());
    const Address pc = target_.core().registers().r[15];
    const bool in_range = *why == cpu::Halt::stepped && pc >= request_.first && pc < request_.last;
    if (in_range && !wants_halt_ && !target_.breakpoint_at(pc)) {
        look_around();
        if (session_) target_.resume(true);
        return;
    }
    stand(wants_halt_ ? Signal::interrupt : Signal::trap);
}

void Server::locked_up(std::string_view report) {
    const std::string text = fmt::format("{} locked up: {}\n", target_.name(), report);
    if (owes_stop_)
        say("O" + to_hex(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
    stand(signal_of_fault());
}

/// The signal a person expects of what CFSR says.
Signal Server::signal_of_fault() const {
    const auto cfsr = target_.core().read_private({0xE000'ED28, 4, Op::read, target_.master()}).value_or(0);
    if ((cfsr & 0x0200'0000U) != 0) return Signal::arithmetic;  // DIVBYZERO
    if ((cfsr & 0x000F'0000U) != 0) return Signal::illegal;     // UNDEFINSTR, INVSTATE, INVPC, NOCP
    if ((cfsr & 0x0100'FF00U) != 0) return Signal::bus;         // BusFault, UNALIGNED
    return Signal::segment;
}

void Server::finish(int exit_code) {
    if (session_ && owes_stop_) say(fmt::format("W{:02x}", exit_code & 0xFF));
    connection_.close();
    session_.reset();
}

}  // namespace h7::debug

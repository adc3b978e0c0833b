// GDB on one core of a running chip. While the core stands, the whole chip's time stands; no host time ever
// reaches the guest. One thread: the socket is looked at between the turns of the cores.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "emulator/debug/connection.hpp"
#include "emulator/debug/packet.hpp"
#include "emulator/debug/session.hpp"

namespace h7::debug {

struct ServerOptions {
    Master core = Master::cm7;
    std::uint16_t port = 0;
    bool unseen = false;  // the chip is not told of the debugger
    bool waits = true;    // at the first instruction, until a debugger has connected
};

class Server {
public:
    /// Listens. `note`: lines for the person at the terminal. Error: the port cannot be had.
    static Result<std::unique_ptr<Server>> create(chip::Chip& chip, const ServerOptions& options,
                                                  std::function<void(std::string_view)> note);

    /// The chip's run() with a debugger: comes back when the run ends, Why::halted when the debugger has
    /// ended it. The power is on. Error (refused): RDP level 2, no debugger will ever connect (F-202).
    Result<chip::Stop> run(const chip::Until& until);
    /// The run is over: a debugger that waits is told the exit code.
    void finish(int exit_code);

private:
    Server(chip::Chip& chip, const ServerOptions& options, Connection connection,
           std::function<void(std::string_view)> note)
        : chip_(chip),
          options_(options),
          note_(std::move(note)),
          target_(chip, options.core, options.unseen),
          connection_(std::move(connection)) {}

    bool ready();
    void take_connection();
    void lose_connection();
    void listen_to_peer();
    bool expected() const;
    bool look_around();
    bool look();
    void serve();
    void obey(const Request& request);
    void stand(Signal signal);
    void stepped();
    void locked_up(std::string_view report);
    Signal signal_of_fault() const;
    void say(std::string_view payload);
    void note_once(std::string_view text);

    chip::Chip& chip_;
    ServerOptions options_;
    std::function<void(std::string_view)> note_;
    TargetCore target_;
    Connection connection_;
    std::optional<Session> session_;
    PacketReader reader_;
    std::deque<std::string> commands_;
    std::string last_sent_;
    std::set<std::string, std::less<>> noted_;
    Request request_;
    bool standing_ = false;
    bool owes_stop_ = false;  // the debugger has let the core go and waits to hear that it stands
    bool killed_ = false;
    bool was_here_ = false;    // a debugger has connected
    bool wants_halt_ = false;  // ^C, or a debugger has just connected
    unsigned looks_ = 0;
};

}  // namespace h7::debug

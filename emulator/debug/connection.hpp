// One debugger on a TCP port of this machine: loopback only, one connection at a time, no thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/result.hpp"

namespace h7::debug {

class Connection {
public:
    /// Listens on 127.0.0.1; port 0 takes any that is free. Error (misuse): the port cannot be had.
    static Result<Connection> listen(std::uint16_t port);
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&&) = delete;

    std::uint16_t port() const { return port_; }
    bool connected() const { return peer_ >= 0; }

    /// Waits until a debugger connects, says something or goes away, at most so long. 0: only looks.
    bool wait(int milliseconds) const;
    /// Takes a debugger that wants to connect; false: nobody does. Only without a connection.
    bool accept();
    /// Whatever has arrived, at most a few kilobytes. The connection is closed when the other end has gone.
    std::string receive();
    /// All of it, or the connection is closed.
    void send(std::string_view bytes);
    void close();

private:
    Connection(int listener, std::uint16_t port) : listener_(listener), port_(port) {}

    int listener_ = -1, peer_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace h7::debug

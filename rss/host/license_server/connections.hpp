// The connections of a listening port, seen from outside the HTTP library, which has no limit on the time a
// request takes to arrive and waits for idle clients when it stops.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

namespace h7::license_server {

class Connections {
public:
    Connections(std::uint16_t port, std::chrono::seconds longest) : port_(port), longest_(longest) {}

    /// A request of the peer at this port was answered.
    void answered(int peer_port);
    /// The connection of this peer is closed once its answer has been written: what follows in it cannot be
    /// understood.
    void close(int peer_port);
    /// Ends every connection that has answered nothing for the longest time. Called about once a second.
    void reap();
    /// No connection reads any more; answers under way still leave.
    void end_reading();

private:
    using Clock = std::chrono::steady_clock;

    const std::uint16_t port_;
    const std::chrono::seconds longest_;
    std::mutex mutex_;
    std::map<int, Clock::time_point> last_;  // by peer port: when it connected or was answered
};

}  // namespace h7::license_server

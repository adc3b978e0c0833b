#include "rss/host/license_server/connections.hpp"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace h7::license_server {
namespace {

struct Connection {
    int fd, peer_port;
};

int port_of(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        return ntohs(in.sin_port);
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        return ntohs(in.sin6_port);
    }
    return -1;
}

int port_of(int fd, int (*name)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    return name(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? port_of(address) : -1;
}

/// This process's connections whose own end is `port`.
std::vector<Connection> connections_of(std::uint16_t port) {
    std::vector<Connection> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> files(::opendir("/proc/self/fd"), &::closedir);
    if (!files) return found;
    while (const dirent* file = ::readdir(files.get())) {
        const std::string_view name(file->d_name);
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (fd < 0 || port_of(fd, &::getsockname) != port) continue;
        if (const int peer = port_of(fd, &::getpeername); peer > 0) found.push_back({fd, peer});
    }
    return found;
}

}  // namespace

void Connections::answered(int peer_port) {
    const std::lock_guard guard(mutex_);
    last_[peer_port] = Clock::now();
}

void Connections::close(int peer_port) {
    for (const Connection& one : connections_of(port_))
        if (one.peer_port == peer_port) ::shutdown(one.fd, SHUT_RDWR);
}

void Connections::reap() {
    const std::vector<Connection> open = connections_of(port_);
    const std::lock_guard guard(mutex_);
    const Clock::time_point now = Clock::now();
    std::map<int, Clock::time_point> kept;
    for (const Connection& one : open) {
        const Clock::time_point since = last_.try_emplace(one.peer_port, now).first->second;
        if (now - since > longest_)
            ::shutdown(one.fd, SHUT_RDWR);
        else
            kept.emplace(one.peer_port, since);
    }
    last_ = std::move(kept);
}

void Connections::end_reading() {
    for (const Connection& one : connections_of(port_)) ::shutdown(one.fd, SHUT_RD);
}

}  // namespace h7::license_server

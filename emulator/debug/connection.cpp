#include "emulator/debug/connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace h7::debug {

Result<Connection> Connection::listen(std::uint16_t port) {
    const auto refuse = [port](int fd) {
        const Error error =
            misuse(fmt::format("--gdb {}: cannot listen on this port: {}", port, std::strerror(errno)));
        if (fd >= 0) ::close(fd);
        return error;
    };
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return refuse(fd);
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd, plain, size) != 0 || ::listen(fd, 1) != 0 || getsockname(fd, plain, &size) != 0)
        return refuse(fd);
    return Connection(fd, ntohs(address.sin_port));
}

Connection::Connection(Connection&& other) noexcept
    : listener_(std::exchange(other.listener_, -1)),
      peer_(std::exchange(other.peer_, -1)),
      port_(other.port_) {}

Connection::~Connection() {
    close();
    if (listener_ >= 0) ::close(listener_);
}

bool Connection::wait(int milliseconds) const {
    pollfd one{connected() ? peer_ : listener_, POLLIN, 0};
    return ::poll(&one, 1, milliseconds) > 0;
}

bool Connection::accept() {
    if (connected() || !wait(0)) return false;
    peer_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer_ < 0) return false;
    const int yes = 1;
    setsockopt(peer_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return true;
}

std::string Connection::receive() {
    if (!connected() || !wait(0)) return {};
    std::string bytes(8192, '\0');
    const ssize_t got = ::recv(peer_, bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        if (got == 0 || errno != EINTR) close();
        return {};
    }
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

void Connection::send(std::string_view bytes) {
    while (connected() && !bytes.empty()) {
        const ssize_t sent = ::send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return close();
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Connection::close() {
    if (connected()) ::close(std::exchange(peer_, -1));
}

}  // namespace h7::debug

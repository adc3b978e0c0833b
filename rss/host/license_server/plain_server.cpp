#include "rss/host/license_server/plain_server.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace h7::license_server {
namespace {

void limit(socket_t socket, int option, time_t seconds, time_t microseconds) {
    const timeval longest{seconds, static_cast<suseconds_t>(microseconds)};
    ::setsockopt(socket, SOL_SOCKET, option, &longest, sizeof longest);
}

}  // namespace

PlainStream::PlainStream(socket_t socket)
    : socket_(socket), remote_(end_of(socket, &::getpeername)), local_(end_of(socket, &::getsockname)) {}

PlainStream::End PlainStream::end_of(socket_t socket, int (*name)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (name(socket, generic, &size) != 0 ||
        ::getnameinfo(generic, size, host.data(), host.size(), service.data(), service.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return {};
    return {host.data(), std::atoi(service.data())};
}

bool PlainStream::fill() {
    if (!flush()) return false;
    ssize_t got = 0;
    do got = ::recv(socket_, input_.data(), input_.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    next_ = 0;
    end_ = static_cast<std::size_t>(got);
    return true;
}

bool PlainStream::wait_for_request() { return next_ != end_ || fill(); }

ssize_t PlainStream::read(char* to, size_t size) {
    if (next_ == end_ && !fill()) return -1;
    const std::size_t given = std::min(size, end_ - next_);
    std::copy_n(input_.data() + next_, given, to);
    next_ += given;
    return static_cast<ssize_t>(given);
}

ssize_t PlainStream::write(const char* from, size_t size) {
    output_.append(from, size);
    const bool head = std::string_view(output_).ends_with("\r\n\r\n");
    return head || flush() ? static_cast<ssize_t>(size) : -1;
}

bool PlainStream::flush() {
    std::string_view rest = output_;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    output_.clear();
    return rest.empty();
}

void PlainStream::get_remote_ip_and_port(std::string& ip, int& port) const {
    ip = remote_.ip;
    port = remote_.port;
}

void PlainStream::get_local_ip_and_port(std::string& ip, int& port) const {
    ip = local_.ip;
    port = local_.port;
}

bool PlainServer::process_and_close_socket(socket_t sock) {
    limit(sock, SO_RCVTIMEO, read_timeout_sec_, read_timeout_usec_);
    limit(sock, SO_SNDTIMEO, write_timeout_sec_, write_timeout_usec_);
    PlainStream stream(sock);
    bool good = false;
    for (std::size_t left = keep_alive_max_count_; left != 0 && svr_sock_ != INVALID_SOCKET; --left) {
        if (!stream.wait_for_request()) break;
        bool ended = false;
        good = process_request(stream, left == 1, ended, nullptr) && stream.flush();
        if (!good || ended) break;
    }
    ::shutdown(sock, SHUT_RDWR);
    ::close(sock);
    return good;
}

}  // namespace h7::license_server

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "emulator/console/places.hpp"
#include "emulator/console/stream.hpp"

namespace h7::console {
namespace {

class TcpConsole final : public Console {
public:
    TcpConsole(FileDescriptor listener, std::string place)
        : listener_(std::move(listener)), place_(std::move(place)) {}

    void put(std::uint8_t character) override { dropped_ += waiting_.push(character); }
    Bytes exchange(bool listen) override {
        welcome();
        Bytes text;
        if (client_ && listen && read_into(text, client_.get()) == Read::ended) client_ = FileDescriptor();
        if (client_ && !waiting_.write_to(client_.get(), true)) client_ = FileDescriptor();
        return text;
    }
    int descriptor() const override { return client_ ? client_.get() : listener_.get(); }
    std::string place() const override { return place_; }

    Result<void> finish() override {
        welcome();
        if (!client_) return {};
        while (!waiting_.empty() && wait_for(client_.get(), POLLOUT, 200))
            if (!waiting_.write_to(client_.get(), true)) return {};
        // Closing with characters unread would take back what is still on its way to the client.
        shutdown(client_.get(), SHUT_WR);
        Bytes unread;
        while (wait_for(client_.get(), POLLIN, 200) && read_into(unread, client_.get()) == Read::some)
            if (unread.size() > kBuffered) break;
        return {};
    }

private:
    /// The next client, once the one before has left.
    void welcome() {
        if (client_) return;
        FileDescriptor next(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!next) return;
        const int yes = 1;
        setsockopt(next.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        client_ = std::move(next);
    }

    FileDescriptor listener_, client_;
    std::string place_;
    Waiting waiting_;
};

struct Place {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    bool six = false;
};

std::optional<Place> parse(std::string_view text) {
    Place place;
    const std::size_t colon = text.rfind(':');
    std::string_view port = text;
    if (colon != std::string_view::npos) {
        std::string_view address = text.substr(0, colon);
        port = text.substr(colon + 1);
        place.six = address.size() > 2 && address.front() == '[' && address.back() == ']';
        if (place.six) address = address.substr(1, address.size() - 2);
        if (address == "localhost") address = "127.0.0.1";
        place.address = address;
    }
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
    return place;
}

}  // namespace

Result<std::unique_ptr<Console>> open_tcp(const std::string& text) {
    const auto place = parse(text);
    sockaddr_in6 six{};
    sockaddr_in four{};
    if (!place || inet_pton(place->six ? AF_INET6 : AF_INET, place->address.c_str(),
                            place->six ? static_cast<void*>(&six.sin6_addr) : &four.sin_addr) != 1)
        return misuse("write tcp:PORT or tcp:ADDRESS:PORT, with a port from 0 (any free one) to 65535");
    six.sin6_family = AF_INET6;
    four.sin_family = AF_INET;
    six.sin6_port = four.sin_port = htons(place->port);
    sockaddr* address = place->six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
    socklen_t size = place->six ? sizeof six : sizeof four;
    FileDescriptor listener(socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    if (!listener || setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listener.get(), address, size) != 0 || listen(listener.get(), 1) != 0 ||
        getsockname(listener.get(), address, &size) != 0)
        return misuse(fmt::format("cannot listen there: {}", std::strerror(errno)));
    const unsigned port = ntohs(place->six ? six.sin6_port : four.sin_port);
    const std::string at = place->six ? fmt::format("[{}]:{}", place->address, port)
                                      : fmt::format("{}:{}", place->address, port);
    return std::unique_ptr<Console>(new TcpConsole(std::move(listener), at));
}

}  // namespace h7::console

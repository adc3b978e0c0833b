#include "emulator/console/stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "emulator/console/console.hpp"

namespace h7::console {

bool make_nonblocking(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool wait_for(int fd, short events, int milliseconds) {
    pollfd one{fd, events, 0};
    return poll(&one, 1, milliseconds) > 0 && (one.revents & events) != 0;
}

unsigned Waiting::push(std::uint8_t character) {
    unsigned dropped = 0;
    if (text_.size() >= kBuffered) {
        text_.pop_front();
        dropped = 1;
    }
    text_.push_back(character);
    return dropped;
}

bool Waiting::write_to(int fd, bool socket) {
    std::array<std::uint8_t, 4096> chunk{};
    while (!text_.empty()) {
        const std::size_t size = std::min(chunk.size(), text_.size());
        std::copy_n(text_.begin(), size, chunk.begin());
        // A socket whose other side is gone must not end the process with a signal.
        const ssize_t done =
            socket ? send(fd, chunk.data(), size, MSG_NOSIGNAL) : write(fd, chunk.data(), size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
        text_.erase(text_.begin(), text_.begin() + done);
    }
    return true;
}

Read read_into(Bytes& to, int fd) {
    std::array<std::uint8_t, 4096> chunk{};
    ssize_t got = 0;
    do got = read(fd, chunk.data(), chunk.size());
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        to.insert(to.end(), chunk.begin(), chunk.begin() + got);
        return Read::some;
    }
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Read::nothing_now : Read::ended;
}

}  // namespace h7::console

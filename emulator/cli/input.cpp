#include "emulator/cli/input.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace h7::cli {

/// Waits for more bytes. poll() returns at a signal, which read() would sit through.
bool StandardInput::more(const Interrupt& interrupt) {
    while (!ended_ && !interrupt.came()) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        std::array<char, 4096> bytes{};
        const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        waiting_.append(bytes.data(), static_cast<std::size_t>(n));
        return true;
    }
    ended_ = true;
    return false;
}

std::string StandardInput::line(std::size_t most, const Interrupt& interrupt) {
    std::size_t end = 0;
    while (true) {
        end = waiting_.find('\n');
        if (end != std::string::npos || waiting_.size() >= most || !more(interrupt)) break;
    }
    const std::size_t count = std::min({most, waiting_.size(), end == std::string::npos ? end : end + 1});
    std::string text = waiting_.substr(0, count);
    waiting_.erase(0, count);
    return text;
}

}  // namespace h7::cli

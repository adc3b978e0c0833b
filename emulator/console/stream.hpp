// A descriptor that does not block, and what waits to be written to it.
#pragma once

#include <deque>
#include <string>

#include "emulator/base/descriptor.hpp"

namespace h7::console {

/// O_NONBLOCK and FD_CLOEXEC. False: the host refuses.
bool make_nonblocking(int fd);

/// Waits up to `milliseconds` until `events` (POLLIN, POLLOUT) can happen on `fd`.
bool wait_for(int fd, short events, int milliseconds);

/// At most kBuffered characters, the oldest go first.
class Waiting {
public:
    /// Returns how many were dropped to make room: 0 or 1.
    unsigned push(std::uint8_t character);
    /// Writes what `fd` takes now. False: the other side is gone.
    bool write_to(int fd, bool socket);
    bool empty() const { return text_.empty(); }
    std::size_t size() const { return text_.size(); }

private:
    std::deque<std::uint8_t> text_;
};

enum class Read : std::uint8_t { some, nothing_now, ended };
/// Appends what `fd` has now, at most 4096 characters.
Read read_into(Bytes& to, int fd);

}  // namespace h7::console

// Where a serial port of the chip leads on the host: standard input and output, a file, a pseudo-terminal, a
// TCP port. Nothing here blocks, no thread is started, and no buffer grows without bound: a client that is
// not there yet finds the last characters, one that never reads loses the oldest.
//
//   auto console = TRY(open_console("tcp:5001"));
//   console->put('x');                         // from the chip
//   bytes = console->exchange(true);           // from outside, whatever is there
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::console {

/// What waits for a reader, at most.
inline constexpr std::size_t kBuffered = 64 * 1024;

class Console {
public:
    virtual ~Console() = default;
    virtual void put(std::uint8_t character) = 0;
    /// Hands over what the host takes now. With `listen`, what came from outside.
    virtual Bytes exchange([[maybe_unused]] bool listen) { return {}; }
    /// To wait on for input (POLLIN); -1: nothing can come any more.
    virtual int descriptor() const { return -1; }
    /// Where it is, for whoever wants to connect: "/dev/pts/4", "127.0.0.1:5001"; "" when that is known.
    virtual std::string place() const { return ""; }
    /// The end of the run. What is waiting is handed over if somebody takes it within a fifth of a second.
    /// Error: something could not be written.
    virtual Result<void> finish() = 0;
    /// Characters nobody has read and that were dropped.
    std::uint64_t dropped() const { return dropped_; }

protected:
    std::uint64_t dropped_ = 0;
};

/// "stdio", "file:PATH", "pty", "tcp:PORT" (127.0.0.1), "tcp:ADDRESS:PORT", "tcp:[ADDRESS]:PORT"; port 0 is
/// any free one. Files are created and ports are taken at once, so that a mistake is found before the run.
/// `input`: a "stdio" reads standard input. Error (misuse): what can be written instead, or why not;
/// the caller says of which option.
Result<std::unique_ptr<Console>> open_console(const std::string& where, bool input);

}  // namespace h7::console

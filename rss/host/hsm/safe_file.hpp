// A file that is replaced as a whole and durably, by one writer at a time. After a power cut at any moment
// the name holds the old bytes or the new ones; when replace() has said `new_bytes`, the new ones for good.
#pragma once

#include <filesystem>
#include <functional>

#include "emulator/base/descriptor.hpp"

namespace h7::hsm {

/// One call to the operating system that has been done.
enum class Step : std::uint8_t { created, wrote, synced, renamed, folder_synced };
/// Looks on after every step. Tests copy the folder there: what a power cut would leave.
using Observer = std::function<void(Step, const std::filesystem::path& file)>;

/// The right to write `path`: an flock() on `path`.lock, which ends with the process. The lock file stays.
class WriterLock {
public:
    /// Error (misuse): another process, or this one, has it.
    static Result<WriterLock> take(const std::filesystem::path& path);

private:
    explicit WriterLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

enum class Holds : std::uint8_t { old_bytes, new_bytes, unknown };
struct Replaced {
    Holds holds = Holds::new_bytes;
    Error error;  // unless new_bytes
};

/// Writes `path`.new with mode 0600, fsync, rename to `path`, fsync of the folder. The caller holds the lock.
Replaced replace(const std::filesystem::path& path, ByteView bytes, const Observer& observer);

/// The whole file. Errors (misuse): a symbolic link or a second name (two writers could take two locks), a
/// file that others may read or write, or one above `limit` bytes.
Result<Bytes> read_private(const std::filesystem::path& path, std::size_t limit);

}  // namespace h7::hsm

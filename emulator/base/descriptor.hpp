// Open files of the host: closed by themselves, written whole, and what the operating system says about them.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7 {

/// Closes its descriptor. -1: none.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this == &other) return *this;
        close();
        fd_ = other.release();
        return *this;
    }
    ~FileDescriptor() { close(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// The caller closes it.
    int release() { return std::exchange(fd_, -1); }
    /// False: the operating system reports an error of an earlier write.
    bool close();

private:
    int fd_ = -1;
};

/// "path: what: No such file or directory": errno as a misuse.
Error system_error(const std::filesystem::path& path, std::string_view what);

/// All of it, over interruptions and short writes. False: errno says why.
bool write_all(int fd, ByteView bytes);

}  // namespace h7

// The one folder of the host that firmware may use. A name leads to something inside it or nowhere: no
// absolute path, no "..", no symbolic link on the way or at the end, nothing but regular files.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "emulator/base/descriptor.hpp"

namespace h7::semihosting {

/// An errno of the host, as the answer to a request.
struct HostError {
    int number = 0;
};
template <class T>
using HostResult = Expected<T, HostError>;

class Folder {
public:
    static constexpr std::size_t kLongestName = 1024;

    /// Error (misuse): `path` is no folder that can be opened.
    static Result<Folder> open(const std::string& path);

    /// `flags` as for open(2): O_RDONLY, O_WRONLY, O_RDWR, with O_CREAT, O_TRUNC, O_APPEND.
    HostResult<FileDescriptor> file(std::string_view name, int flags) const;
    HostResult<void> remove(std::string_view name) const;
    HostResult<void> rename(std::string_view from, std::string_view to) const;

private:
    explicit Folder(FileDescriptor root) : root_(std::move(root)) {}
    struct Place {
        FileDescriptor folder;
        std::string last;
    };
    HostResult<Place> walk(std::string_view name) const;

    FileDescriptor root_;
};

}  // namespace h7::semihosting

#include "emulator/semihosting/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace h7::semihosting {
namespace {

HostError last_error() { return {errno}; }

}  // namespace

Result<Folder> Folder::open(const std::string& path) {
    FileDescriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return misuse(fmt::format("{}: cannot open the folder: {}", path, std::strerror(errno)));
    return Folder(std::move(root));
}

/// The folder that holds the last part of `name`, one part at a time: the kernel never follows a link or a
/// ".." for us, so nothing that changes on the way can lead outside.
HostResult<Folder::Place> Folder::walk(std::string_view name) const {
    if (name.empty()) return HostError{ENOENT};
    if (name.size() > kLongestName) return HostError{ENAMETOOLONG};
    if (name.front() == '/' || name.find('\0') != std::string_view::npos) return HostError{EACCES};
    Place place{FileDescriptor(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0)), {}};
    if (!place.folder) return last_error();
    while (true) {
        const std::size_t slash = name.find('/');
        const std::string part(name.substr(0, slash));
        if (part == "..") return HostError{EACCES};
        const bool is_last = slash == std::string_view::npos;
        if (is_last) {
            if (part.empty() || part == ".") return HostError{EISDIR};
            place.last = part;
            return place;
        }
        name.remove_prefix(slash + 1);
        if (part.empty() || part == ".") continue;
        FileDescriptor next(
            ::openat(place.folder.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) return last_error();
        place.folder = std::move(next);
    }
}

HostResult<FileDescriptor> Folder::file(std::string_view name, int flags) const {
    const Place place = TRY(walk(name));
    // O_NONBLOCK: a FIFO without a partner must not hold the run.
    FileDescriptor opened(::openat(place.folder.get(), place.last.c_str(),
                                   flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644));
    if (!opened) return last_error();
    struct stat status {};
    if (::fstat(opened.get(), &status) != 0) return last_error();
    if (!S_ISREG(status.st_mode)) return HostError{EACCES};
    return opened;
}

HostResult<void> Folder::remove(std::string_view name) const {
    const Place place = TRY(walk(name));
    if (::unlinkat(place.folder.get(), place.last.c_str(), 0) != 0) return last_error();
    return {};
}

HostResult<void> Folder::rename(std::string_view from, std::string_view to) const {
    const Place source = TRY(walk(from));
    const Place target = TRY(walk(to));
    if (::renameat(source.folder.get(), source.last.c_str(), target.folder.get(), target.last.c_str()) != 0)
        return last_error();
    return {};
}

}  // namespace h7::semihosting

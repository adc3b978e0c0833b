#include "rss/host/hsm/safe_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "emulator/base/file.hpp"

namespace h7::hsm {
namespace {

constexpr std::size_t kPiece = 16384;

std::filesystem::path beside(const std::filesystem::path& path, std::string_view suffix) {
    return path.string() + std::string(suffix);
}

bool sync_folder(const std::filesystem::path& path) {
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<WriterLock> WriterLock::take(const std::filesystem::path& path) {
    const std::filesystem::path name = beside(path, ".lock");
    FileDescriptor file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return system_error(name, "cannot open");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return misuse(
            fmt::format("{}: another process has it open; an HSM file has one writer (if that is a license "
                        "server, ask it for the license, or stop it first)",
                        path.string()));
    return WriterLock(std::move(file));
}

Replaced replace(const std::filesystem::path& path, ByteView bytes, const Observer& observer) {
    const auto done = [&](Step step) {
        if (observer) observer(step, path);
    };
    const std::filesystem::path temporary = beside(path, ".new");
    const auto kept = [&](std::string_view what) {
        Replaced failed{Holds::old_bytes, system_error(temporary, what)};
        ::unlink(temporary.c_str());
        return failed;
    };
    // What a crash left behind is ours to remove: we hold the lock.
    if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) return kept("cannot remove");
    FileDescriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return kept("cannot create");
    if (::fchmod(file.get(), 0600) != 0) return kept("cannot set the mode");
    done(Step::created);
    for (ByteView rest = bytes; !rest.empty();) {
        const ByteView piece = rest.first(std::min(rest.size(), kPiece));
        if (!write_all(file.get(), piece)) return kept("cannot write");
        rest = rest.subspan(piece.size());
        done(Step::wrote);
    }
    if (::fsync(file.get()) != 0 || !file.close()) return kept("cannot write");
    done(Step::synced);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return kept("cannot replace the file");
    done(Step::renamed);
    if (!sync_folder(path)) return {Holds::unknown, system_error(path, "cannot sync the folder")};
    done(Step::folder_synced);
    return {};
}

Result<Bytes> read_private(const std::filesystem::path& path, std::size_t limit) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return system_error(path, "cannot open");
    if (!S_ISREG(info.st_mode))
        return misuse(fmt::format("{}: no regular file; name the file itself, not a link", path.string()));
    if (info.st_nlink != 1)
        return misuse(
            fmt::format("{}: the file has {} names; it may have one", path.string(), info.st_nlink));
    if ((info.st_mode & 077) != 0)
        return misuse(fmt::format("{}: others may use it (mode {:04o}); chmod 600 it", path.string(),
                                  info.st_mode & 0777));
    return read_file(path, limit);
}

}  // namespace h7::hsm

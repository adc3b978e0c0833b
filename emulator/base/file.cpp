#include "emulator/base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "emulator/base/descriptor.hpp"

namespace h7 {
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error(path, "cannot open");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return system_error(path, "cannot read");
    if (S_ISDIR(info.st_mode)) return misuse(fmt::format("{}: is a directory", path.string()));
    Bytes bytes;
    std::uint8_t chunk[65536];
    while (true) {
        const ssize_t n = ::read(file.get(), chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return system_error(path, "cannot read");
        if (n == 0) return bytes;
        bytes.insert(bytes.end(), chunk, chunk + n);
        if (bytes.size() > limit)
            return misuse(
                fmt::format("{}: larger than the {} bytes this kind of file may have", path.string(), limit));
    }
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes, Mode mode) {
    std::string temporary = path.string() + ".XXXXXX";
    FileDescriptor file(::mkstemp(temporary.data()));
    if (!file) return system_error(path, "cannot create");
    const auto fail = [&](std::string_view what) {
        Error error = system_error(path, what);
        ::unlink(temporary.c_str());
        return error;
    };
    if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) return fail("cannot set the mode");
    if (!write_all(file.get(), bytes)) return fail("cannot write");
    if (::fsync(file.get()) != 0 || !file.close()) return fail("cannot write");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail("cannot replace");
    return {};
}

}  // namespace h7

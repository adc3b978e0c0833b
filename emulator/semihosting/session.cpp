#include "emulator/semihosting/session.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "emulator/fabric/clock.hpp"

namespace h7::semihosting {
namespace {

enum Operation : std::uint32_t {
    kOpen = 0x01,
    kClose = 0x02,
    kWriteC = 0x03,
    kWrite0 = 0x04,
    kWrite = 0x05,
    kRead = 0x06,
    kReadC = 0x07,
    kIsError = 0x08,
    kIsTty = 0x09,
    kSeek = 0x0A,
    kFlen = 0x0C,
    kTmpnam = 0x0D,
    kRemove = 0x0E,
    kRename = 0x0F,
    kClock = 0x10,
    kTime = 0x11,
    kSystem = 0x12,
    kErrno = 0x13,
    kGetCmdline = 0x15,
    kHeapinfo = 0x16,
    kExit = 0x18,
    kExitExtended = 0x20,
    kElapsed = 0x30,
    kTickfreq = 0x31,
};

constexpr std::uint32_t kFailed = ~0U;
constexpr std::uint32_t kApplicationExit = 0x2'0026;  // ADP_Stopped_ApplicationExit
constexpr std::size_t kLongestString = 64 * 1024;
constexpr std::size_t kPiece = 4096;

// The console's handles are always open: a program that starts a hundred times takes no more of them.
enum Handle : std::uint32_t { kStdin = 1, kStdout = 2, kStderr = 3, kFirstFile = 4 };
bool is_console(std::uint32_t handle) { return handle >= kStdin && handle <= kStderr; }

/// The magic and one byte: SYS_EXIT_EXTENDED is there, and ":tt" has a standard error.
constexpr std::string_view kFeatures{"SHFB\x03", 5};

/// fopen's modes "r" "rb" "r+" "r+b" "w" .. "a+b", as the document numbers them.
constexpr std::array<int, 6> kFlags = {O_RDONLY,
                                       O_RDWR,
                                       O_WRONLY | O_CREAT | O_TRUNC,
                                       O_RDWR | O_CREAT | O_TRUNC,
                                       O_WRONLY | O_CREAT | O_APPEND,
                                       O_RDWR | O_CREAT | O_APPEND};

/// The numbers of C libraries agree up to 34; what lies above is an input/output error for the guest.
std::uint32_t guest_errno(int number) {
    return static_cast<std::uint32_t>(number > 0 && number <= 34 ? number : EIO);
}

/// The three words, or as many as the operation has, of a parameter block.
template <std::size_t N>
BusResult<std::array<std::uint32_t, N>> words(Program& program, Address block) {
    std::array<std::uint32_t, N> all{};
    for (std::size_t n = 0; n < N; ++n) all[n] = TRY(load_word(program, block + 4 * static_cast<Address>(n)));
    return all;
}

}  // namespace

BusResult<std::uint32_t> Session::serve(Program& program, std::uint32_t operation, std::uint32_t parameter) {
    const auto answer = [&]() -> Answer {
        switch (operation) {
            case kOpen:
                return open(program, parameter);
            case kClose:
                return close(program, parameter);
            case kWriteC:
                return write_character(program, parameter);
            case kWrite0:
                return write_string(program, parameter);
            case kWrite:
                return write(program, parameter);
            case kRead:
                return read(program, parameter);
            case kReadC:
                return read_character();
            case kIsError:
                return static_cast<std::int32_t>(TRY(load_word(program, parameter))) < 0 ? 1U : 0U;
            case kIsTty:
                return is_tty(program, parameter);
            case kSeek:
                return seek(program, parameter);
            case kFlen:
                return length(program, parameter);
            case kTmpnam:
                say_once(said_temporary_, "semihosting: SYS_TMPNAM is refused: name files yourself");
                return fail(EACCES);
            case kRemove:
                return remove(program, parameter);
            case kRename:
                return rename(program, parameter);
            case kClock:  // centiseconds
                return static_cast<std::uint32_t>(program.now() / (10 * kMillisecond));
            case kTime:
                return static_cast<std::uint32_t>(program.now() / kSecond);
            case kSystem:
                say_once(said_system_,
                         "semihosting: SYS_SYSTEM is refused: firmware starts no programs here");
                return fail(EACCES);
            case kErrno:
                return error_;
            case kGetCmdline:
                return command_line(program, parameter);
            case kHeapinfo:
                return heap_info(program, parameter);
            case kExit:
            case kExitExtended:
                return leave(program, operation, parameter);
            case kElapsed:
                return elapsed(program, parameter);
            case kTickfreq:
                return static_cast<std::uint32_t>(kSecond / kNanosecond);
            default:
                if (host_.unknown) host_.unknown(operation);
                return kFailed;
        }
    }();
    if (answer || answer.error().kind == BusFault::Kind::wait) return answer;
    return fail(EFAULT);
}

void Session::restart() { files_.clear(); }

std::uint32_t Session::fail(int host_error) {
    error_ = guest_errno(host_error);
    return kFailed;
}

void Session::say_once(bool& said, std::string_view text) {
    if (!std::exchange(said, true) && host_.notice) host_.notice(text);
}

// --- the console ---

Session::Answer Session::write_character(Program& program, Address at) {
    const std::string c = TRY(load_bytes(program, at, 1));
    if (host_.console) host_.console(c);
    return 0U;
}

Session::Answer Session::write_string(Program& program, Address at) {
    const std::string text = TRY(load_string(program, at, kLongestString));
    if (host_.console) host_.console(text);
    return 0U;
}

Session::Answer Session::read_character() {
    const std::string c = host_.input ? host_.input(1) : std::string{};
    return c.empty() ? kFailed : static_cast<std::uint8_t>(c.front());
}

// --- files ---

BusResult<std::string> Session::name(Program& program, Address at, std::uint32_t size) {
    // A longer one is no name anyway: one byte more is read, so that Folder says so.
    const std::string text =
        TRY(load_bytes(program, at, std::min<std::uint32_t>(size, Folder::kLongestName + 1)));
    if (text.size() < size && text.size() <= Folder::kLongestName)
        return bus_error("a name ends outside the memory", "semihosting");
    return text;
}

bool Session::files_allowed(std::string_view what) {
    if (host_.folder) return true;
    std::string text = "semihosting: the firmware asks for the file '";
    for (const char c : what.substr(0, 64)) text += c >= ' ' && c <= '~' ? c : '?';
    text += "' and is given no folder (run --semihosting-folder DIR)";
    say_once(said_folder_, text);
    return false;
}

Session::File* Session::file(std::uint32_t handle) {
    const std::size_t slot = std::size_t{handle} - kFirstFile;
    if (handle < kFirstFile || slot >= files_.size() || !files_[slot]) return nullptr;
    return &*files_[slot];
}

Session::Answer Session::take(File file) {
    for (std::size_t slot = 0; slot < kMostFiles; ++slot) {
        if (slot == files_.size()) files_.emplace_back();
        if (files_[slot]) continue;
        files_[slot] = std::move(file);
        return static_cast<std::uint32_t>(slot) + kFirstFile;
    }
    return fail(EMFILE);
}

Session::Answer Session::open(Program& program, Address block) {
    const auto [at, mode, size] = TRY((words<3>(program, block)));
    const std::string path = TRY(name(program, at, size));
    if (mode >= 2 * kFlags.size()) return fail(EINVAL);
    if (path == ":tt") return mode < 4 ? kStdin : mode < 8 ? kStdout : kStderr;
    if (path == ":semihosting-features") {
        if (mode >= 2) return fail(EACCES);
        return take({{}, true, 0});
    }
    return open_file(path, mode);
}

Session::Answer Session::open_file(const std::string& path, std::uint32_t mode) {
    if (!files_allowed(path)) return fail(EACCES);
    auto opened = host_.folder->file(path, kFlags[mode / 2]);
    if (!opened) return fail(opened.error().number);
    return take({std::move(*opened), false, 0});
}

Session::Answer Session::close(Program& program, Address block) {
    const std::uint32_t handle = TRY(load_word(program, block));
    if (is_console(handle)) return 0U;
    if (file(handle) == nullptr) return fail(EBADF);
    files_[handle - kFirstFile].reset();
    return 0U;
}

/// The answer is how many bytes were not written.
Session::Answer Session::write(Program& program, Address block) {
    const auto [handle, at, size] = TRY((words<3>(program, block)));
    File* const to = file(handle);
    if (!is_console(handle) && to == nullptr) {
        (void)fail(EBADF);
        return size == 0 ? kFailed : size;
    }
    if (size == 0) return 0U;
    const std::string text = TRY(load_bytes(program, at, size));
    const auto left = [&, size = size](std::size_t written) {
        return size - static_cast<std::uint32_t>(written);
    };
    if (text.size() < size) (void)fail(EFAULT);
    if (is_console(handle)) {
        if (handle == kStdin) {
            (void)fail(EBADF);
            return left(0);
        }
        if (host_.console) host_.console(text);
        return left(text.size());
    }
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t n = ::write(to->descriptor.get(), text.data() + written, text.size() - written);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            (void)fail(n < 0 ? errno : EIO);
            break;
        }
        written += static_cast<std::size_t>(n);
    }
    return left(written);
}

std::string Session::read_some(std::uint32_t handle, File* from, std::size_t most, bool& failed) {
    if (handle == kStdin) return host_.input ? host_.input(most) : std::string{};
    if (from->features) {
        const std::string_view rest = kFeatures.substr(std::min(from->position, kFeatures.size()));
        const std::string text(rest.substr(0, most));
        from->position += text.size();
        return text;
    }
    std::string text(most, '\0');
    ssize_t n = 0;
    do n = ::read(from->descriptor.get(), text.data(), most);
    while (n < 0 && errno == EINTR);
    failed = n < 0;
    if (failed) (void)fail(errno);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return text;
}

/// The answer is how many bytes of the buffer were not filled; all of them: the end of the file.
Session::Answer Session::read(Program& program, Address block) {
    const auto [handle, at, size] = TRY((words<3>(program, block)));
    File* const from = file(handle);
    if (handle != kStdin && from == nullptr) {
        (void)fail(EBADF);
        return kFailed;
    }
    std::uint32_t done = 0;
    bool failed = false;
    while (done < size) {
        const std::string text = read_some(handle, from, std::min<std::size_t>(size - done, kPiece), failed);
        if (text.empty()) break;
        const std::size_t stored = store_bytes(program, at + done, text);
        done += static_cast<std::uint32_t>(stored);
        if (stored < text.size()) (void)fail(EFAULT);
        if (stored < text.size() || handle == kStdin) break;  // a line of input is an answer of its own
    }
    if (failed && done == 0) return kFailed;
    return size - done;
}

Session::Answer Session::is_tty(Program& program, Address block) {
    const std::uint32_t handle = TRY(load_word(program, block));
    if (is_console(handle)) return 1U;
    if (file(handle) == nullptr) return fail(EBADF);
    return 0U;
}

Session::Answer Session::seek(Program& program, Address block) {
    const auto [handle, position] = TRY((words<2>(program, block)));
    File* const in = file(handle);
    if (in == nullptr) return fail(is_console(handle) ? ESPIPE : EBADF);
    if (in->features) {
        in->position = position;
        return 0U;
    }
    if (::lseek(in->descriptor.get(), static_cast<off_t>(position), SEEK_SET) < 0) return fail(errno);
    return 0U;
}

Session::Answer Session::length(Program& program, Address block) {
    const std::uint32_t handle = TRY(load_word(program, block));
    if (is_console(handle)) return 0U;
    File* const of = file(handle);
    if (of == nullptr) return fail(EBADF);
    if (of->features) return static_cast<std::uint32_t>(kFeatures.size());
    struct stat status {};
    if (::fstat(of->descriptor.get(), &status) != 0) return fail(errno);
    if (status.st_size > 0x7FFF'FFFF) return fail(EFBIG);
    return static_cast<std::uint32_t>(status.st_size);
}

Session::Answer Session::remove(Program& program, Address block) {
    const auto [at, size] = TRY((words<2>(program, block)));
    const std::string path = TRY(name(program, at, size));
    if (!files_allowed(path)) return fail(EACCES);
    if (auto done = host_.folder->remove(path); !done) return fail(done.error().number);
    return 0U;
}

Session::Answer Session::rename(Program& program, Address block) {
    const auto [from_at, from_size, to_at, to_size] = TRY((words<4>(program, block)));
    const std::string from = TRY(name(program, from_at, from_size));
    const std::string to = TRY(name(program, to_at, to_size));
    if (!files_allowed(from)) return fail(EACCES);
    if (auto done = host_.folder->rename(from, to); !done) return fail(done.error().number);
    return 0U;
}

// --- the environment ---

Session::Answer Session::command_line(Program& program, Address block) {
    const auto [at, size] = TRY((words<2>(program, block)));
    const std::string& text = host_.command_line;
    if (text.size() >= size) return fail(E2BIG);
    if (store_bytes(program, at, {text.c_str(), text.size() + 1}) != text.size() + 1) return fail(EFAULT);
    TRY(store_word(program, block + 4, static_cast<std::uint32_t>(text.size())));
    return 0U;
}

/// Four zeros: "cannot say". The program's own linker script and vector table know where its heap and stack
/// are.
Session::Answer Session::heap_info(Program& program, Address block) {
    const std::uint32_t at = TRY(load_word(program, block));
    for (Address n = 0; n < 4; ++n) TRY(store_word(program, at + 4 * n, 0));
    return 0U;
}

Session::Answer Session::elapsed(Program& program, Address block) {
    const std::uint64_t ticks = program.now() / kNanosecond;
    TRY(store_word(program, block, static_cast<std::uint32_t>(ticks)));
    TRY(store_word(program, block + 4, static_cast<std::uint32_t>(ticks >> 32)));
    return 0U;
}

Session::Answer Session::leave(Program& program, std::uint32_t operation, std::uint32_t parameter) {
    std::uint32_t reason = parameter, status = 0;
    if (operation == kExitExtended) {  // a block of two words: reason, status
        const auto block = words<2>(program, parameter);
        if (!block && block.error().kind == BusFault::Kind::wait) return block.error();
        reason = block ? (*block)[0] : 0;
        status = block ? (*block)[1] : 1;
    }
    if (reason != kApplicationExit && status == 0) status = 1;
    if (host_.exit) host_.exit(status);
    return 0U;
}

}  // namespace h7::semihosting

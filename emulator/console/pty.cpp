#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "emulator/console/places.hpp"
#include "emulator/console/stream.hpp"

namespace h7::console {
namespace {

class PtyConsole final : public Console {
public:
    PtyConsole(FileDescriptor ours, FileDescriptor theirs, std::string path)
        : ours_(std::move(ours)), theirs_(std::move(theirs)), path_(std::move(path)) {}

    void put(std::uint8_t character) override {
        dropped_ += waiting_.push(character);
        // What the terminal did not take at once waits for exchange().
        if (waiting_.size() == 1) (void)waiting_.write_to(ours_.get(), false);
    }
    Bytes exchange(bool listen) override {
        (void)waiting_.write_to(ours_.get(), false);
        Bytes text;
        if (listen) (void)read_into(text, ours_.get());
        return text;
    }
    int descriptor() const override { return ours_.get(); }
    std::string place() const override { return path_; }

    /// What the terminal holds is lost when we close it: a reader gets a moment to take it.
    Result<void> finish() override {
        for (int tries = 0; tries < 20; ++tries) {
            (void)waiting_.write_to(ours_.get(), false);
            int unread = 0;
            if (waiting_.empty() && (ioctl(theirs_.get(), FIONREAD, &unread) != 0 || unread == 0)) break;
            (void)poll(nullptr, 0, 10);
        }
        return {};
    }

private:
    FileDescriptor ours_;
    FileDescriptor theirs_;  // kept open: a client may come and go
    std::string path_;
    Waiting waiting_;
};

}  // namespace

Result<std::unique_ptr<Console>> open_pty() {
    const auto refused = [] {
        return misuse(fmt::format("no terminal could be had: {}", std::strerror(errno)));
    };
    FileDescriptor ours(posix_openpt(O_RDWR | O_NOCTTY));
    std::array<char, 128> path{};
    if (!ours || grantpt(ours.get()) != 0 || unlockpt(ours.get()) != 0 ||
        ptsname_r(ours.get(), path.data(), path.size()) != 0 || !make_nonblocking(ours.get()))
        return refused();
    FileDescriptor theirs(open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (!theirs || tcgetattr(theirs.get(), &settings) != 0) return refused();
    cfmakeraw(&settings);  // bytes as they are, no echo
    if (tcsetattr(theirs.get(), TCSANOW, &settings) != 0) return refused();
    return std::unique_ptr<Console>(new PtyConsole(std::move(ours), std::move(theirs), path.data()));
}

}  // namespace h7::console

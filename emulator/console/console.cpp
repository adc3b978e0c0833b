// Standard input and output, and files.
#include "emulator/console/console.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "emulator/console/places.hpp"
#include "emulator/console/stream.hpp"

namespace h7::console {
namespace {

class FileConsole : public Console {
public:
    FileConsole(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
    ~FileConsole() override {
        if (file_ != stdout) std::fclose(file_);
    }
    void put(std::uint8_t character) override {
        std::fputc(last_ = character, file_);
        // A person waits for the prompt as well as for the line.
        if (character == '\n' || file_ == stdout) std::fflush(file_);
    }
    Result<void> finish() override {
        if (file_ == stdout && last_ != '\n') std::fputc('\n', file_);  // a run may end within a line
        if (std::fflush(file_) != 0 || std::ferror(file_) != 0)
            return misuse(fmt::format("{}: cannot write: {}", name_, std::strerror(errno)));
        return {};
    }

private:
    std::FILE* file_;
    std::string name_;
    int last_ = '\n';
};

/// The descriptor is the shell's too: it is not made non-blocking, but asked before each read.
class StandardConsole final : public FileConsole {
public:
    StandardConsole() : FileConsole(stdout, "standard output") {}
    int descriptor() const override { return open_ ? STDIN_FILENO : -1; }
    Bytes exchange(bool listen) override {
        Bytes text;
        // POLLHUP of a closed pipe counts too: the read then finds the end.
        while (listen && open_ && text.size() < kBuffered && wait_for(STDIN_FILENO, POLLIN | POLLHUP, 0))
            open_ = read_into(text, STDIN_FILENO) == Read::some;
        return text;
    }

private:
    bool open_ = true;
};

}  // namespace

Result<std::unique_ptr<Console>> open_console(const std::string& where, bool input) {
    constexpr std::string_view kFile = "file:", kTcp = "tcp:";
    if (where == "stdio" && input) return std::unique_ptr<Console>(new StandardConsole);
    if (where == "stdio") return std::unique_ptr<Console>(new FileConsole(stdout, "standard output"));
    if (where == "pty") return open_pty();
    if (where.starts_with(kTcp)) return open_tcp(where.substr(kTcp.size()));
    if (!where.starts_with(kFile) || where.size() == kFile.size())
        return misuse("it goes to stdio, file:PATH, pty, tcp:PORT or tcp:ADDRESS:PORT");
    const std::string path = where.substr(kFile.size());
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return misuse(fmt::format("cannot create: {}", std::strerror(errno)));
    return std::unique_ptr<Console>(new FileConsole(file, path));
}

}  // namespace h7::console

// Arm semihosting as one core uses it: operations, handles, the last error. The calls are those of Arm's
// "Semihosting for AArch32 and AArch64"; what a bare-metal newlib (`--specs=rdimon.specs`) needs, and all of
// its cousins. D-32.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/semihosting/folder.hpp"
#include "emulator/semihosting/program.hpp"

namespace h7::semihosting {

/// What the host offers, to both cores alike. Everything but the console is off unless it is set.
struct Host {
    std::function<void(std::string_view text)> console;  // SYS_WRITEC, SYS_WRITE0, ":tt" opened for writing
    /// ":tt" opened for reading: at most `most` bytes, no more than a line; empty: the end of the input.
    std::function<std::string(std::size_t most)> input;
    std::function<void(std::uint32_t status)> exit;     // SYS_EXIT, SYS_EXIT_EXTENDED
    std::function<void(std::string_view text)> notice;  // a request that was refused, said once each
    std::function<void(std::uint32_t operation)> unknown;
    std::optional<Folder> folder;  // files; none: every SYS_OPEN of a file fails
    std::string command_line;      // SYS_GET_CMDLINE
};

class Session {
public:
    static constexpr std::size_t kMostFiles = 64;

    explicit Session(Host& host) : host_(host) {}

    /// Serves one call; the value for R0. Error: a slave holds an argument; nothing was done, ask again at
    /// its time. An argument that cannot be read or written fails the operation as the document says.
    BusResult<std::uint32_t> serve(Program& program, std::uint32_t operation, std::uint32_t parameter);

    /// Closes every file: the program starts anew.
    void restart();

private:
    struct File {
        FileDescriptor descriptor;
        bool features = false;  // ":semihosting-features"
        std::size_t position = 0;
    };
    using Answer = BusResult<std::uint32_t>;

    Answer open(Program& program, Address block);
    Answer open_file(const std::string& name, std::uint32_t mode);
    Answer take(File file);
    Answer close(Program& program, Address block);
    Answer write_character(Program& program, Address at);
    Answer write_string(Program& program, Address at);
    Answer write(Program& program, Address block);
    Answer read(Program& program, Address block);
    Answer read_character();
    Answer is_tty(Program& program, Address block);
    Answer seek(Program& program, Address block);
    Answer length(Program& program, Address block);
    Answer remove(Program& program, Address block);
    Answer rename(Program& program, Address block);
    Answer command_line(Program& program, Address block);
    Answer heap_info(Program& program, Address block);
    Answer elapsed(Program& program, Address block);
    Answer leave(Program& program, std::uint32_t operation, std::uint32_t parameter);

    BusResult<std::string> name(Program& program, Address at, std::uint32_t size);
    bool files_allowed(std::string_view what);
    void say_once(bool& said, std::string_view text);
    File* file(std::uint32_t handle);
    std::string read_some(std::uint32_t handle, File* file, std::size_t most, bool& failed);
    std::uint32_t fail(int host_error);

    Host& host_;
    std::vector<std::optional<File>> files_;
    std::uint32_t error_ = 0;
    bool said_folder_ = false, said_system_ = false, said_temporary_ = false;
};

}  // namespace h7::semihosting

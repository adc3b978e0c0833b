// Runs the real binary and looks at what a user gets: exit code, standard output, standard error, files.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/bytes.hpp"

namespace h7::test {

struct Outcome {
    int exit = -1;  // 128 + n: killed by signal n
    std::string out, err;
};

/// `h7rss arguments..` in `directory`, standard input empty.
Outcome h7rss(const std::filesystem::path& directory, const std::vector<std::string>& arguments);

/// Starts `h7rss arguments..` whose trace goes to the FIFO `trace`, interrupts it once the trace has begun,
/// and waits: the exit (128 + n: killed by signal n) and, as `out`, the whole trace.
Outcome interrupted(const std::filesystem::path& directory, const std::vector<std::string>& arguments,
                    const std::filesystem::path& trace, int signal);

/// A directory of its own for each test; the binary runs inside it.
class CommandLine : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    Outcome run(const std::vector<std::string>& arguments) const { return h7rss(directory_, arguments); }
    /// Runs what must end with `exit`; its standard output.
    std::string works(const std::vector<std::string>& arguments, int exit = 0) const;
    /// Runs what must be refused: exactly `exit`, nothing on standard output (with --json: an object with the
    /// same exit and error), one line on standard error that begins with "h7rss: " and holds every one of
    /// `parts`, no file of the directory changed, made or removed.
    void refuses(const std::vector<std::string>& arguments, int exit,
                 const std::vector<std::string>& parts) const;

    std::filesystem::path file(std::string_view name) const { return directory_ / name; }
    void write(std::string_view name, ByteView bytes) const;
    void write(std::string_view name, std::string_view text) const;
    Bytes read(std::string_view name) const;

private:
    std::map<std::string, Bytes> snapshot() const;
    std::filesystem::path directory_;
};

}  // namespace h7::test

#include "command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "emulator/base/file.hpp"

namespace h7::test {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& arguments) {
    std::string text = "h7rss";
    for (const std::string& argument : arguments) text += " " + argument;
    return text;
}

/// The binary in `directory`, its three standard streams opened by `streams`; none: it could not be started.
pid_t start(const fs::path& directory, const std::vector<std::string>& arguments,
            const std::function<void(posix_spawn_file_actions_t&)>& streams) {
    std::vector<char*> argv = {const_cast<char*>(H7RSS_BINARY)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    streams(actions);
    pid_t child = 0;
    const int failed = posix_spawn(&child, H7RSS_BINARY, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failed, 0) << H7RSS_BINARY;
    return failed == 0 ? child : 0;
}

int exit_of(pid_t child) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Outcome h7rss(const fs::path& directory, const std::vector<std::string>& arguments) {
    // Output goes to files beside the directory: no pipe can fill up, nothing appears in the snapshot.
    const std::string out = directory.string() + ".out", err = directory.string() + ".err";
    const pid_t child = start(directory, arguments, [&](posix_spawn_file_actions_t& streams) {
        posix_spawn_file_actions_addopen(&streams, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&streams, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_addopen(&streams, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    });
    Outcome outcome;
    if (child == 0) return outcome;
    outcome.exit = exit_of(child);
    const Bytes out_bytes = *read_file(out), err_bytes = *read_file(err);
    outcome.out.assign(out_bytes.begin(), out_bytes.end());
    outcome.err.assign(err_bytes.begin(), err_bytes.end());
    fs::remove(out);
    fs::remove(err);
    return outcome;
}

Outcome interrupted(const fs::path& directory, const std::vector<std::string>& arguments,
                    const fs::path& trace, int signal) {
    EXPECT_EQ(mkfifo(trace.c_str(), 0600), 0);
    const pid_t child = start(directory, arguments, [](posix_spawn_file_actions_t& streams) {
        for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&streams, fd, "/dev/null", O_RDWR, 0);
    });
    if (child == 0) return {};
    Outcome outcome;
    const int fd = open(trace.c_str(), O_RDONLY);  // returns when the other end has opened it
    char chunk[4096];
    for (ssize_t n = 0; (n = read(fd, chunk, sizeof chunk)) > 0;) {
        if (outcome.out.empty()) kill(child, signal);
        outcome.out.append(chunk, static_cast<std::size_t>(n));
    }
    close(fd);
    outcome.exit = exit_of(child);
    return outcome;
}

void CommandLine::SetUp() {
    std::string name = (fs::temp_directory_path() / "h7rss-cli-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
}

void CommandLine::TearDown() { fs::remove_all(directory_); }

std::string CommandLine::works(const std::vector<std::string>& arguments, int exit) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit, exit) << joined(arguments) << "\n" << outcome.err;
    return outcome.out;
}

void CommandLine::refuses(const std::vector<std::string>& arguments, int exit,
                          const std::vector<std::string>& parts) const {
    SCOPED_TRACE(joined(arguments));
    const auto before = snapshot();
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit, exit) << outcome.err;
    if (std::find(arguments.begin(), arguments.end(), "--json") == arguments.end()) {
        EXPECT_EQ(outcome.out, "");
    } else {
        const auto told = nlohmann::json::parse(outcome.out, nullptr, false);
        ASSERT_TRUE(told.is_object()) << outcome.out;
        EXPECT_EQ(told.value("exit", -1), exit);
        EXPECT_EQ("h7rss: " + told.value("error", "") + "\n", outcome.err);
    }
    EXPECT_THAT(outcome.err, testing::StartsWith("h7rss: "));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    for (const std::string& part : parts) EXPECT_THAT(outcome.err, testing::HasSubstr(part));
    EXPECT_TRUE(snapshot() == before) << "a file was changed, made or removed";
}

void CommandLine::write(std::string_view name, ByteView bytes) const {
    ASSERT_TRUE(write_file(file(name), bytes));
}
void CommandLine::write(std::string_view name, std::string_view text) const {
    write(name, ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}
Bytes CommandLine::read(std::string_view name) const { return read_file(file(name)).value_or({}); }

std::map<std::string, Bytes> CommandLine::snapshot() const {
    std::map<std::string, Bytes> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_))
        if (entry.is_regular_file()) files[entry.path().string()] = read_file(entry.path()).value_or({});
    return files;
}

}  // namespace h7::test

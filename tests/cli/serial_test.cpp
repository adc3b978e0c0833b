// h7rss run --uart: real firmware, real clients over TCP and a pseudo-terminal, both cores at once.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(H7RSS_FIXTURES_DIR) + "/" + name; }

/// Reads `fd` until `text` has come or ten seconds without a word have passed.
std::string read_until(int fd, std::string_view text) {
    std::string all;
    while (all.find(text) == std::string::npos) {
        pollfd one{fd, POLLIN, 0};
        std::array<char, 512> chunk{};
        if (poll(&one, 1, 10'000) <= 0) break;
        const ssize_t got = read(fd, chunk.data(), chunk.size());
        if (got <= 0) break;
        all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
}

/// h7rss under way.
class Running {
public:
    Running(const std::filesystem::path& directory, std::vector<std::string> arguments,
            const std::string& input = "/dev/null") {
        std::array<int, 2> output{}, errors{};
        EXPECT_EQ(pipe2(output.data(), O_CLOEXEC), 0);
        EXPECT_EQ(pipe2(errors.data(), O_CLOEXEC), 0);
        out_ = output[0];
        err_ = errors[0];
        std::vector<char*> argv = {const_cast<char*>(H7RSS_BINARY)};
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
        posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, output[1], 1);
        posix_spawn_file_actions_adddup2(&actions, errors[1], 2);
        EXPECT_EQ(posix_spawn(&child_, H7RSS_BINARY, &actions, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        close(output[1]);
        close(errors[1]);
    }
    ~Running() {
        if (child_ > 0) {
            kill(child_, SIGKILL);
            waitpid(child_, nullptr, 0);
        }
        close(out_);
        close(err_);
    }
    /// Where the port is, once it has been said.
    std::string place(const std::string& port) {
        const std::string begin = port + " is at ";
        if (said_.find(begin) == std::string::npos) said_ += read_until(err_, begin);
        std::size_t at = said_.find(begin);
        if (at == std::string::npos) return "";
        at += begin.size();
        if (said_.find('\n', at) == std::string::npos) said_ += read_until(err_, "\n");
        return said_.substr(at, said_.find('\n', at) - at);
    }
    void signal(int number) const { kill(child_, number); }
    int exit() {
        int status = 0;
        out += read_until(out_, std::string_view("\0", 1));
        said_ += read_until(err_, std::string_view("\0", 1));
        EXPECT_EQ(waitpid(child_, &status, 0), child_);
        child_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    const std::string& said() const { return said_; }
    std::string out;

private:
    pid_t child_ = -1;
    int out_ = -1, err_ = -1;
    std::string said_;
};

int connected(const std::string& place) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::size_t colon = place.rfind(':');
    EXPECT_NE(colon, std::string::npos) << place;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi("0" + place.substr(colon + 1))));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << place;
    return fd;
}
void send_text(int fd, std::string_view text) {
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

class Serial : public CommandLine {
protected:
    /// On USART1: what comes while it says that it is ready waits in the FIFO.
    static std::vector<std::string> fifo(std::vector<std::string> more) {
        more.insert(more.begin(), {"run", "--m7", fixture("echo_fifo_m7.elf"), "--host-limit", "60s"});
        return more;
    }
    static std::vector<std::string> echo(std::vector<std::string> more) {
        more.insert(more.begin(), {"run", "--m7", fixture("echo_interrupts_m7.elf"), "--host-limit", "60s"});
        return more;
    }
};

TEST_F(Serial, ATcpClientIsAnsweredUntilTheTextIsSaid) {
    Running run(file("."), echo({"--uart", "usart3=tcp:0", "--until-output", "BYE"}));
    const int client = connected(run.place("usart3"));
    EXPECT_EQ(read_until(client, "ready\n"), "ready\n");
    send_text(client, "Hello");
    EXPECT_EQ(read_until(client, "hELLO"), "hELLO");
    send_text(client, "bye\n");
    EXPECT_EQ(read_until(client, "BYE\n"), "BYE\n");
    EXPECT_EQ(run.exit(), 0);
    EXPECT_THAT(run.said(), HasSubstr("usart3 heard 9 characters from outside"));
    close(client);
}

TEST_F(Serial, TwoCoresTwoPortsTwoClients) {
    Running run(file("."), echo({"--m4", fixture("echo_fifo_m4.elf"), "--uart", "usart3=pty", "--uart",
                                 "uart4=tcp:0", "--fail-output", "STOP"}));
    const int terminal = open(run.place("usart3").c_str(), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal, 0) << run.said();
    const int client = connected(run.place("uart4"));
    EXPECT_EQ(read_until(terminal, "ready\n"), "ready\n");
    EXPECT_EQ(read_until(client, "ready\n"), "ready\n");
    send_text(terminal, "one");
    send_text(client, "two");
    EXPECT_EQ(read_until(client, "TWO"), "TWO");
    EXPECT_EQ(read_until(terminal, "ONE"), "ONE");
    send_text(client, "stop\n");
    EXPECT_EQ(run.exit(), 1);
    EXPECT_THAT(run.said(), HasSubstr("uart4: said 'STOP' (--fail-output)"));
    close(client);
    close(terminal);
}

TEST_F(Serial, AnInterruptEndsALiveRun) {
    Running run(file("."), echo({"--uart", "usart3=tcp:0"}));
    const int client = connected(run.place("usart3"));
    EXPECT_EQ(read_until(client, "ready\n"), "ready\n");
    run.signal(SIGINT);
    EXPECT_EQ(run.exit(), 128 + SIGINT);
    close(client);
}

TEST_F(Serial, StandardInputIsThePortsThatWasSentToStdio) {
    write("keys", "abc");
    Running run(file("."), fifo({"--uart", "usart1=stdio", "--until-output", "ABC"}), file("keys").string());
    EXPECT_EQ(run.exit(), 0) << run.said();
    EXPECT_EQ(run.out, "ready\nABC\n");
}

TEST_F(Serial, ARunEndsWhenStandardInputHasEndedAndNobodyCanWake) {
    Running run(file("."), echo({"--uart", "usart3=stdio"}));
    EXPECT_EQ(run.exit(), 42);
    EXPECT_EQ(run.out, "ready\n");
    EXPECT_THAT(run.said(), HasSubstr("both cores sleep and nothing can wake them"));
}

TEST_F(Serial, InputFromAFileIsTheSameEachTime) {  // D-28
    write("keys", "The same input.");
    for (const char* name : {"a", "b"})
        works(fifo({"--uart", std::string("usart1=file:") + name, "--uart-input", "usart1=keys",
                    "--until-output", "INPUT.", "--trace", std::string(name) + ".txt"}));
    EXPECT_EQ(read("a.txt"), read("b.txt"));
    const Bytes text = read("a");
    EXPECT_EQ(std::string(text.begin(), text.end()), "ready\ntHE SAME INPUT.");
}

TEST_F(Serial, InstantCharactersTakeNoVirtualTime) {  // 0041
    write("keys", "x");
    const auto time = [&](const char* pace) {
        const json report =
            json::parse(works(echo({"--uart-input", "usart3=keys", "--until-output", "X", "--json",
                                    "--uart-time", pace, "--uart", "usart3=stdio"})));
        EXPECT_EQ(report["output"]["usart3"], "ready\nX");
        return report["virtual_time_ps"].get<std::uint64_t>();
    };
    EXPECT_LT(time("instant") + 600'000'000, time("baud"));  // seven characters of 87 us each
}

TEST_F(Serial, Mistakes) {
    refuses(echo({"--uart", "usart3=tcp:70000"}), 2, {"tcp:70000", "tcp:PORT"});
    refuses(echo({"--uart", "usart3=tcp:here:1"}), 2, {"tcp:here:1", "tcp:ADDRESS:PORT"});
    refuses(echo({"--uart", "usart1=tcp:5001", "--uart", "usart3=tcp:5001"}), 2,
            {"--uart usart3=tcp:5001", "already"});
    refuses(echo({"--uart", "usart3=stdio", "--uart", "USART3=pty"}), 2, {"--uart USART3=pty", "already"});
    refuses(echo({"--uart", "usart3=ttyS0"}), 2, {"--uart usart3=ttyS0", "stdio", "tcp:ADDRESS:PORT"});
    refuses(echo({"--uart", "usart3=file:"}), 2, {"--uart usart3=file:", "file:PATH"});
    refuses(echo({"--uart", "usart3=file:no/x"}), 2, {"--uart usart3=file:no/x", "cannot create"});
    refuses(echo({"--uart", "usart9=pty"}), 2,
            {"--uart usart9", "no such port", "usart1", "uart8", "lpuart1"});
    refuses(echo({"--swo", "cm7=tcp:0"}), 2, {"--swo cm7=tcp:0", "serial port"});
    refuses(echo({"--uart-input", "usart3"}), 2, {"--uart-input usart3", "NAME=PATH"});
    refuses(echo({"--uart-input", "usart3=none"}), 2, {"--uart-input none", "cannot open"});
    write("keys", "x");
    refuses(echo({"--uart-input", "usart9=keys"}), 2, {"usart9", "no such port"});
    refuses(echo({"--uart-input", "usart3=keys", "--uart-input", "USART3=keys"}), 2,
            {"USART3=keys", "already"});
    refuses(echo({"--uart-time", "never"}), 2, {"--uart-time"});
}

}  // namespace
}  // namespace h7::test

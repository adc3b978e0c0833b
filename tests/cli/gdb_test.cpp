// h7rss run --gdb with the real gdb-multiarch, and with packets sent by hand where the moment matters.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "command.hpp"
#include "emulator/base/hex.hpp"

namespace h7::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(H7RSS_FIXTURES_DIR) + "/" + name; }

/// h7rss that listens for a debugger on a free port; what it says on standard error is kept.
class Served {
public:
    Served(const std::filesystem::path& directory, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--host-limit", "60s"});
        std::vector<char*> argv = {const_cast<char*>(H7RSS_BINARY)};
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        int ends[2];
        EXPECT_EQ(pipe(ends), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        EXPECT_EQ(posix_spawn(&child_, H7RSS_BINARY, &actions, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        errors_ = fdopen(ends[0], "r");
        char line[512];
        while (port_.empty() && std::fgets(line, sizeof line, errors_) != nullptr) {
            said_ += line;
            const std::size_t at = said_.find("127.0.0.1:");
            if (at != std::string::npos) port_ = said_.substr(at + 10, said_.find('\n', at) - at - 10);
        }
        EXPECT_FALSE(port_.empty()) << said_;
    }
    ~Served() {
        if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
        std::fclose(errors_);
    }
    const std::string& port() const { return port_; }
    /// Waits for the end: the exit code, and in said() all of standard error.
    int ends() {
        char line[512];
        while (std::fgets(line, sizeof line, errors_) != nullptr) said_ += line;
        int status = 0;
        waitpid(std::exchange(child_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    const std::string& said() const { return said_; }

private:
    pid_t child_ = 0;
    std::FILE* errors_ = nullptr;
    std::string said_, port_;
};

/// What gdb-multiarch prints for these commands, connected.
std::string gdb(const Served& served, const std::string& program, const std::vector<std::string>& commands) {
    std::string line =
        "timeout 50 gdb-multiarch -q -nx -batch -ex 'set confirm off' -ex 'target remote 127.0.0.1:" +
        served.port() + "'";
    for (const std::string& command : commands) line += " -ex '" + command + "'";
    std::FILE* pipe = popen((line + " " + program + " 2>&1").c_str(), "r");
    std::string text;
    char part[512];
    while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
    pclose(pipe);
    return text;
}

/// A debugger by hand.
class Client {
public:
    explicit Client(const std::string& port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Client() { close(fd_); }
    void send(const std::string& bytes) const {
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    void command(const std::string& payload) const {
        unsigned sum = 0;
        for (const char c : payload) sum += static_cast<std::uint8_t>(c);
        const auto byte = static_cast<std::uint8_t>(sum);
        send("$" + payload + "#" + to_hex(ByteView(&byte, 1)));
    }
    /// The next payload; "" when the other end has gone.
    std::string reply() const {
        std::string text;
        char c = 0;
        while (recv(fd_, &c, 1, 0) == 1) {
            text += c;
            if (text.size() > 3 && text[text.size() - 3] == '#') break;
        }
        const std::size_t from = text.find('$');
        return from == std::string::npos ? "" : text.substr(from + 1, text.size() - from - 4);
    }
    std::string ask(const std::string& payload) const {
        command(payload);
        return reply();
    }

private:
    int fd_;
};

class Gdb : public CommandLine {};

TEST_F(Gdb, BreaksStepsAndRunsToTheEndOnEachCore) {
    for (const std::string core : {"m7", "m4"}) {
        const std::string program = fixture("hello_" + core + ".elf");
        Served served(file("."), {"run", "--" + core, program, "--gdb", "c" + core + ":0", "--until-output",
                                  "hello from the Cortex-M"});
        const std::string text = gdb(
            served, program,
            {"break main", "info registers pc", "continue", "backtrace", "stepi", "p (int)$pc - (int)&main",
             "info registers msp primask control", "p $d0", "p $fpscr", "next", "monitor help", "continue"});
        EXPECT_THAT(text, AllOf(HasSubstr("<Reset_Handler>"), HasSubstr("Breakpoint 1, main ()"),
                                HasSubstr("#0  main ()"), HasSubstr("= 2\n"), HasSubstr("primask"),
                                HasSubstr("monitor reset"), HasSubstr("exited normally")))
            << core;
        EXPECT_EQ(served.ends(), 0) << served.said();
    }
}

TEST_F(Gdb, AfterAResetEverythingBeginsAgain) {
    const std::string program = fixture("hello_m7.elf");
    Served served(file("."), {"run", "--m7", program, "--gdb", "0"});
    const std::string text = gdb(
        served, program,
        {"break main", "continue", "monitor reset", "flushregs", "info registers pc", "continue", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("NRST was low"), HasSubstr("<Reset_Handler>")));
    EXPECT_NE(text.find("Breakpoint 1, main", text.find("NRST")), std::string::npos) << text;
    EXPECT_EQ(served.ends(), 0) << "killed by its debugger";
}

TEST_F(Gdb, InterruptsACoreThatRuns) {
    Served served(file("."), {"run", "--m7", fixture("hello_m7.elf"), "--gdb", "0"});
    Client client(served.port());
    EXPECT_THAT(client.ask("?"), HasSubstr("T05"));
    EXPECT_EQ(client.ask("M24000000,2:fee7"), "OK");  // b .
    EXPECT_EQ(client.ask("Pf=00000024"), "OK");
    client.command("c");
    client.send("\x03");
    EXPECT_THAT(client.reply(), HasSubstr("T02"));
    EXPECT_EQ(client.ask("mffffffff,1"), "E0e");
    EXPECT_EQ(client.ask("Z2,20000000,4"), "") << "watchpoints are not offered";
    EXPECT_EQ(client.ask("P19"), "E01");
    EXPECT_EQ(client.ask("M20000000,4:01020304"), "OK");
    EXPECT_EQ(client.ask("m20000000,4"), "01020304");
    EXPECT_EQ(client.ask("pf"), "00000024") << "it spun";
    EXPECT_EQ(client.ask("D"), "OK");
    Client again(served.port());  // attached to while it runs
    EXPECT_THAT(again.ask("?"), HasSubstr("T"));
    again.command("k");
    EXPECT_EQ(again.reply(), "");
    EXPECT_EQ(served.ends(), 0);
}

TEST_F(Gdb, ALockUpIsToldWithItsReport) {
    Served served(file("."), {"run", "--gdb", "0"});  // a blank chip is locked up from the start
    const std::string text = gdb(served, "", {"continue"});
    EXPECT_THAT(text, AllOf(HasSubstr("locked up"), HasSubstr("SIG")));
}

TEST_F(Gdb, ProtectedCodeIsNotReadAndTheRuleIsNamed) {  // F-220
    works({"chip", "new", "board.h7"});
    works({"run", "--chip", "board.h7", "--m7", fixture("hello_m7.elf"), "--limit", "1us"}, 42);
    works({"ob", "set", "board.h7", "PROT_AREA_START1=0x10", "PROT_AREA_END1=0x20"});
    Served served(file("."), {"run", "--chip", "board.h7", "--gdb", "0", "--discard"});
    const std::string text =
        gdb(served, fixture("hello_m7.elf"),
            {"set trust-readonly-sections off", "x/wx 0x08001000", "x/wx 0x52002010", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("Cannot access memory at address 0x8001000"),
                            HasSubstr("0x52002010:\t0x00000000")))
        << "and no flag was raised";
    EXPECT_EQ(served.ends(), 0);
    EXPECT_THAT(served.said(), HasSubstr("F-220"));
}

TEST_F(Gdb, IsRefusedAtLevelTwo) {  // F-202
    works({"chip", "new", "board.h7"});
    works({"run", "--chip", "board.h7", "--m7", fixture("hello_m7.elf"), "--limit", "1us"}, 42);
    works({"ob", "set", "board.h7", "RDP=0xCC"});
    refuses({"run", "--chip", "board.h7", "--gdb", "0"}, 1, {"--gdb", "level 2", "F-202", "--gdb-unseen"});
}

TEST_F(Gdb, WantsACoreAndAPort) {
    for (const std::string where : {"cm5:1", "70000", "cm4:", "port"})
        refuses({"run", "--gdb", where}, 2, {"--gdb " + where, "cm4:PORT"});
}

}  // namespace
}  // namespace h7::test

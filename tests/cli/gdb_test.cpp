// h7rss run --gdb with the real gdb-multiarch, and with packets sent by hand where the moment matters.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

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

TEST_F(Gdb, StepsIntoASupervisorCallAndAFaultAndOutAgainOnEachCore) {  // ARMv7-M B1.5
    for (const std::string core : {"m7", "m4"}) {
        const std::string program = fixture("debugged_" + core + ".elf");
        Served served(file("."), {"run", "--" + core, program, "--gdb", "c" + core + ":0"});
        const std::string text = gdb(served, program,
                                     {"break *&at_svc",
                                      "continue",
                                      "stepi",
                                      "echo A:",
                                      "output $pc == &SVC_Handler",
                                      "echo /",
                                      "output $xpsr & 0x1ff",
                                      "echo \\n",
                                      "backtrace",
                                      "finish",
                                      "echo B:",
                                      "output $pc == &behind_svc",
                                      "echo /",
                                      "output supervisor_calls",
                                      "echo \\n",
                                      "delete",
                                      "tbreak *&at_fault",
                                      "continue",
                                      "stepi",
                                      "echo C:",
                                      "output $pc == &UsageFault_Handler",
                                      "echo /",
                                      "output $xpsr & 0x1ff",
                                      "echo /",
                                      "output/x *(unsigned*)0xE000ED28",
                                      "echo \\n",
                                      "stepi 11",
                                      "echo D:",
                                      "output $pc == &behind_fault",
                                      "echo /",
                                      "output faults",
                                      "echo /",
                                      "output $xpsr & 0x1ff",
                                      "echo \\n",
                                      "tbreak call_supervisor",
                                      "continue",
                                      "next",
                                      "next",
                                      "echo E:",
                                      "output supervisor_calls",
                                      "echo \\n",
                                      "kill"});
        EXPECT_THAT(text, AllOf(HasSubstr("A:1/11"), HasSubstr("<signal handler called>"), HasSubstr("B:1/1"),
                                HasSubstr("C:1/6/0x10000"), HasSubstr("D:1/1/0"), HasSubstr("E:1")))
            << core;
        EXPECT_EQ(served.ends(), 0) << served.said();
    }
}

/// The chip's own clock goes on where the debugger let it: no freeze stays behind.
TEST_F(Gdb, ATimerFrozenByTheDebuggerCountsOnWhenTheCoreDoes) {  // system.md 6.11
    const std::string program = fixture("debugged_m7.elf");
    Served served(file("."), {"run", "--m7", program, "--gdb", "0"});
    const std::string text =
        gdb(served, program,
            {"break *&at_svc", "continue", "set {unsigned}0x5C00103C = 1", "p *(unsigned*)0x40000000",
             "set $a = *(unsigned*)0x40000024", "p *(unsigned*)0x40000024 - $a", "continue",
             "set $b = *(unsigned*)0x40000024", "echo counts:", "output $b > $a + 100", "echo \\n", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("$1 = 1\n"), HasSubstr("$2 = 0\n"), HasSubstr("counts:1")));
}

TEST_F(Gdb, TheCortexM4SeesItsProgramThroughTheWindowAtZero) {  // system.md 2.3
    const std::string program = fixture("debugged_m4.elf");
    Served served(file("."), {"run", "--m4", program, "--gdb", "cm4:0"});
    const std::string text =
        gdb(served, program,
            {"p *(unsigned*)0 == *(unsigned*)0x08100000 && *(unsigned*)4 == *(unsigned*)0x08100004",
             "break *((unsigned)&at_svc - 0x08100000)", "set $pc = (unsigned)&call_supervisor - 0x08100000",
             "continue", "p $pc == (unsigned)&at_svc - 0x08100000", "delete", "stepi",
             "p $pc == &SVC_Handler && ($xpsr & 0x1ff) == 11", "set {unsigned}0 = 0", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("$1 = 1\n"), HasSubstr("$2 = 1\n"), HasSubstr("$3 = 1\n"),
                            HasSubstr("Cannot access memory at address 0x0")));
    EXPECT_EQ(served.ends(), 0);
    EXPECT_THAT(served.said(), HasSubstr("F-055"));
}

TEST_F(Gdb, LoadsAProgramIntoFlashOfEachCoreAndIntoRam) {  // F-055, F-083
    for (const std::string core : {"m7", "m4"}) {
        works({"chip", "new", core + ".h7"});
        const std::string program = fixture("hello_" + core + ".elf");
        Served served(file("."), {"run", "--chip", core + ".h7", "--gdb", "c" + core + ":0", "--until-output",
                                  "hello from the Cortex-M"});
        const std::string text = gdb(served, program,
                                     {"load", "compare-sections", "p/x *(unsigned*)0x52002010",
                                      "p/x *(unsigned*)0x5200200C", "p/x *(unsigned*)0x5200210C",
                                      "monitor reset", "flushregs", "break main", "continue", "continue"});
        EXPECT_THAT(text, AllOf(HasSubstr("Start address"), HasSubstr("matched"),
                                testing::Not(HasSubstr("MIS-MATCHED")), HasSubstr("$1 = 0x0\n"),
                                HasSubstr("Breakpoint 1, main"), HasSubstr("exited normally")));
        const auto locked = [&](const std::string& name) {
            const std::size_t at = text.find(name + " = 0x");
            return at != std::string::npos && (std::stoul(text.substr(at + 7), nullptr, 16) & 1U) != 0;
        };
        EXPECT_TRUE(locked("$2")) << text;
        EXPECT_TRUE(locked("$3")) << text;
        EXPECT_EQ(served.ends(), 0) << served.said();
        works({"run", "--chip", core + ".h7", "--until-output", "hello from the Cortex-M"});
    }
    const std::string in_ram = fixture("hal_flash_replay_m7.elf");
    Served served(file("."), {"run", "--gdb", "0"});
    EXPECT_THAT(gdb(served, in_ram, {"load", "compare-sections", "kill"}),
                AllOf(HasSubstr("Start address 0x2400"), HasSubstr("matched"),
                      testing::Not(HasSubstr("MIS-MATCHED"))));
}

TEST_F(Gdb, LoadIsRefusedByTheRuleThatRefusesAProbe) {
    const std::string program = fixture("hello_m7.elf");
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"nWRP0=0"}, "F-191"},
        {{"PROT_AREA_START1=0x0", "PROT_AREA_END1=0x10"}, "F-222"},
        {{"RDP=0xBB"}, "F-086"},
    };
    for (const auto& [options, rule] : cases) {
        const std::string chip = options[0] + ".h7";
        works({"chip", "new", chip});
        works({"run", "--chip", chip, "--m7", program, "--limit", "1us"}, 42);
        std::vector<std::string> set = {"ob", "set", chip};
        set.insert(set.end(), options.begin(), options.end());
        works(set);
        Served served(file("."), {"run", "--chip", chip, "--gdb", "0", "--discard"});
        EXPECT_THAT(gdb(served, program, {"load", "kill"}), HasSubstr("Error")) << chip;
        EXPECT_EQ(served.ends(), 0);
        EXPECT_THAT(served.said(), AllOf(HasSubstr("gdb: load: "), HasSubstr(rule))) << chip;
    }
}

/// A chip at RDP level 1 that runs the program of the Cortex-M7.
class GdbAtLevelOne : public Gdb {
protected:
    void SetUp() override {
        Gdb::SetUp();
        works({"chip", "new", "board.h7"});
        works({"run", "--chip", "board.h7", "--m7", program, "--limit", "1us"}, 42);
        works({"ob", "set", "board.h7", "RDP=0xBB"});
    }
    std::string program = fixture("debugged_m7.elf");
};

TEST_F(GdbAtLevelOne, ConnectingClosesTheFlashUntilPowerOn) {  // F-198, F-200, F-204
    Served served(file("."), {"run", "--chip", "board.h7", "--discard", "--gdb", "0", "--gdb-no-wait"});
    const std::string text =
        gdb(served, program,
            {"set trust-readonly-sections off", "x/wx 0x08000000", "x/wx 0x24000000", "x/wx 0x38800000",
             "set {unsigned}0x24000000 = 7", "p *(unsigned*)0x24000000", "monitor reset",
             "echo after the reset:", "x/wx 0x08000000", "detach"});
    EXPECT_THAT(text, AllOf(HasSubstr("0x24000000:\t0x"), HasSubstr("0x38800000:\t0x00000000"),
                            HasSubstr("$1 = 7\n"), HasSubstr("NRST was low")))
        << "RAM is open, backup SRAM reads zeros (0002)";
    const std::size_t reset = text.find("after the reset:");
    EXPECT_LT(text.find("Cannot access memory at address 0x8000000"), reset) << text;
    EXPECT_NE(text.find("Cannot access memory at address 0x8000000", reset), std::string::npos) << text;
    EXPECT_EQ(served.ends(), 3) << "without its flash nobody can run";
    EXPECT_THAT(served.said(), AllOf(HasSubstr("an intrusion"), HasSubstr("F-198"), HasSubstr("F-200"),
                                     HasSubstr("CM7 locked up: the reset vector cannot be read")));
}

TEST_F(GdbAtLevelOne, SomebodyUnseenChangesNothing) {  // 0100
    Served served(file("."), {"run", "--chip", "board.h7", "--discard", "--gdb", "0", "--gdb-unseen"});
    const std::string text =
        gdb(served, program,
            {"set trust-readonly-sections off", "x/wx 0x08000000", "break *&behind_fault", "continue",
             "p supervisor_calls", "continue", "p/x *(unsigned*)0xE000EDF0 & 1", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("0x8000000 <vector_stack>:\t0x"), HasSubstr("$1 = 1\n"),
                            HasSubstr("$2 = 0x0\n")));
    EXPECT_EQ(served.ends(), 0);
    EXPECT_EQ(served.said().find("F-"), std::string::npos) << served.said();
}

/// Secure bootloader in a secure area, and an application that it starts.
class GdbOnASecureChip : public Gdb {
protected:
    void install(const std::string& boot) {
        write("words.txt", "SECURITY=1\nSEC_AREA_START1=0x0\nSEC_AREA_END1=0x7F\n");
        works({"chip", "import", "board.h7", "--flash", fixture(boot + ".elf"), fixture("application.elf"),
               "--options", "words.txt"});
    }
    /// Asks again and again until the port is open.
    std::unique_ptr<Client> connects(const Served& served) {
        auto client = std::make_unique<Client>(served.port());
        while (client->ask("?").empty() && !HasFailure()) client = std::make_unique<Client>(served.port());
        return client;
    }
};

TEST_F(GdbOnASecureChip, IsLetInWhenTheBootloaderHasOpenedThePort) {  // R-041
    install("secure_boot");
    Served served(file("."), {"run", "--chip", "board.h7", "--discard", "--gdb", "0"});
    const auto client = connects(served);
    EXPECT_EQ(client->ask("m8000000,4"), "E0e") << "the secure area stays closed";
    EXPECT_EQ(client->ask("m8020000,4").size(), 8U) << "the application does not";
    client->command("k");
    EXPECT_EQ(served.ends(), 0);
    EXPECT_THAT(served.said(), HasSubstr("F-229"));
}

TEST_F(GdbOnASecureChip, IsNotLetInWhenTheBootloaderKeptThePortClosed) {  // R-041
    install("secure_boot_no_debug");
    Served served(file("."), {"run", "--chip", "board.h7", "--discard", "--gdb", "0"});
    EXPECT_EQ(Client(served.port()).ask("?"), "");
    EXPECT_EQ(served.ends(), 42) << "both cores sleep";
    EXPECT_THAT(served.said(), AllOf(HasSubstr("the debug port is closed"), HasSubstr("CONFSEC")));
}

TEST_F(GdbOnASecureChip, SomebodyUnseenStepsThroughSecureCode) {  // 0100
    install("secure_boot_no_debug");
    Served served(file("."), {"run", "--chip", "board.h7", "--discard", "--gdb", "0", "--gdb-unseen"});
    const std::string text =
        gdb(served, fixture("secure_boot_no_debug.elf"),
            {"set trust-readonly-sections off", "break main", "continue", "p/x *(unsigned*)0x4FFF1000",
             "x/wx 0x08000000", "stepi", "stepi", "delete", "monitor reset", "kill"});
    EXPECT_THAT(text, AllOf(HasSubstr("Breakpoint 1, main"), HasSubstr("$1 = 0x2\n"),
                            HasSubstr("0x8000000 <vector_stack>:\t0x"), HasSubstr("NRST was low")));
    EXPECT_EQ(served.ends(), 0);
}

TEST_F(Gdb, WithoutWaitingTheProgramRunsAndIsAttachedToAnyTime) {
    Served ends(file("."), {"run", "--m7", fixture("hello_m7.elf"), "--gdb", "0", "--gdb-no-wait",
                            "--until-output", "hello"});
    EXPECT_EQ(ends.ends(), 0) << ends.said();
    EXPECT_THAT(ends.said(), HasSubstr("the Cortex-M7 runs; connect with"));
    for (const std::string turn : {"10000", "10000000"}) {
        Served served(file("."), {"run", "--m7", fixture("debugged_m7.elf"), "--gdb", "0", "--gdb-no-wait",
                                  "--turn", turn});
        const std::string text = gdb(served, fixture("debugged_m7.elf"),
                                     {"p/x *(unsigned*)0xE000EDF0 & 0x20001", "tbreak *&behind_svc",
                                      "continue", "p supervisor_calls", "detach"});
        EXPECT_THAT(text, AllOf(HasSubstr("$1 = 0x20001\n"), HasSubstr("$2 = 1\n"))) << turn;
        Client again(served.port());
        EXPECT_THAT(again.ask("?"), HasSubstr("T")) << "it went on and stands again";
        again.command("k");
        EXPECT_EQ(served.ends(), 0);
    }
}

TEST_F(Gdb, WithoutWaitingAChipThatSleepsIsStillAttachedTo) {
    Served served(file("."), {"run", "--m7", fixture("hello_m7.elf"), "--gdb", "0", "--gdb-no-wait"});
    const std::string text =
        gdb(served, fixture("hello_m7.elf"), {"p/x *(unsigned*)0xE000EDF0 & 0xE0000", "kill"});
    EXPECT_THAT(text, HasSubstr("$1 = 0x60000\n")) << "S_SLEEP, S_HALT";
    EXPECT_EQ(served.ends(), 0);
}

TEST_F(Gdb, VectorResetRestartsTheCoreAloneAndActiveExceptionsAreCleared) {  // 0150
    for (const std::string core : {"m7", "m4"}) {
        const std::string program = fixture("debugged_" + core + ".elf");
        Served served(file("."), {"run", "--" + core, program, "--gdb", "c" + core + ":0"});
        const std::string text =
            gdb(served, program,
                {"break SVC_Handler", "continue", "p/x *(unsigned*)0xE000ED24 & 0x80",
                 "set {unsigned}0xE000ED0C = 0x05FA0002", "p/x *(unsigned*)0xE000ED24 & 0x80",
                 "set {unsigned}0xE000ED0C = 0x05FA0001", "flushregs", "p $pc == &Reset_Handler",
                 "p $xpsr & 0x1ff", "p *(unsigned*)0x40000000", "continue", "p faults", "kill"});
        EXPECT_THAT(text, AllOf(HasSubstr("$1 = 0x80\n"), HasSubstr("$2 = 0x0\n"), HasSubstr("$3 = 1\n"),
                                HasSubstr("$4 = 0\n"), HasSubstr("$5 = 1\n"), HasSubstr("$6 = 0\n")))
            << core;
        EXPECT_EQ(served.ends(), 0) << served.said();
    }
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

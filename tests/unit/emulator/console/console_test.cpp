// Consoles against real clients: sockets and terminals of this host.
#include "emulator/console/console.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "emulator/base/file.hpp"

namespace h7::console {
namespace {

std::unique_ptr<Console> opened(const std::string& where) {
    auto console = open_console(where, false);
    EXPECT_TRUE(console) << (console ? "" : console.error().message);
    return console ? std::move(*console) : nullptr;
}
void say(Console& console, std::string_view text) {
    for (const char c : text) console.put(static_cast<std::uint8_t>(c));
}
/// What arrives at `fd` until `size` characters are there or a second has passed.
std::string heard(Console& console, int fd, std::size_t size) {
    std::string text;
    for (int tries = 0; text.size() < size && tries < 100; ++tries) {
        (void)console.exchange(true);
        pollfd one{fd, POLLIN, 0};
        if (poll(&one, 1, 10) <= 0) continue;
        std::array<char, 4096> chunk{};
        const ssize_t got = read(fd, chunk.data(), chunk.size());
        if (got <= 0) break;
        text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return text;
}
std::string taken(Console& console, std::size_t size) {
    std::string text;
    for (int tries = 0; text.size() < size && tries < 100; ++tries) {
        for (const std::uint8_t c : console.exchange(true)) text += static_cast<char>(c);
        pollfd one{console.descriptor(), POLLIN, 0};
        (void)poll(&one, 1, 10);
    }
    return text;
}
int connected(const Console& console) {
    const std::string place = console.place();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(place.substr(place.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
}

TEST(Tcp, SpeaksBothWays) {
    const auto console = opened("tcp:0");
    EXPECT_TRUE(console->place().starts_with("127.0.0.1:"));
    const int client = connected(*console);
    EXPECT_EQ(write(client, "abc", 3), 3);
    EXPECT_EQ(taken(*console, 3), "abc");
    say(*console, "hello");
    EXPECT_EQ(heard(*console, client, 5), "hello");
    close(client);
}

TEST(Tcp, WhoComesLateFindsTheLastCharacters) {
    const auto console = opened("tcp:127.0.0.1:0");
    say(*console, "boot\n");
    const int client = connected(*console);
    EXPECT_EQ(heard(*console, client, 5), "boot\n");
    close(client);
}

TEST(Tcp, AClientMayLeaveAndTheNextOneCome) {
    const auto console = opened("tcp:0");
    const int first = connected(*console);
    say(*console, "1");
    EXPECT_EQ(heard(*console, first, 1), "1");
    close(first);
    for (int i = 0; i < 100; ++i) {  // its end is seen, and nothing dies of writing to it
        console->put('x');
        (void)console->exchange(true);
    }
    const int second = connected(*console);
    EXPECT_EQ(write(second, "y", 1), 1);
    EXPECT_EQ(taken(*console, 1), "y");
    close(second);
}

TEST(Tcp, AClientThatNeverReadsBlocksNobody) {
    const auto console = opened("tcp:0");
    const int client = connected(*console);
    (void)console->exchange(true);
    const std::string text(1 << 16, 'x');
    for (int i = 0; i < 256; ++i) {  // 16 MiB: more than any socket holds
        say(*console, text);
        (void)console->exchange(true);
    }
    EXPECT_GT(console->dropped(), 0U);
    close(client);
}

TEST(Tcp, FinishHandsOverWhatWaits) {
    auto console = opened("tcp:0");
    const int client = connected(*console);
    EXPECT_EQ(write(client, "unread", 6), 6);
    const std::string text(kBuffered, 'x');
    say(*console, text);
    ASSERT_TRUE(console->finish());
    console.reset();
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = read(client, chunk.data(), chunk.size())) > 0;)
        all.append(chunk.data(), static_cast<std::size_t>(got));
    EXPECT_EQ(all, text);
    close(client);
}

TEST(Tcp, MistakesAreNamed) {
    for (const char* where :
         {"tcp:", "tcp:70000", "tcp:-1", "tcp:5001x", "tcp:nowhere:5001", "tcp:1.2.3:1", "tcp:[::1:1"}) {
        const auto console = open_console(where, false);
        ASSERT_FALSE(console) << where;
        EXPECT_NE(console.error().message.find("tcp:ADDRESS:PORT"), std::string::npos)
            << console.error().message;
    }
    const auto one = opened("tcp:0");
    const std::string place = one->place();
    const auto two = open_console("tcp:" + place.substr(place.rfind(':') + 1), false);
    ASSERT_FALSE(two);
    EXPECT_NE(two.error().message.find("in use"), std::string::npos) << two.error().message;
}

TEST(Pty, IsARawTerminal) {
    const auto console = opened("pty");
    const int client = open(console->place().c_str(), O_RDWR | O_NOCTTY);
    ASSERT_GE(client, 0);
    EXPECT_EQ(write(client, "a\x03\r", 3), 3);  // no line is waited for, ^C is a character
    EXPECT_EQ(taken(*console, 3), "a\x03\r");
    say(*console, "x\ny");
    EXPECT_EQ(heard(*console, client, 3), "x\ny");
    close(client);
    say(*console, "later");  // nobody there: kept
    const int next = open(console->place().c_str(), O_RDWR | O_NOCTTY);
    EXPECT_EQ(heard(*console, next, 5), "later");
    close(next);
}

TEST(Pty, NobodyReadsAndNothingBlocks) {
    const auto console = opened("pty");
    say(*console, std::string(1 << 20, 'x'));
    EXPECT_GT(console->dropped(), 0U);
}

TEST(Place, FilesAreMadeAtOnceAndMistakesNamed) {
    char name[] = "/tmp/h7rss-console-XXXXXX";
    const int made = mkstemp(name);
    ASSERT_GE(made, 0);
    close(made);
    const auto console = opened(std::string("file:") + name);
    say(*console, "text");
    EXPECT_EQ(console->descriptor(), -1);
    ASSERT_TRUE(console->finish());
    EXPECT_EQ(read_file(name)->size(), 4U);
    unlink(name);
    EXPECT_FALSE(open_console("file:", false));
    EXPECT_FALSE(open_console("pigeon", false));
    EXPECT_FALSE(open_console("file:/no/such/dir/x", false));
}

}  // namespace
}  // namespace h7::console

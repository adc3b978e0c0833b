// The server, killed under load again and again: whatever a client holds, the ledger holds.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <random>
#include <thread>

#include "tests/unit/rss/license_server/office.hpp"

extern char** environ;

namespace h7::license_server::test {
namespace {

/// `h7rss license serve` as a process of its own.
class Process {
public:
    explicit Process(const Folder& folder) {
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe(pipe.data()), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        posix_spawn_file_actions_addclose(&actions, pipe[0]);
        std::string program = H7RSS_BINARY, license = "license", serve = "serve",
                    file = folder.at("server.toml").string();
        std::array<char*, 5> arguments{program.data(), license.data(), serve.data(), file.data(), nullptr};
        EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        std::string line;
        for (char c = 0; ::read(pipe[0], &c, 1) == 1 && c != '\n';) line += c;
        ::close(pipe[0]);
        const std::string before = "127.0.0.1:";
        if (const std::size_t at = line.find(before); at != std::string::npos)
            port_ = std::stoi(line.substr(at + before.size()));
    }
    ~Process() { end(SIGKILL); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int port() const { return port_; }
    int end(int signal) {
        int status = 0;
        if (pid_ > 0) {
            ::kill(pid_, signal);
            ::waitpid(pid_, &status, 0);
        }
        pid_ = -1;
        return status;
    }

private:
    pid_t pid_ = -1;
    int port_ = 0;
};

int kills() {
    const char* asked = std::getenv("H7RSS_KILLS");
    return asked == nullptr ? 10 : std::atoi(asked);
}

TEST(LicenseServerKilled, EveryLicenseGivenIsInTheLedgerAndNoneBeyondTheQuota) {  // issue 7, reliability
    constexpr std::size_t kClients = 8;
    const int rounds = kills();
    // The quota runs out before the last kill, so that both sides of it are met.
    const std::size_t quota = static_cast<std::size_t>(rounds) * 40;
    const Folder folder;
    folder.write("server.toml", file_text(fmt::format("quota = {}", quota)));
    std::vector<Chip> chips;
    for (std::uint32_t n = 0; n < quota + 500; ++n) chips.push_back(make_chip(n));

    std::map<Bytes, std::string> given;  // UID -> license in hex
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    std::size_t refused = 0, changed = 0;
    std::mt19937 random(7);  // NOLINT: the moments of the kills, not a secret
    const auto ask = [&](httplib::Client& http, const Chip& chip) {
        const auto answer = http.Post("/v1/licenses", request_json(chip), "application/json");
        if (!answer) return false;
        const std::lock_guard guard(mutex);
        if (answer->status != 200) {
            ++refused;
            return answer->status == 403;
        }
        const auto json = nlohmann::json::parse(answer->body);
        const auto [at, fresh] = given.try_emplace(chip.uid, json["license"].get<std::string>());
        if (!fresh && at->second != json["license"]) ++changed;
        return true;
    };

    for (int round = 0; round < rounds; ++round) {
        Process server(folder);
        ASSERT_NE(server.port(), 0) << "round " << round << ": it does not start over what was left";
        std::vector<std::thread> clients;
        for (std::size_t c = 0; c < kClients; ++c)
            clients.emplace_back([&, c] {
                httplib::Client http("127.0.0.1", server.port());
                http.set_keep_alive(true);
                http.set_tcp_nodelay(true);  // head and body leave in two pieces
                http.set_default_headers({{"Authorization", fmt::format("Bearer {}", kOperatorToken)}});
                bool alive = true;
                // Each fifth request is of a chip that has asked before: over many kills its license must
                // stay the same.
                for (std::size_t n = c; alive; ++n)
                    alive = ask(http, chips[n % 5 == 0 ? n % 40 : next++ % chips.size()]);
            });
        ::usleep(std::uniform_int_distribution<unsigned>(20'000, 150'000)(random));
        server.end(SIGKILL);
        for (std::thread& client : clients) client.join();
    }

    Process last(folder);  // it starts: the chain holds
    ASSERT_NE(last.port(), 0);
    EXPECT_EQ(last.end(SIGTERM), 0);  // and stops with exit 0
    const auto ledger = Ledger::open(folder.at("ledger.db"), Ledger::Use::look);
    ASSERT_TRUE(ledger) << ledger.error().message;
    std::map<Bytes, std::string> written;
    const auto totals = ledger->walk([&](const Entry& entry) -> Result<void> {
        const Bytes uid(entry.subject.uid.begin(), entry.subject.uid.end());
        EXPECT_TRUE(written.emplace(uid, to_hex(entry.license)).second) << "twice: " << to_hex(uid);
        return {};
    });
    ASSERT_TRUE(totals) << totals.error().message;
    for (const auto& [uid, license] : given) {
        const auto at = written.find(uid);
        ASSERT_NE(at, written.end()) << "given, and not in the ledger: " << to_hex(uid);
        EXPECT_EQ(at->second, license);
    }
    EXPECT_EQ(changed, 0U);
    EXPECT_LE(totals->entries, quota);
    EXPECT_GT(given.size(), static_cast<std::size_t>(rounds));
    fmt::print("{} kills: {} licenses given, {} in the ledger, quota {}, {} refused\n", rounds, given.size(),
               totals->entries, quota, refused);
}

}  // namespace
}  // namespace h7::license_server::test

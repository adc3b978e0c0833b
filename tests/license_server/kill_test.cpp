// The server, killed under load again and again: whatever a client holds, the ledger holds.
#include <httplib.h>

#include <condition_variable>
#include <random>
#include <thread>

#include "tests/license_server/process.hpp"

namespace h7::license_server::test {
namespace {

int kills() {
    const char* asked = std::getenv("H7RSS_KILLS");
    return asked == nullptr ? 10 : std::atoi(asked);
}

/// Clients that ask a server which is killed again and again, and what they were given.
class Storm {
public:
    Storm(const Folder& folder, std::size_t chips) : folder_(folder) {
        for (std::uint32_t n = 0; n < chips; ++n) chips_.push_back(make_chip(n));
    }

    /// One server, until it has answered `answers` requests; then it is killed while more are under way.
    void round(std::size_t answers) {
        Process server(folder_);
        ASSERT_NE(server.port(), 0) << "it does not start over what was left";
        std::size_t asking = kClients;
        answered_ = 0;
        std::vector<std::thread> clients;
        for (std::size_t c = 0; c < kClients; ++c)
            clients.emplace_back([&, c] {
                ask_until_it_is_gone(server.port(), c);
                const std::lock_guard guard(mutex_);
                --asking;
                changed_.notify_all();
            });
        {
            std::unique_lock guard(mutex_);
            changed_.wait(guard, [&] { return answered_ >= answers || asking == 0; });
            EXPECT_GE(answered_, answers) << "it ended by itself";
        }
        server.end(SIGKILL);
        for (std::thread& client : clients) client.join();
    }

    /// The ledger as a server finds and leaves it; every license given is in it, as it was given, once.
    std::uint64_t entries_that_hold_what_was_given() {
        Process last(folder_);  // it starts: the chain holds
        EXPECT_NE(last.port(), 0);
        EXPECT_EQ(last.end(SIGTERM), 0);  // and stops with exit 0
        const auto ledger = Ledger::open(folder_.at("ledger.db"), Ledger::Use::look);
        if (!ledger) throw std::runtime_error(ledger.error().message);
        std::map<Bytes, std::string> written;
        const auto totals = ledger->walk([&](const Entry& entry) -> Result<void> {
            const Bytes uid(entry.subject.uid.begin(), entry.subject.uid.end());
            EXPECT_TRUE(written.emplace(uid, to_hex(entry.license)).second) << "twice: " << to_hex(uid);
            return {};
        });
        if (!totals) throw std::runtime_error(totals.error().message);
        for (const auto& [uid, license] : given_) {
            const auto at = written.find(uid);
            if (at == written.end())
                ADD_FAILURE() << "given, and not in the ledger: " << to_hex(uid);
            else
                EXPECT_EQ(at->second, license);
        }
        EXPECT_EQ(other_bytes_, 0U) << "a chip got another license than before";
        return totals->entries;
    }

    std::size_t given() const { return given_.size(); }
    std::size_t refused() const { return refused_; }

    static constexpr std::size_t kClients = 8;

private:
    void ask_until_it_is_gone(int port, std::size_t client) {
        httplib::Client http("127.0.0.1", port);
        http.set_keep_alive(true);
        http.set_tcp_nodelay(true);  // head and body leave in two pieces
        http.set_default_headers({{"Authorization", fmt::format("Bearer {}", kOperatorToken)}});
        // Each fifth request is of a chip that has asked before: over many kills its license must stay the
        // same.
        bool alive = true;
        for (std::size_t n = client; alive; ++n)
            alive = ask(http, chips_[n % 5 == 0 ? n % 40 : next_++ % chips_.size()]);
    }
    bool ask(httplib::Client& http, const Chip& chip) {
        const auto answer = http.Post("/v1/licenses", request_json(chip), "application/json");
        if (!answer) return false;
        const std::lock_guard guard(mutex_);
        ++answered_;
        changed_.notify_all();
        if (answer->status != 200) {
            ++refused_;
            return answer->status == 403;
        }
        const auto json = nlohmann::json::parse(answer->body);
        const auto [at, fresh] = given_.try_emplace(chip.uid, json["license"].get<std::string>());
        if (!fresh && at->second != json["license"]) ++other_bytes_;
        return true;
    }

    const Folder& folder_;
    std::vector<Chip> chips_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::map<Bytes, std::string> given_;  // UID -> license in hex
    std::size_t answered_ = 0, refused_ = 0, other_bytes_ = 0;
};

/// Kills after 1 to 200 answers. Few enough licenses that the last ones are given before the last kill.
void kill_many_times(Storm& storm) {
    std::mt19937 random(7);  // NOLINT: the moments of the kills, not a secret
    for (int round = 0; round < kills(); ++round) {
        SCOPED_TRACE(fmt::format("round {}", round));
        storm.round(std::uniform_int_distribution<std::size_t>(1, 200)(random));
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(LicenseServerKilled, EveryLicenseGivenIsInTheLedgerAndNoneBeyondTheQuota) {  // issue 7, reliability
    const std::size_t quota = static_cast<std::size_t>(kills()) * 40;
    const Folder folder;
    folder.write("server.toml", file_text(fmt::format("quota = {}", quota)));
    Storm storm(folder, quota + 500);
    kill_many_times(storm);
    const std::uint64_t entries = storm.entries_that_hold_what_was_given();
    EXPECT_LE(entries, quota);
    EXPECT_GT(storm.given(), static_cast<std::size_t>(kills()));
    fmt::print("{} kills: {} licenses given, {} in the ledger, quota {}, {} refused\n", kills(),
               storm.given(), entries, quota, storm.refused());
}

TEST(LicenseServerKilled, TheHsmHasCountedEveryLicenseGiven) {  // issue 7, reliability: counter, then ledger
    constexpr std::uint32_t kReserved = 10;
    const auto counter = static_cast<std::uint32_t>(kills()) * 40;
    const Folder folder;
    make_vault(folder, counter);
    folder.write("server.toml", hsm_text("quota = 1000000", fmt::format("reserve = {}", kReserved)));
    Storm storm(folder, counter + 500);
    kill_many_times(storm);
    const std::uint64_t entries = storm.entries_that_hold_what_was_given();
    const hsm::Log log = info_of(folder).log;
    EXPECT_EQ(log.left() + log.reserved(), counter);
    EXPECT_GE(log.reserved(), entries) << "licenses that the HSM has not counted";
    // A kill costs at most one lease.
    EXPECT_LE(log.reserved(), entries + static_cast<std::size_t>(kills()) *
                                            std::max<std::size_t>(kReserved, Storm::kClients));
    EXPECT_GT(storm.given(), static_cast<std::size_t>(kills()));
    fmt::print("{} kills: {} licenses given, {} in the ledger, {} counted by the HSM of {}, {} refused\n",
               kills(), storm.given(), entries, log.reserved(), counter, storm.refused());
}

}  // namespace
}  // namespace h7::license_server::test

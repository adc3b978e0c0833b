// The license server on a disk that fails to confirm a write: nobody knows then what it holds, so nothing is
// given until a restart, and after the restart everything that was given is there.
#include <httplib.h>

#include "tests/license_server/process.hpp"

namespace h7::license_server::test {
namespace {

using Json = nlohmann::json;

class FailingDisk : public testing::Test {
protected:
    void start() {
        server.emplace(folder, std::vector<std::string>{std::string("LD_PRELOAD=") + H7RSS_FAILING_DISK,
                                                        "H7_FAILING_DISK=" + folder.at("failing").string(),
                                                        "ASAN_OPTIONS=verify_asan_link_order=0"});
        ASSERT_NE(server->port(), 0);
    }
    httplib::Result ask(std::uint32_t chip) {
        httplib::Client http("127.0.0.1", server->port());
        http.set_default_headers({{"Authorization", fmt::format("Bearer {}", kOperatorToken)}});
        return http.Post("/v1/licenses", request_json(chips.at(chip)), "application/json");
    }
    std::string given(std::uint32_t chip) {
        const auto answer = ask(chip);
        EXPECT_TRUE(answer && answer->status == 200) << (answer ? answer->body : "no answer");
        return answer && answer->status == 200 ? Json::parse(answer->body)["license"].get<std::string>()
                                               : std::string();
    }
    void refused(std::uint32_t chip, int status, std::string_view code) {
        const auto answer = ask(chip);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, status) << answer->body;
        EXPECT_EQ(Json::parse(answer->body)["error"]["code"], code) << answer->body;
    }
    int health() {
        httplib::Client http("127.0.0.1", server->port());
        const auto answer = http.Get("/healthz");
        return answer ? answer->status : 0;
    }
    /// From now on no file whose path holds `part` is written for sure.
    void fail(std::string_view part) { folder.write("failing", std::string(part)); }
    void mend() { std::filesystem::remove(folder.at("failing")); }
    std::uint64_t entries() {
        const auto ledger = Ledger::open(folder.at("ledger.db"), Ledger::Use::look);
        const auto totals = ledger->walk();
        EXPECT_TRUE(totals) << totals.error().message;
        return totals ? totals->entries : 0;
    }

    const Folder folder{Folder::Where::disk};
    std::vector<Chip> chips = {make_chip(0), make_chip(1), make_chip(2)};
    std::optional<Process> server;
};

TEST_F(FailingDisk,
       UnderTheLedgerNothingIsGivenUntilARestart) {  // issue 7: no license that the ledger does not hold
    folder.write("server.toml", file_text("quota = 3"));
    start();
    const std::string first = given(0);
    fail("ledger.db");
    refused(1, 503, "ledger-broken");
    mend();
    refused(2, 503, "ledger-broken");  // the disk says yes again, but what it holds is not known
    EXPECT_EQ(health(), 503);
    server->end(SIGTERM);

    start();
    EXPECT_EQ(health(), 200);
    EXPECT_EQ(given(0), first);
    const std::string second = given(1);  // whether the ledger held it or not
    EXPECT_EQ(given(1), second);
    EXPECT_FALSE(given(2).empty()) << "the quota of three was not spent by what was not given";
    EXPECT_EQ(server->end(SIGTERM), 0);
    EXPECT_EQ(entries(), 3U);
}

TEST_F(FailingDisk, AnHsmFileThatCannotBeWrittenIsKeptAsItWas) {  // 4.12: persist, then release
    make_vault(folder, 3);
    folder.write("server.toml", hsm_text("quota = 10", "reserve = 1"));
    start();
    const std::string first = given(0);
    fail("vault.hsm.new$");
    refused(1, 507, "no-space");
    EXPECT_EQ(given(0), first) << "what the ledger holds needs no HSM";
    mend();
    EXPECT_FALSE(given(1).empty());
    EXPECT_EQ(server->end(SIGTERM), 0);
    EXPECT_EQ(entries(), 2U);
    EXPECT_EQ(info_of(folder).log.left(), 1U);
}

TEST_F(FailingDisk,
       AnHsmFileThatMayOrMayNotBeReplacedGivesNothingUntilARestart) {  // 4.12: counted, then given
    make_vault(folder, 3);
    folder.write("server.toml", hsm_text("quota = 10", "reserve = 1"));
    start();
    const std::string first = given(0);
    fail(folder.path().filename().string() + "$");  // the folder: the rename may be lost in a power cut
    refused(1, 503, "key-store-broken");
    mend();
    refused(2, 503, "key-store-broken");
    EXPECT_EQ(health(), 503);
    EXPECT_EQ(given(0), first);
    server->end(SIGTERM);
    EXPECT_EQ(entries(), 1U);

    start();
    const hsm::Log log = info_of(folder).log;
    EXPECT_GE(log.reserved(), 1U) << "given and not counted";
    EXPECT_EQ(log.left() + log.reserved(), 3U);
    EXPECT_EQ(health(), 200);
    EXPECT_EQ(given(0), first);
    // The renamed file was there: its reservation is spent and given to nobody, which is the safe side.
    EXPECT_FALSE(given(1).empty());
    refused(2, 403, "key-store");
    server->end(SIGTERM);
    EXPECT_EQ(entries(), 2U);
}

}  // namespace
}  // namespace h7::license_server::test

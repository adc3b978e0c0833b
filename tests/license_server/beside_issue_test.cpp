// `h7rss license issue --hsm` on the HSM file of a license server: while it runs, and after it. Which chips
// the server gave licenses to stands in its ledger, not in the HSM.
#include <gmock/gmock.h>
#include <httplib.h>

#include "tests/license_server/process.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class BesideIssue : public testing::Test {
protected:
    BesideIssue() {
        make_vault(folder, 5);
        folder.write("server.toml", hsm_text("quota = 10", "reserve = 2"));
    }
    /// The exit code; what it said is `said`.
    int issue(const Chip& chip, std::string_view more = "") {
        const auto path = [&](std::string_view name) { return folder.at(name).string(); };
        folder.write("cert.bin", std::string(chip.certificate.begin(), chip.certificate.end()));
        const std::string line = fmt::format(
            "'{}' license issue --hsm '{}' --passphrase-file '{}' --certificate '{}' --uid {} -o '{}' {} "
            "2>&1",
            H7RSS_BINARY, path("vault.hsm"), path("pass"), path("cert.bin"), to_hex(chip.uid),
            path("chip.lic"), more);
        std::FILE* pipe = ::popen(line.c_str(), "r");
        if (pipe == nullptr) return -1;
        said.clear();
        for (int c = 0; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
        const int status = ::pclose(pipe);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    void serve(const Chip& chip) {
        httplib::Client http("127.0.0.1", server->port());
        http.set_default_headers({{"Authorization", fmt::format("Bearer {}", kOperatorToken)}});
        const auto answer = http.Post("/v1/licenses", request_json(chip), "application/json");
        ASSERT_TRUE(answer);
        ASSERT_EQ(answer->status, 200) << answer->body;
    }

    const Folder folder;
    const Chip one = make_chip(1), two = make_chip(2), three = make_chip(3);
    std::optional<Process> server;
    std::string said;
};

TEST_F(BesideIssue, WhileTheServerRunsItIsRefusedAndSaysWhomToAsk) {  // 0285: one writer
    server.emplace(folder);
    serve(one);
    const std::uint32_t left = info_of(folder).log.left();
    EXPECT_EQ(issue(one), 2);
    EXPECT_THAT(said, HasSubstr("vault.hsm: another process has it open"));
    EXPECT_THAT(said, HasSubstr("license server"));
    EXPECT_FALSE(std::filesystem::exists(folder.at("chip.lic")));
    EXPECT_EQ(info_of(folder).log.left(), left);
}

TEST_F(BesideIssue, AfterItAChipMayCountTwiceAndTheLineSaysSo) {  // 0285
    EXPECT_EQ(issue(three), 0);
    EXPECT_THAT(said, Not(HasSubstr("server"))) << "no server had it yet";
    server.emplace(folder);
    serve(one);
    EXPECT_EQ(server->end(SIGTERM), 0);
    ASSERT_EQ(info_of(folder).log.left(), 3U);

    EXPECT_EQ(issue(one), 0);
    EXPECT_THAT(said, HasSubstr("2 left"));
    EXPECT_THAT(said, HasSubstr("1 went to license servers"));
    EXPECT_THAT(said, HasSubstr("counted again"));
    EXPECT_EQ(issue(two, "--json"), 0);
    EXPECT_THAT(said, HasSubstr("\"reserved\": 1"));
    EXPECT_EQ(issue(one), 0);
    EXPECT_THAT(said, HasSubstr("this chip had one: not counted again"));
    EXPECT_THAT(said, Not(HasSubstr("server")));
}

}  // namespace
}  // namespace h7::license_server::test

// Live licenses from the license server's socket to the flash of a chip: the session the chip's RSS drew goes
// over HTTP, the license that comes back opens the image in that session and in no other.
#include <httplib.h>

#include "rss/host/license_server/http.hpp"
#include "tests/support/rss_requests.hpp"
#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

using Json = nlohmann::json;
using rss::Detail;

constexpr Address kPage = 0x0800'0000;

/// Two products with the key of the test image: one gives live licenses, one static ones.
std::string two_products() {
    const auto product = [](std::string_view id, std::string_view type) {
        return fmt::format(
            "[[product]]\nid = \"{}\"\ntype = \"{}\"\nquota = 10\nkey = \"image.key\"\nnonce = "
            "\"image.nonce\"\n"
            "test_ca = true\n",
            id, type);
    };
    return fmt::format(
        "ledger = \"ledger.db\"\n[listen]\nport = 0\n{}{}[[operator]]\nname = \"line-3\"\ntoken_sha256 = "
        "\"{}\"\n",
        product("live", "sfi-live"), product("still", "sfi"), to_hex(hash_of(kOperatorToken)));
}

class LiveLicense : public h7::test::RequestBench {
protected:
    LiveLicense() {
        image.firmware(kPage, h7::test::startable(kPage, 64));
        folder.write("image.key", std::string(image.key.begin(), image.key.end()));
        folder.write("image.nonce", std::string(image.nonce.begin(), image.nonce.end()));
        office = std::make_unique<Office>(folder, two_products());
        auto started = Http::start(office->configuration.listen, *office->api, office->metrics);
        if (!started) throw std::runtime_error(started.error().message);
        http = std::move(*started);
    }

    /// A new session, as the flasher asks for it (4.6).
    std::uint32_t draw() {
        image::Mailbox ask;
        ask.arguments[0] = 1;
        put(ask, Service::get_certificate);
        reset();
        return mailbox().arguments[1];
    }
    httplib::Result ask(std::string_view product, std::uint32_t number) {
        httplib::Client client("127.0.0.1", http->port());
        client.set_default_headers({{"Authorization", fmt::format("Bearer {}", kOperatorToken)}});
        Json request{
            {"product", product}, {"certificate", to_hex(chip.certificate)}, {"uid", to_hex(chip.uid)}};
        if (number != 0) request["session"] = number;
        return client.Post("/v1/licenses", request.dump(), "application/json");
    }
    /// The image with the license of an answer.
    rss::StagedPart part_with(const httplib::Result& answer) {
        rss::StagedPart part = image.build(chip);
        const auto license = from_hex(Json::parse(answer->body)["license"].get<std::string>());
        part.license.assign(license->begin(), license->end());
        return part;
    }

    h7::test::TestImage image;
    Folder folder;
    std::unique_ptr<Office> office;
    std::unique_ptr<Http> http;
};

TEST_F(LiveLicense, OpensTheImageOnceInItsSession) {  // LIC-1, 4.6; section 7, test 2
    const std::uint32_t drawn = draw();
    const auto answer = ask("live", drawn);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200) << answer->body;
    const rss::StagedPart part = part_with(answer);
    EXPECT_EQ(served(part), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(served(part), Detail::E_LIC_SESSION) << "once";
}

TEST_F(LiveLicense, AnotherSessionNeedsAnotherLicense) {  // 4.6
    const std::uint32_t first = draw();
    const auto early = ask("live", first);
    ASSERT_TRUE(early);
    const std::uint32_t second = draw();
    ASSERT_NE(first, second);
    EXPECT_EQ(served(part_with(early)), Detail::E_LIC_SESSION);

    const std::uint32_t third = draw();
    const auto late = ask("live", third);
    ASSERT_TRUE(late);
    EXPECT_EQ(Json::parse(late->body)["again"], false);
    EXPECT_EQ(served(part_with(late)), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(office->desk->spent(*office->configuration.products[0]).used, 2U)
        << "each session is a license";
}

TEST_F(LiveLicense, TheSameSessionAgainIsTheSameLicense) {  // 4.12
    const std::uint32_t drawn = draw();
    const Json one = Json::parse(ask("live", drawn)->body), two = Json::parse(ask("live", drawn)->body);
    EXPECT_EQ(one["license"], two["license"]);
    EXPECT_EQ(two["again"], true);
    EXPECT_EQ(office->desk->spent(*office->configuration.products[0]).used, 1U);
}

TEST_F(LiveLicense, ASessionBelongsToLiveProductsOnly) {  // LIC-1: a static license has session 0
    EXPECT_EQ(ask("live", 0)->status, 400);
    EXPECT_EQ(ask("still", 7)->status, 400);
    EXPECT_EQ(office->ledger->walk()->entries, 0U);
    const rss::StagedPart part = part_with(ask("still", 0));
    EXPECT_EQ(served(part), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(served(part), Detail::none) << "a static license may be used again";
}

TEST_F(LiveLicense, PowerEndsTheSession) {  // 4.6
    const auto answer = ask("live", draw());
    ASSERT_TRUE(answer);
    power_cycle();
    EXPECT_EQ(served(part_with(answer)), Detail::E_LIC_SESSION);
    EXPECT_TRUE(board.user_flash_is_blank());
}

}  // namespace
}  // namespace h7::license_server::test

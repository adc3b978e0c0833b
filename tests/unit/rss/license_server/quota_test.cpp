// Quotas and lists at their edges: exactly N, one more, many at once, two owners of one quota; what each role
// may do.
#include <gmock/gmock.h>

#include <thread>

#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;

/// A second operator "line-4" and a second product "gear" behind what file_text() has.
std::string two_of_each(std::string_view motor, std::string_view line_3, std::string_view line_4) {
    return file_text(motor, line_3) +
           fmt::format(
               "[[operator]]\nname = \"line-4\"\ntoken_sha256 = \"{}\"\n{}\n[[product]]\nid = \"gear\"\n{}\n"
               "quota = 100\n",
               to_hex(hash_of("h7l_line_4")), line_4, kKeyFiles);
}

Answered<Issued> ask(Office& office, std::size_t who, std::size_t product, const Chip& chip) {
    return office.desk->issue(office.configuration.operators[who], *office.configuration.products[product],
                              chip.certificate, chip.uid, 0);
}

TEST(Quota, ExactlyAsManyAsTheProductHas) {
    const Folder folder;
    Office office(folder, file_text("quota = 3"));
    for (std::uint32_t n = 0; n < 3; ++n) {
        EXPECT_EQ(office.desk->spent(office.product()).left(), 3 - n);
        EXPECT_TRUE(office.issue(make_chip(n)));
    }
    EXPECT_EQ(office.desk->spent(office.product()).left(), 0U);
    for (std::uint32_t n = 3; n < 6; ++n) {
        const auto more = office.issue(make_chip(n));
        ASSERT_FALSE(more);
        EXPECT_EQ(more.error().what, "all 3 licenses of this product are given");
    }
    EXPECT_EQ(office.desk->spent(office.product()).used, 3U);
    EXPECT_EQ(office.ledger->walk()->entries, 3U);
}

TEST(Quota, ExactlyAsManyAsTheOperatorHasOverAllProducts) {
    const Folder folder;
    Office office(folder, two_of_each("quota = 100", "quota = 3", ""));
    EXPECT_TRUE(ask(office, 0, 0, make_chip(1)));
    EXPECT_TRUE(ask(office, 0, 1, make_chip(1))) << "another product: another license";
    EXPECT_TRUE(ask(office, 0, 1, make_chip(2)));
    const auto fourth = ask(office, 0, 0, make_chip(3));
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().what, "all 3 licenses of this operator are given");
    EXPECT_EQ(fourth.error().where, "line-3");
    EXPECT_TRUE(ask(office, 2, 0, make_chip(3))) << "the other operator has no quota of his own";
    EXPECT_EQ(office.desk->spent(office.configuration.operators[0]).left(), 0U);
}

TEST(Quota, ARefusalOfOneQuotaTakesNothingFromTheOther) {
    const Folder folder;
    Office office(folder, two_of_each("quota = 1", "quota = 2", ""));
    EXPECT_TRUE(ask(office, 0, 0, make_chip(1)));
    for (std::uint32_t n = 2; n < 9; ++n) EXPECT_FALSE(ask(office, 0, 0, make_chip(n)));
    EXPECT_EQ(office.desk->spent(office.configuration.operators[0]).left(), 1U);
    EXPECT_TRUE(ask(office, 0, 1, make_chip(2)));
    EXPECT_FALSE(ask(office, 0, 1, make_chip(3)));
    EXPECT_EQ(office.desk->spent(*office.configuration.products[1]).used, 1U);
}

TEST(Quota, TwoOperatorsAtOnceShareAProductAndKeepTheirOwn) {
    const Folder folder;
    Office office(folder, two_of_each("quota = 10", "quota = 6", "quota = 7"));
    std::vector<Chip> chips;
    for (std::uint32_t n = 0; n < 48; ++n) chips.push_back(make_chip(n));
    std::array<std::atomic<int>, 3> given{};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            const std::size_t who = t % 2 == 0 ? 0 : 2;
            for (std::size_t n = t; n < chips.size(); n += 8)
                if (ask(office, who, 0, chips[n])) ++given[who];
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(given[0] + given[2], 10);
    EXPECT_LE(given[0], 6);
    EXPECT_LE(given[2], 7);
    EXPECT_EQ(office.ledger->walk()->entries, 10U);
}

TEST(Quota, OneOperatorAtOnceGetsExactlyHisOwn) {
    const Folder folder;
    Office office(folder, file_text("quota = 100", "quota = 5"));
    std::vector<Chip> chips;
    for (std::uint32_t n = 0; n < 32; ++n) chips.push_back(make_chip(n));
    std::atomic<int> given = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t n = t; n < chips.size(); n += 8)
                if (office.issue(chips[n])) ++given;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(given, 5);
    EXPECT_EQ(office.desk->spent(office.product()).used, 5U);
}

TEST(Quota, RaisedOrLoweredOverARestart) {
    const Folder folder;
    const Chip chip = make_chip(1);
    {
        Office office(folder, file_text("quota = 2"));
        EXPECT_TRUE(office.issue(chip));
        EXPECT_TRUE(office.issue(make_chip(2)));
    }
    {
        Office office(folder, file_text("quota = 1"));  // less than were given
        EXPECT_EQ(office.desk->spent(office.product()).left(), 0U);
        EXPECT_FALSE(office.issue(make_chip(3)));
        EXPECT_TRUE(office.issue(chip)->again);
    }
    Office office(folder, file_text("quota = 3"));
    EXPECT_TRUE(office.issue(make_chip(3)));
    EXPECT_FALSE(office.issue(make_chip(4)));
}

TEST(ChipList, EveryDigitCountsAndAnEmptyListIsNobody) {
    const Folder folder;
    const Chip listed = make_chip(1);
    folder.write("chips.txt", "\n  # nobody yet\n");
    const std::string text = file_text("quota = 9\nchips = \"chips.txt\"");
    {
        Office office(folder, text);
        EXPECT_EQ(office.issue(listed).error().code, "chip-list");
    }
    folder.write("chips.txt", to_hex(listed.uid) + "\r\n");
    {
        Office office(folder, text);
        Chip near = listed;
        near.uid.back() ^= 1;
        EXPECT_EQ(office.issue(near).error().code, "chip-list");
        EXPECT_TRUE(office.issue(listed));
    }
    folder.write("chips.txt", to_hex(make_chip(2).uid));
    Office office(folder, text);  // taken off the list: not again either
    const auto gone = office.issue(listed);
    ASSERT_FALSE(gone);
    EXPECT_THAT(gone.error().where, HasSubstr(to_hex(listed.uid)));
    EXPECT_EQ(office.desk->spent(office.product()).used, 1U);
}

TEST(ChipList, AWrongLineIsNamed) {
    const Folder folder;
    for (const std::string line : {"123", "zz0023001051373339393936", "2300230010513733393939360"}) {
        folder.write("chips.txt", "# one\n" + line + "\n");
        folder.write("server.toml", file_text("quota = 9\nchips = \"chips.txt\""));
        const auto read = read_configuration(folder.at("server.toml"));
        ASSERT_FALSE(read) << line;
        EXPECT_THAT(read.error().message, HasSubstr("chips.txt:2: a chip is a UID"));
    }
}

TEST(Roles, OfEveryTokenOnEveryPath) {
    struct Row {
        std::string_view method, path;
        int operate, audit, admin, nobody;
    };
    // clang-format off
    constexpr Row kRows[] = {
        {"POST", "/v1/licenses",             400, 400, 400, 401},  // no body; a wrong role is told with a right one
        {"GET",  "/fw/sfi/motor/get/image",  200, 403, 200, 401},
        {"POST", "/fw/sfi/motor/get/license", 400, 403, 400, 401},
        {"GET",  "/v1/products",             200, 200, 200, 401},
        {"GET",  "/v1/ledger",               403, 200, 200, 401},
        {"GET",  "/v1/ledger/head",          403, 200, 200, 401},
        {"GET",  "/metrics",                 403, 200, 200, 401},
        {"GET",  "/",                        200, 200, 200, 401},
        {"GET",  "/healthz",                 200, 200, 200, 200},
        {"DELETE", "/v1/ledger",             405, 405, 405, 401},
        {"GET",  "/elsewhere",               404, 404, 404, 401},
    };
    // clang-format on
    const Folder folder;
    folder.write("motor.sfi", "image");
    Office office(folder,
                  file_text("quota = 9\nimage = \"motor.sfi\"") +
                      fmt::format("[[operator]]\nname = \"chief\"\nrole = \"admin\"\ntoken_sha256 = \"{}\"\n",
                                  to_hex(hash_of("h7l_admin"))));
    for (const Row& row : kRows) {
        const auto status = [&](std::string_view token) {
            Call call{.method = std::string(row.method),
                      .path = std::string(row.path),
                      .authorization = {},
                      .client = {},
                      .remote = {}};
            if (!token.empty()) call.authorization = fmt::format("Bearer {}", token);
            return office.api->handle(call).status;
        };
        EXPECT_EQ(status(kOperatorToken), row.operate) << row.method << " " << row.path;
        EXPECT_EQ(status(kAuditorToken), row.audit) << row.method << " " << row.path;
        EXPECT_EQ(status("h7l_admin"), row.admin) << row.method << " " << row.path;
        EXPECT_EQ(status(""), row.nobody) << row.method << " " << row.path;
        EXPECT_EQ(status("h7l_guess"), row.nobody) << row.method << " " << row.path;
    }
    const Chip chip = make_chip(1);
    const auto license = [&](std::string_view token) {
        return office.api
            ->handle({.method = "POST",
                      .path = "/v1/licenses",
                      .authorization = fmt::format("Bearer {}", token),
                      .client = {},
                      .remote = {},
                      .body = request_json(chip)})
            .status;
    };
    EXPECT_EQ(license(kAuditorToken), 403);
    EXPECT_EQ(license("h7l_admin"), 200);
    EXPECT_EQ(license(kOperatorToken), 200);
}

TEST(Roles, ATokenOfACertificateWorksWithThatCertificateOnly) {
    const Folder folder;
    Office office(folder, file_text());
    office.configuration.operators[0].client = "robot-7";
    Call call{.method = "GET",
              .path = "/v1/products",
              .authorization = fmt::format("Bearer {}", kOperatorToken),
              .client = {},
              .remote = {}};
    const auto status = [&](std::string client) {
        call.client = std::move(client);
        return office.api->handle(call).status;
    };
    EXPECT_EQ(status("robot-7"), 200);
    EXPECT_EQ(status(""), 403);
    EXPECT_EQ(status("robot-8"), 403);
    EXPECT_EQ(status("robot-7 "), 403);
    EXPECT_EQ(status("ROBOT-7"), 403);
    EXPECT_THAT(office.api->handle(call).body, HasSubstr("client-certificate"));
}

}  // namespace
}  // namespace h7::license_server::test

#include "rss/host/license_server/seen.hpp"

#include <gtest/gtest.h>

#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

crypto::Digest number(std::uint32_t n) {
    Bytes bytes(4);
    store_le32(bytes, 0, n);
    return crypto::sha256(bytes);
}

TEST(Seen, ForgetsNothingAndRarelyInventsSomething) {
    constexpr std::uint32_t kAdded = 20'000;
    Seen seen;
    for (std::uint32_t n = 0; n < kAdded; ++n) seen.add(number(n));
    std::uint32_t remembered = 0, invented = 0;
    for (std::uint32_t n = 0; n < kAdded; ++n) {
        remembered += seen.perhaps(number(n)) ? 1U : 0U;
        invented += seen.perhaps(number(kAdded + n)) ? 1U : 0U;
    }
    EXPECT_EQ(remembered, kAdded);
    EXPECT_LT(invented, 10U);
}

TEST(Seen, ALedgerFindsWhatItHeldBeforeTheStartAndWhatItGotSince) {  // 4.12: the same chip, the same license
    const Folder folder;
    const Chip early = make_chip(1), late = make_chip(2), absent = make_chip(3);
    license::LicenseBytes license{};
    {
        Office office(folder);
        license = office.issue(early)->entry.license;
    }
    Office office(folder);
    EXPECT_TRUE(office.issue(late));
    const auto held = [&](const Chip& chip, std::uint32_t session = 0) {
        Subject subject{.product = "motor",
                        .certificate = crypto::sha256(chip.certificate),
                        .uid = {},
                        .type = 1,
                        .session = session};
        std::ranges::copy(chip.uid, subject.uid.begin());
        return *office.ledger->find(subject);
    };
    ASSERT_TRUE(held(early));
    EXPECT_EQ(held(early)->license, license);
    EXPECT_TRUE(held(late));
    EXPECT_FALSE(held(absent));
    EXPECT_FALSE(held(early, 1));
}

}  // namespace
}  // namespace h7::license_server::test

#include <gmock/gmock.h>

#include <thread>

#include "tests/support/hostile_points.hpp"
#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;

TEST(Desk, AFreshLicenseOpensOnItsChipOnly) {  // LIC-1, 4.6
    const Folder folder;
    Office office(folder);
    const Chip chip = make_chip(1), other = make_chip(2);
    const auto issued = office.issue(chip);
    ASSERT_TRUE(issued) << issued.error().what;
    const ByteView bytes(issued->entry.license);
    const auto open = [&](const Chip& by) {
        return crypto::unwrap_license(by.keys.secret, by.certificate, by.uid, bytes.first(88),
                                      bytes.subspan(88, 32), bytes.last(16));
    };
    const auto firmware = open(chip);
    ASSERT_TRUE(firmware);
    EXPECT_EQ(to_hex(firmware->key.view()), "11111111111111111111111111111111");
    EXPECT_EQ(to_hex(firmware->nonce.view()), "222222222222222222222222");
    EXPECT_FALSE(open(other));
}

TEST(Desk, TheSameChipGetsTheSameLicenseAndSpendsNothing) {  // 4.12: --reuse-same-chip
    const Folder folder;
    Office office(folder, file_text("quota = 1"));
    const Chip chip = make_chip(1);
    const auto first = office.issue(chip);
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->again);
    const auto again = office.issue(chip);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->again);
    EXPECT_EQ(again->entry.license, first->entry.license);
    EXPECT_EQ(office.desk->spent(office.product()).used, 1U);
    const auto other = office.issue(make_chip(2));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().status, 403);
    EXPECT_EQ(other.error().rule, "quota per product");
}

TEST(Desk, AnOperatorHasAQuotaOfHisOwn) {
    const Folder folder;
    Office office(folder, file_text("quota = 100", "quota = 2"));
    EXPECT_TRUE(office.issue(make_chip(1)));
    EXPECT_TRUE(office.issue(make_chip(2)));
    const auto third = office.issue(make_chip(3));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().rule, "quota per operator");
}

TEST(Desk, QuotasSurviveARestart) {
    const Folder folder;
    const Chip chip = make_chip(1);
    license::LicenseBytes first{};
    {
        Office office(folder, file_text("quota = 1"));
        first = office.issue(chip)->entry.license;
    }
    Office office(folder, file_text("quota = 1"));
    EXPECT_FALSE(office.issue(make_chip(2)));
    EXPECT_EQ(office.issue(chip)->entry.license, first);
}

TEST(Desk, ManyAtOnceNeverExceedTheQuota) {
    const Folder folder;
    Office office(folder, file_text("quota = 10"));
    std::vector<Chip> chips;
    for (std::uint32_t n = 0; n < 64; ++n) chips.push_back(make_chip(n));
    std::atomic<int> given = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 16; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t n = t; n < chips.size(); n += 16)
                if (office.issue(chips[n])) ++given;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(given, 10);
    EXPECT_EQ(office.ledger->walk()->entries, 10U);
}

TEST(Desk, OneChipFromManyThreadsIsOneLicense) {
    const Folder folder;
    Office office(folder);
    const Chip chip = make_chip(1);
    std::mutex mutex;
    std::set<license::LicenseBytes> seen;
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t)
        threads.emplace_back([&] {
            const auto issued = office.issue(chip);
            const std::lock_guard guard(mutex);
            if (issued) seen.insert(issued->entry.license);
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(office.ledger->walk()->entries, 1U);
}

TEST(Desk, AStrangersCertificateIsRefusedAndTheReasonNamed) {  // 4.5
    const Folder folder;
    Office office(folder);
    const auto ca = crypto::generate_key_pair();
    const auto stranger = office.issue(make_chip(1, ca->secret));
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().status, 422);
    EXPECT_THAT(stranger.error().what, HasSubstr("byte 0x48"));
    Chip other_product = make_chip(2);
    other_product.certificate[0] = '9';
    EXPECT_THAT(office.issue(other_product).error().what, HasSubstr("product id"));
    Chip off_curve = make_chip(3);
    off_curve.certificate[8] ^= 1;
    EXPECT_THAT(office.issue(off_curve).error().what, HasSubstr("no point"));
    Chip blank = make_chip(4);
    blank.uid = Bytes(12, 0xFF);
    EXPECT_EQ(office.issue(blank).error().code, "chip");
    EXPECT_EQ(office.ledger->walk()->entries, 0U);
}

TEST(Desk, NoPointLengthOrUidReachesQuotaOrLedger) {  // section 7, tests 18 and 19
    const Folder folder;
    Office office(folder, file_text("quota = 1"));
    const Chip chip = make_chip(1);
    const auto refused = [&](const Bytes& certificate, const Bytes& uid, std::string_view what) {
        const auto answer = office.desk->issue(office.who(), office.product(), certificate, uid, 0);
        ASSERT_FALSE(answer) << what;
        EXPECT_TRUE(answer.error().status == 422 || answer.error().status == 400) << what;
    };
    for (const h7::test::HostilePoint& point : h7::test::kHostilePoints)
        refused(h7::test::certificate_with(h7::test::bytes_of(point)), chip.uid, point.what);
    for (const Bytes& certificate : h7::test::certificates_of_other_lengths(chip.certificate))
        refused(certificate, chip.uid, fmt::format("{} bytes", certificate.size()));
    for (const Bytes& uid : h7::test::kUidsThatAreNone)
        refused(chip.certificate, uid, fmt::format("UID of {} bytes", uid.size()));
    EXPECT_EQ(office.ledger->walk()->entries, 0U);
    EXPECT_EQ(office.desk->spent(office.product()).used, 0U);
    // The one license of the quota is still there, for the same point under the helper's own signature.
    const Bytes good = h7::test::certificate_with(chip.keys.point);
    EXPECT_TRUE(office.desk->issue(office.who(), office.product(), good, chip.uid, 0));
    EXPECT_EQ(office.ledger->walk()->entries, 1U);
}

TEST(Desk, OnlyListedChipsWhereThereIsAList) {
    const Folder folder;
    const Chip by_uid = make_chip(1), by_certificate = make_chip(2), stranger = make_chip(3);
    folder.write("chips.txt", "# lot 7\n" + to_hex(by_uid.uid) + "\n" +
                                  to_hex(crypto::sha256(by_certificate.certificate)) + "  # rework\n");
    Office office(folder, file_text("quota = 9\nchips = \"chips.txt\""));
    EXPECT_TRUE(office.issue(by_uid));
    EXPECT_TRUE(office.issue(by_certificate));
    EXPECT_EQ(office.issue(stranger).error().code, "chip-list");
}

TEST(Desk, WhenTheDiskIsFullItRefusesAndKeepsWhatItHad) {
    const Folder folder;
    Office office(folder);
    const Chip first = make_chip(1), second = make_chip(2);
    const auto kept = office.issue(first);
    ASSERT_TRUE(kept);
    {
        const FileLimit full(std::filesystem::file_size(folder.at("ledger.db-wal")) + 512);
        const auto refused = office.issue(second);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().status, 507);
        EXPECT_EQ(office.issue(first)->entry.license, kept->entry.license);
        EXPECT_EQ(office.desk->spent(office.product()).used, 1U);
    }
    const auto later = office.issue(second);
    ASSERT_TRUE(later) << later.error().what;
    const auto totals = office.ledger->walk();
    ASSERT_TRUE(totals) << totals.error().message;
    EXPECT_EQ(totals->entries, 2U);
}

}  // namespace
}  // namespace h7::license_server::test

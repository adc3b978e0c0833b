// States, counter and log of an HSM (rss-sfi-bootloader.md 4.12; section 7, tests 1 and 18).
#include <fmt/format.h>
#include <sys/stat.h>

#include <thread>

#include "rig.hpp"
#include "rss/crypto/firmware_id.hpp"
#include "tests/support/hostile_points.hpp"

namespace h7::hsm {
namespace {

using testing::HasSubstr;

using HsmStates = HsmRig;

TEST_F(HsmStates, ALicenseOpensOnItsChipAndIsBoundToTheFirmware) {  // 4.6
    const auto hsm = operational(3);
    const Chip chip(1), other(2);
    const auto issued = hsm->issue(chip.request());
    ASSERT_TRUE(issued) << issued.error().message;
    EXPECT_EQ(issued->left, 2U);
    EXPECT_FALSE(issued->again);
    const auto firmware = chip.opens(issued->license);
    ASSERT_TRUE(firmware);
    EXPECT_TRUE(std::ranges::equal(firmware->key.view(), kKey));
    EXPECT_TRUE(std::ranges::equal(firmware->nonce.view(), kNonce));
    EXPECT_FALSE(other.opens(issued->license));
    const auto parsed = image::parse_license(issued->license);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->type, image::LicenseType::sfi_static);
    EXPECT_EQ(parsed->firmware_id, crypto::firmware_id("application 1.2"));
}

TEST_F(HsmStates, EveryChipCountsOnceAndTheCounterEndsAtZero) {  // 4.12: refuses at 0
    auto hsm = operational(2);
    const Chip a(1), b(2), c(3);
    EXPECT_EQ(hsm->issue(a.request())->left, 1U);
    const auto again = hsm->issue(a.request());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->again);
    EXPECT_EQ(again->left, 1U);
    EXPECT_TRUE(a.opens(again->license));
    EXPECT_EQ(hsm->issue(b.request())->left, 0U);
    EXPECT_EQ(code_of(hsm->issue(c.request())), ExitCode::refused);
    EXPECT_THAT(error_of(hsm->issue(c.request())), HasSubstr("the counter is 0"));
    EXPECT_TRUE(hsm->issue(a.request())->again) << "who has one gets one again, at 0 too";

    hsm.reset();
    hsm = std::move(*reopen());
    EXPECT_EQ(hsm->info().log.left(), 0U);
    EXPECT_TRUE(hsm->issue(b.request())->again) << "known across processes";
    EXPECT_EQ(code_of(hsm->issue(c.request())), ExitCode::refused);
}

TEST_F(HsmStates, AnotherUidOrAnotherCertificateIsAnotherChip) {
    const auto hsm = operational(5);
    const Chip a(1), b(2);
    EXPECT_EQ(hsm->issue(a.request())->left, 4U);
    EXPECT_EQ(hsm->issue({a.certificate, b.uid})->left, 3U);
    EXPECT_EQ(hsm->issue({b.certificate, a.uid})->left, 2U);
}

TEST_F(HsmStates, WhatCannotHaveALicenseDoesNotCount) {  // section 7, tests 1 and 18
    const auto hsm = operational(2);
    const Chip chip(1);
    const Bytes before = bytes();
    for (const std::size_t at : {0, 8, 72, 135}) {  // product id, point, signature
        Bytes wrong = chip.certificate;
        wrong[at] ^= 1;
        EXPECT_EQ(code_of(hsm->issue({wrong, chip.uid})), ExitCode::misuse) << at;
    }
    Bytes infinity = chip.certificate;
    std::fill_n(infinity.begin() + 8, 64, std::uint8_t{0});
    EXPECT_EQ(code_of(hsm->issue({infinity, chip.uid})), ExitCode::misuse);
    for (const Bytes& uid : {Bytes{}, Bytes(11, 1), Bytes(12, 0), Bytes(12, 0xFF)})
        EXPECT_EQ(code_of(hsm->issue({chip.certificate, uid})), ExitCode::misuse);
    EXPECT_EQ(bytes(), before);
    EXPECT_EQ(hsm->info().log.left(), 2U);
}

// Every form of a key that is none, with the CA's true signature over it; refused by HSM and lease before
// anything is counted, written or drawn.
TEST_F(HsmStates, NoPointLengthOrUidReachesTheCounter) {  // section 7, tests 18 and 19
    const auto hsm = operational(3);
    auto lease = hsm->reserve(2);
    ASSERT_TRUE(lease);
    const Chip chip(1);
    const Bytes before = bytes();
    const auto refused_everywhere = [&](const Bytes& certificate, const Bytes& uid, std::string_view what) {
        EXPECT_EQ(code_of(hsm->issue({certificate, uid})), ExitCode::misuse) << what;
        EXPECT_EQ(code_of((*lease)->issue({certificate, uid})), ExitCode::misuse) << what;
        EXPECT_EQ(code_of((*lease)->reissue({certificate, uid})), ExitCode::misuse) << what;
    };
    for (const test::HostilePoint& point : test::kHostilePoints)
        refused_everywhere(test::certificate_with(test::bytes_of(point)), chip.uid, point.what);
    for (const Bytes& certificate : test::certificates_of_other_lengths(chip.certificate))
        refused_everywhere(certificate, chip.uid, fmt::format("{} bytes", certificate.size()));
    for (const Bytes& uid : test::kUidsThatAreNone)
        refused_everywhere(chip.certificate, uid, fmt::format("UID of {} bytes", uid.size()));
    EXPECT_EQ(bytes(), before) << "not a byte of the file";
    EXPECT_EQ(hsm->info().log.left(), 1U);
    EXPECT_EQ((*lease)->left(), 2U);
    // The helper signs as the CA does: with a point that is one, the same bytes are a chip.
    const Bytes good = test::certificate_with(chip.pair.point);
    EXPECT_TRUE(hsm->issue({good, chip.uid}));
}

TEST_F(HsmStates, LiveLicensesOfOneChipCountOnce) {  // 4.6: type 2 carries the session
    const auto hsm = operational(2);
    const Chip chip(1);
    const auto first = hsm->issue(chip.request(7)), second = hsm->issue(chip.request(8));
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(second->again);
    const auto parsed = image::parse_license(second->license);
    EXPECT_EQ(parsed->type, image::LicenseType::sfi_live);
    EXPECT_EQ(parsed->session, 8U);
}

TEST_F(HsmStates, ForModulesItMakesModuleLicenses) {  // 4.6: type 3
    auto hsm = std::move(*Hsm::create(path_, keys(), options()));
    Provisioning wanted = provisioning(2);
    wanted.purpose = Purpose::smi;
    ASSERT_TRUE(hsm->provision(wanted));
    ASSERT_TRUE(hsm->lock());
    const Chip chip(1);
    EXPECT_EQ(image::parse_license(hsm->issue(chip.request())->license)->type,
              image::LicenseType::smi_static);
    EXPECT_EQ(code_of(hsm->issue(Chip(2).request(9))), ExitCode::misuse);
    EXPECT_EQ(hsm->info().log.left(), 1U);
}

TEST_F(HsmStates, ProvisionedUntilLockedAndNeverAfter) {  // 4.12: second programming fails
    auto hsm = std::move(*Hsm::create(path_, keys(), options()));
    const Chip chip(1);
    EXPECT_EQ(code_of(hsm->lock()), ExitCode::refused) << "nothing in it";
    EXPECT_EQ(code_of(hsm->issue(chip.request())), ExitCode::refused);
    ASSERT_TRUE(hsm->provision(provisioning(1)));
    EXPECT_EQ(code_of(hsm->issue(chip.request())), ExitCode::refused) << "still OPEN";
    EXPECT_EQ(code_of(hsm->reserve(1)), ExitCode::refused);
    ASSERT_TRUE(hsm->provision(provisioning(4))) << "corrected before the lock";
    ASSERT_TRUE(hsm->lock());
    const Bytes before = bytes();
    EXPECT_EQ(code_of(hsm->provision(provisioning(100))), ExitCode::refused);
    EXPECT_THAT(error_of(hsm->provision(provisioning(100))), HasSubstr("locked (OPERATIONAL)"));
    EXPECT_EQ(code_of(hsm->lock()), ExitCode::refused);
    EXPECT_EQ(bytes(), before);
    EXPECT_EQ(hsm->info().log.counter(), 4U);
    EXPECT_TRUE(hsm->issue(chip.request()));
}

TEST_F(HsmStates, ProvisioningIsChecked) {
    auto hsm = std::move(*Hsm::create(path_, keys(), options()));
    EXPECT_EQ(code_of(hsm->provision(provisioning(0))), ExitCode::misuse);
    Provisioning wrong = provisioning(1);
    wrong.name = std::string(65, 'x');
    EXPECT_EQ(code_of(hsm->provision(wrong)), ExitCode::misuse);
    wrong.name = "line\n";
    EXPECT_EQ(code_of(hsm->provision(wrong)), ExitCode::misuse);
    wrong = provisioning(1);
    wrong.ca.fill(0);
    EXPECT_EQ(code_of(hsm->provision(wrong)), ExitCode::misuse);
    EXPECT_FALSE(hsm->info().log.provisioned());
}

TEST_F(HsmStates, ALeaseGivesItsNumberAndNoMore) {
    auto hsm = operational(10);
    auto lease = hsm->reserve(3);
    ASSERT_TRUE(lease);
    EXPECT_EQ(hsm->info().log.left(), 7U);
    const Chip a(1), b(2), c(3), d(4);
    EXPECT_TRUE(a.opens(*(*lease)->issue(a.request())));
    Bytes wrong = b.certificate;
    wrong[80] ^= 1;
    EXPECT_EQ(code_of((*lease)->issue({wrong, b.uid})), ExitCode::misuse);
    EXPECT_EQ((*lease)->left(), 2U) << "a refused request uses nothing up";
    EXPECT_TRUE((*lease)->issue(b.request()));
    EXPECT_TRUE((*lease)->reissue(a.request()));
    EXPECT_TRUE((*lease)->issue(c.request()));
    EXPECT_EQ(code_of((*lease)->issue(d.request())), ExitCode::refused);
    EXPECT_EQ(code_of(hsm->reserve(8)), ExitCode::refused) << "7 are left";

    auto second = hsm->reserve(7);
    ASSERT_TRUE(second);
    EXPECT_TRUE((*second)->issue(d.request()));
    EXPECT_EQ(*hsm->give_back(std::move(*second)), 6U);
    EXPECT_EQ(*hsm->give_back(std::move(*lease)), 0U);
    EXPECT_EQ(hsm->info().log.left(), 6U);
    hsm.reset();
    EXPECT_EQ((*reopen())->info().log.left(), 6U);
}

TEST_F(HsmStates, ALeaseThatIsNotGivenBackIsSpent) {
    auto hsm = operational(10);
    ASSERT_TRUE(hsm->reserve(4));
    hsm.reset();
    EXPECT_EQ((*reopen())->info().log.left(), 6U);
}

TEST_F(HsmStates, ThreadsShareTheCounter) {  // section 7, test 18: concurrent requests
    const auto hsm = operational(12);
    std::vector<Chip> chips;
    for (std::uint8_t i = 1; i <= 16; ++i) chips.emplace_back(i);
    const auto lease = std::move(*hsm->reserve(4));
    std::atomic<int> given = 0, leased = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < chips.size(); ++i) {
                const Chip& chip = chips[(i + 4 * static_cast<std::size_t>(t)) % chips.size()];
                const auto issued = hsm->issue(chip.request());
                if (issued && !issued->again) ++given;
                if (lease->issue(chip.request())) ++leased;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(given, 8);
    EXPECT_EQ(leased, 4);
    EXPECT_EQ(hsm->info().log.left(), 0U);
}

TEST_F(HsmStates, OneWriterAtATime) {
    auto hsm = operational(2);
    EXPECT_EQ(code_of(reopen()), ExitCode::misuse);
    EXPECT_THAT(error_of(reopen()), HasSubstr("another process has it open"));
    Options reading = options();
    reading.read_only = true;
    auto reader = Hsm::open(path_, keys(), reading);
    ASSERT_TRUE(reader) << "reading needs no lock";
    EXPECT_EQ(code_of((*reader)->issue(Chip(1).request())), ExitCode::misuse);
    hsm.reset();
    EXPECT_TRUE(reopen()) << "the lock ends with its owner";
}

TEST_F(HsmStates, TheFileIsForItsOwnerAndHasOneName) {
    auto hsm = operational(2);
    struct stat info {};
    for (const auto& file : {path_, folder_ / "vault.hsm.lock"}) {
        ASSERT_EQ(::stat(file.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600U) << file;
    }
    hsm.reset();
    EXPECT_EQ(code_of(Hsm::create(path_, keys(), options())), ExitCode::misuse) << "never replaced";
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    EXPECT_THAT(error_of(reopen()), HasSubstr("chmod 600"));
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
    std::filesystem::create_hard_link(path_, folder_ / "second");
    EXPECT_THAT(error_of(reopen()), HasSubstr("2 names"));
    std::filesystem::remove(folder_ / "second");
    std::filesystem::create_symlink(path_, folder_ / "link");
    EXPECT_THAT(error_of(Hsm::open(folder_ / "link", keys(), options())), HasSubstr("not a link"));
    EXPECT_TRUE(reopen());
}

TEST_F(HsmStates, TheLogTellsEverythingInOrder) {
    const auto hsm = operational(3);
    const Chip chip(1);
    ASSERT_TRUE(hsm->issue(chip.request()));
    ASSERT_TRUE(hsm->issue(chip.request()));
    ASSERT_TRUE(hsm->reserve(2));
    const Log log = hsm->info().log;
    std::vector<Event> events;
    for (const LogEntry& entry : log.entries()) {
        events.push_back(entry.event);
        EXPECT_EQ(entry.time, kNow);
    }
    EXPECT_THAT(events, testing::ElementsAre(Event::created, Event::provisioned, Event::locked, Event::issued,
                                             Event::reissued, Event::reserved));
    EXPECT_EQ(log.entries()[3].subject, crypto::sha256(chip.certificate));
    EXPECT_EQ(log.entries()[3].type, 1U);
}

TEST_F(HsmStates, AnAnchorNoticesAnOldCopyAndABranch) {  // 4.12: --counter-anchor
    Options with = options();
    with.anchor = folder_ / "anchor";
    auto hsm = operational(5, with);
    const Bytes old_file = bytes(), old_anchor = *read_file(*with.anchor);
    ASSERT_TRUE(hsm->issue(Chip(1).request()));
    hsm.reset();
    EXPECT_THAT(error_of(reopen()), HasSubstr("--counter-anchor"));
    const auto open = [&] { return Hsm::open(path_, keys(), with); };
    EXPECT_TRUE(open());

    const Bytes new_file = bytes(), new_anchor = *read_file(*with.anchor);
    write(old_file);
    EXPECT_EQ(code_of(open()), ExitCode::rule_violated);
    EXPECT_THAT(error_of(open()), HasSubstr("an older copy"));
    // The crash between file and anchor: the file is one ahead.
    write(new_file);
    ASSERT_TRUE(write_file(*with.anchor, old_anchor, Mode::secret));
    EXPECT_TRUE(open());
    // The old copy, used once more, and the anchor of the true line.
    write(old_file);
    ASSERT_TRUE((*open())->issue(Chip(2).request()));
    ASSERT_TRUE(write_file(*with.anchor, new_anchor, Mode::secret));
    EXPECT_EQ(code_of(open()), ExitCode::rule_violated);
    EXPECT_THAT(error_of(open()), HasSubstr("another way"));
    // An anchor that nobody with the key wrote.
    write(new_file);
    Bytes forged = new_anchor;
    forged[0x18] ^= 1;
    ASSERT_TRUE(write_file(*with.anchor, forged, Mode::secret));
    EXPECT_EQ(code_of(open()), ExitCode::misuse);
}

TEST_F(HsmStates, AnAnchorThatCannotBeWrittenReleasesNothing) {
    Options with = options();
    std::filesystem::create_directory(folder_ / "medium");
    with.anchor = folder_ / "medium" / "anchor";
    auto hsm = operational(5, with);
    std::filesystem::rename(folder_ / "medium", folder_ / "gone");
    EXPECT_EQ(code_of(hsm->issue(Chip(1).request())), ExitCode::misuse);
    EXPECT_THAT(error_of(hsm->issue(Chip(2).request())), HasSubstr("open the HSM file anew"));
    std::filesystem::rename(folder_ / "gone", folder_ / "medium");
    hsm.reset();
    const auto again = Hsm::open(path_, keys(), with);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ((*again)->info().log.left(), 4U) << "counted, not released";
}

}  // namespace
}  // namespace h7::hsm

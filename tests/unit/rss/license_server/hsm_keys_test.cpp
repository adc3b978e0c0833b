// An HSM file as the keys of a product: what is counted, when, and who is refused.
#include <gmock/gmock.h>

#include <thread>

#include "tests/unit/rss/host/hsm/soft_hsm.hpp"
#include "tests/unit/rss/license_server/vault.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;

bool opens(const Chip& chip, ByteView license) {
    const auto firmware =
        crypto::unwrap_license(chip.keys.secret, chip.certificate, chip.uid, license.first(88),
                               license.subspan(88, 32), license.last(16));
    return firmware && std::ranges::equal(firmware->key.view(), hsm::kKey) &&
           std::ranges::equal(firmware->nonce.view(), hsm::kNonce);
}

std::string refusal(const Folder& folder, const std::string& text) {
    folder.write("server.toml", text);
    const auto read = read_configuration(folder.at("server.toml"));
    return read ? "accepted" : read.error().message;
}

TEST(HsmKeys, ALicenseIsCountedInTheFileBeforeItLeaves) {  // 4.12: persist, then release
    const Folder folder;
    make_vault(folder, 5);
    Office office(folder, hsm_text("quota = 9", "reserve = 1"));
    EXPECT_EQ(info_of(folder).log.left(), 5U) << "starting costs nothing";
    for (std::uint32_t n = 1; n <= 3; ++n) {
        const Chip chip = make_chip(n);
        const auto issued = office.issue(chip);
        ASSERT_TRUE(issued) << issued.error().what;
        EXPECT_TRUE(opens(chip, issued->entry.license));
        EXPECT_FALSE(opens(make_chip(90), issued->entry.license));
        EXPECT_EQ(info_of(folder).log.left(), 5 - n);
        EXPECT_EQ(info_of(folder).log.reserved(), n);
    }
    EXPECT_EQ(office.desk->spent(office.product()).left(), 2U) << "the HSM has less than the quota";
}

TEST(HsmKeys, TheSameChipAgainCountsNothingAlsoAfterARestartAndAtCounterZero) {
    const Folder folder;
    make_vault(folder, 1);
    const Chip chip = make_chip(1);
    license::LicenseBytes first{};
    {
        Office office(folder, hsm_text());
        first = office.issue(chip)->entry.license;
        EXPECT_TRUE(office.issue(chip)->again);
    }
    Office office(folder, hsm_text());
    const auto again = office.issue(chip);
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(again->entry.license, first);
    EXPECT_EQ(info_of(folder).log.left(), 0U);
    EXPECT_EQ(info_of(folder).log.reserved(), 1U);
}

TEST(HsmKeys, AChipServedByLicenseIssueIsNotCountedAgain) {  // 0236
    const Folder folder;
    make_vault(folder, 1);
    const Chip chip = make_chip(1);
    ASSERT_TRUE((*hsm::Hsm::open(folder.at("vault.hsm"), hsm::keys()))->issue({chip.certificate, chip.uid}));
    Office office(folder, hsm_text());
    const auto issued = office.issue(chip);
    ASSERT_TRUE(issued) << issued.error().what;
    EXPECT_TRUE(opens(chip, issued->entry.license));
    EXPECT_EQ(info_of(folder).log.entries().back().event, hsm::Event::reissued);
    EXPECT_EQ(office.issue(make_chip(2)).error().status, 403);
}

TEST(HsmKeys, WhenTheCounterIsZeroTheAnswerSaysSoAndNoQuotaIsSpent) {
    const Folder folder;
    make_vault(folder, 2);
    Office office(folder, hsm_text("quota = 9"));
    EXPECT_TRUE(office.issue(make_chip(1)));
    EXPECT_TRUE(office.issue(make_chip(2)));
    const auto third = office.issue(make_chip(3));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().status, 403);
    EXPECT_EQ(third.error().code, "key-store");
    EXPECT_EQ(third.error().what, "the HSM's counter is 0: all 2 licenses are given");
    EXPECT_EQ(third.error().where, "vault.hsm");
    EXPECT_THAT(third.error().remedy, HasSubstr("provision another HSM"));
    EXPECT_EQ(office.desk->spent(office.product()).used, 2U);
    EXPECT_THAT(office.metrics.text(office.configuration, *office.desk, *office.audit),
                HasSubstr("h7rss_hsm_left{product=\"motor\"} 0\n"));
}

TEST(HsmKeys, ManyAtOnceGetExactlyWhatTheCounterAllows) {
    const Folder folder;
    make_vault(folder, 20);
    for (const char* reserve : {"reserve = 1", "reserve = 7"}) {
        Office office(folder, hsm_text("quota = 1000", reserve));
        std::vector<Chip> chips;
        for (std::uint32_t n = 0; n < 48; ++n) chips.push_back(make_chip(n + (reserve[10] - '0') * 100U));
        std::atomic<int> given = 0, refused = 0;
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t n = t; n < 48; n += 8) {
                    const auto issued = office.issue(chips[n]);
                    if (issued)
                        ++given;
                    else if (issued.error().code == "key-store")
                        ++refused;
                }
            });
        for (std::thread& thread : threads) thread.join();
        const bool first = reserve[10] == '1';
        EXPECT_EQ(given, first ? 20 : 0);
        EXPECT_EQ(refused, first ? 28 : 48);
        EXPECT_EQ(office.ledger->walk()->entries, 20U);
        EXPECT_EQ(info_of(folder).log.left(), 0U);
    }
}

TEST(HsmKeys, WhatWasReservedAndNotGivenGoesBackAtTheEnd) {
    const Folder folder;
    make_vault(folder, 50);
    Office office(folder, hsm_text("quota = 9", "reserve = 10"));
    for (std::uint32_t n = 0; n < 3; ++n) ASSERT_TRUE(office.issue(make_chip(n)));
    EXPECT_EQ(info_of(folder).log.left(), 40U);
    EXPECT_EQ(office.product().keys->left(), 47U);
    EXPECT_EQ(office.configuration.products.front()->keys->close().value(), 7U);
    EXPECT_EQ(info_of(folder).log.left(), 47U);
    EXPECT_EQ(info_of(folder).log.reserved(), 3U);
    EXPECT_EQ(office.product().keys->left(), 47U);
}

TEST(HsmKeys, AFullDiskUnderTheHsmRefusesAndLosesNothing) {
    const Folder folder;
    make_vault(folder, 5);
    Office office(folder, hsm_text("quota = 9", "reserve = 1"));
    {
        const FileLimit full(std::filesystem::file_size(folder.at("vault.hsm")));
        const auto refused = office.issue(make_chip(1));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().status, 507);
        EXPECT_EQ(refused.error().where, "vault.hsm");
    }
    EXPECT_TRUE(office.product().keys->healthy());
    EXPECT_EQ(office.desk->spent(office.product()).used, 0U);
    EXPECT_EQ(office.product().keys->left(), 5U);
    EXPECT_TRUE(office.issue(make_chip(1)));
}

TEST(HsmKeys, AFullDiskUnderTheLedgerDoesNotEmptyTheCounter) {
    const Folder folder;
    make_vault(folder, 9);
    Office office(folder, hsm_text("quota = 9", "reserve = 2"));
    ASSERT_TRUE(office.issue(make_chip(1)));
    {
        const FileLimit full(std::filesystem::file_size(folder.at("ledger.db-wal")) + 512);
        for (int n = 0; n < 20; ++n) {
            const auto refused = office.issue(make_chip(2));
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().status, 507);
            EXPECT_EQ(refused.error().where, "ledger");
        }
    }
    EXPECT_EQ(office.product().keys->left(), 8U);
    ASSERT_TRUE(office.issue(make_chip(2)));
    EXPECT_EQ(office.product().keys->left(), 7U);
}

TEST(HsmKeys, OneServerForOneHsm) {
    const Folder folder;
    make_vault(folder, 5);
    const Office office(folder, hsm_text());
    EXPECT_THAT(refusal(folder, hsm_text()),
                AllOf(HasSubstr("server.toml:"), HasSubstr("vault.hsm: another process has it open")));
    EXPECT_TRUE(read_configuration(folder.at("server.toml"), Use::check)) << "--check beside it";
}

TEST(HsmKeys, OneProductForOneHsm) {
    const Folder folder;
    make_vault(folder, 5);
    const std::string second =
        "[[product]]\nid = \"live\"\nquota = 1\ntype = \"sfi-live\"\nhsm = \"./vault.hsm\"\npassphrase_file "
        "= "
        "\"pass\"\n[[operator]]\nname = \"x\"\n";
    EXPECT_THAT(refusal(folder, hsm_text("quota = 1\n" + second)), HasSubstr("one HSM, one product"));
}

TEST(HsmKeys, AnOldCopyIsRefusedWhereThereIsAnAnchor) {
    const Folder folder;
    make_vault(folder, 5, hsm::keys(), {.anchor = folder.at("anchor")});
    const std::string old = folder.read("vault.hsm");
    const std::string text = hsm_text("quota = 9", "counter_anchor = \"anchor\"");
    {
        Office office(folder, text);
        ASSERT_TRUE(office.issue(make_chip(1)));
    }
    EXPECT_THAT(refusal(folder, hsm_text()), HasSubstr("has a counter anchor"));
    folder.write("vault.hsm", old);
    folder.write("server.toml", text);
    const auto read = read_configuration(folder.at("server.toml"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ExitCode::rule_violated);
    EXPECT_THAT(read.error().message, HasSubstr("an older copy was put back"));
}

TEST(HsmKeys, EveryMistakeInTheFileIsOneLineThatNamesIt) {
    const Folder folder;
    make_vault(folder, 5);
    const std::string product = "quota = 9";
    folder.write("wrong", "incorrect horse\n");
    folder.write("nothing", "");
    const auto with = [&](std::string_view keys) {
        return refusal(folder, file_text(product, "", "", keys));
    };
    const auto names = [](std::string_view place, std::string_view words) {
        return AllOf(HasSubstr(std::string("server.toml:") + std::string(place)),
                     HasSubstr(std::string(words)), testing::Not(HasSubstr("\n")));
    };
    const std::string hsm(kHsmLines);
    EXPECT_THAT(with(hsm + "\nkey = \"key.bin\""), names("10:", "are in the HSM file: leave this line out"));
    EXPECT_THAT(with(hsm + "\ntest_ca = true"), names("10:", "are in the HSM file"));
    EXPECT_THAT(with("hsm = \"vault.hsm\""), names("", "passphrase_file: missing"));
    EXPECT_THAT(with("hsm = \"none.hsm\"\npassphrase_file = \"pass\""), names("8:", "none.hsm: cannot open"));
    EXPECT_THAT(with("hsm = \"vault.hsm\"\npassphrase_file = \"none\""), names("8:", "none: cannot open"));
    EXPECT_THAT(with("hsm = \"vault.hsm\"\npassphrase_file = \"wrong\""), names("8:", "wrong passphrase"));
    EXPECT_THAT(with("hsm = \"vault.hsm\"\npassphrase_file = \"nothing\""),
                names("8:", "the passphrase is empty"));
    EXPECT_THAT(with("hsm = \"key.bin\"\npassphrase_file = \"pass\""), names("8:", "chmod 600 it"));
    std::filesystem::permissions(folder.at("key.bin"), std::filesystem::perms(0600));
    EXPECT_THAT(with("hsm = \"key.bin\"\npassphrase_file = \"pass\""), names("8:", "key.bin: HSM file: "));
    EXPECT_THAT(with(hsm + "\nreserve = 0"), names("10:", "1 to 100000"));
    EXPECT_THAT(with(hsm + "\ntype = \"smi\""), names("10:", "this HSM makes licenses for images"));
    EXPECT_THAT(with(hsm + "\npkcs11_module = \"x.so\""), names("10:", "belongs to token"));
    EXPECT_THAT(with(hsm + "\ntoken = \"none\""), names("8:", "token"));
    EXPECT_THAT(with(std::string(kKeyFiles) + "\nreserve = 5"), names("11:", "belongs to hsm = FILE"));
    std::filesystem::remove(folder.at("vault.hsm"));
    ASSERT_TRUE(hsm::Hsm::create(folder.at("vault.hsm"), hsm::keys()));
    EXPECT_THAT(with(hsm), names("8:", "the HSM is OPEN; provision and lock it first"));
}

TEST(HsmKeys, AModuleHsmMakesLicensesForModules) {
    const Folder folder;
    folder.write("pass", "correct horse\n");
    {
        const auto vault = std::move(*hsm::Hsm::create(folder.at("vault.hsm"), hsm::keys()));
        hsm::Provisioning wanted = hsm::provisioning(3);
        wanted.purpose = hsm::Purpose::smi;
        ASSERT_TRUE(vault->provision(wanted) && vault->lock());
    }
    Office office(folder, hsm_text());
    EXPECT_TRUE(office.product().smi());
    const auto issued = office.issue(make_chip(1));
    ASSERT_TRUE(issued) << issued.error().what;
    EXPECT_EQ(image::parse_license(issued->entry.license)->type, image::LicenseType::smi_static);
}

TEST(HsmKeys, ATokenKeepsTheKeys) {  // PKCS#11
    if (!hsm::soft_hsm_installed()) GTEST_SKIP() << "softhsm2 is not installed: scripts/setup";
    const Folder folder;
    hsm::use_soft_hsm(folder.at(""));
    hsm::new_token("production");
    const hsm::Token token{hsm::kSoftHsm, "production"};
    make_vault(folder, 3, *hsm::pkcs11_store(token, *hsm::Passphrase::make(hsm::text("123456"))));
    const std::string text = hsm_text("quota = 9", "token = \"production\"");
    EXPECT_THAT(refusal(folder, text), HasSubstr("CKR_PIN"));
    folder.write("pass", "123456\n");
    EXPECT_THAT(refusal(folder, hsm_text()), HasSubstr("opened by a PKCS#11 token, not by a passphrase"));
    Office office(folder, text);
    const Chip chip = make_chip(1);
    const auto issued = office.issue(chip);
    ASSERT_TRUE(issued) << issued.error().what;
    EXPECT_TRUE(opens(chip, issued->entry.license));
    EXPECT_EQ(office.product().keys->left(), 2U);
    EXPECT_THAT(office.product().keys->describe(), HasSubstr("token 'production'"));
}

}  // namespace
}  // namespace h7::license_server::test

#include "rss/install/installer.hpp"

#include <gtest/gtest.h>

#include "tests/support/annex_a.hpp"
#include "tests/support/rss_board.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::rss {
namespace {

using test::RssBoard;
using test::TestImage;

constexpr Address kSecure = 0x0800'0000, kApplication = 0x0802'0000, kCoprocessor = 0x0810'0000;

TestImage three_programs() {
    TestImage image;
    image.firmware(kSecure, test::startable(kSecure, 0x900))
        .firmware(kApplication, test::pattern(1000, 40))
        .firmware(kCoprocessor, test::pattern(33, 90));
    return image;
}

class InstallerTest : public testing::Test {
protected:
    InstallerTest() {
        board.set_options(test::secure_options());
        journal.load();
    }
    Answer<Installed> install(const StagedPart& part) {
        // What was there before; it must be there still after a refusal.
        return Installer(driver, journal, chip, policy).install(part);
    }
    Detail refusal(const StagedPart& part) {
        auto done = install(part);
        if (done) return Detail::none;
        reason = done.error().reason;
        return done.error().detail;
    }
    Detail refusal(const TestImage& image) { return refusal(image.build()); }
    // The part is refused with `detail`, flash, options and journal are what they were.
    void expect_untouched(const StagedPart& part, Detail detail) {
        const auto options = board.flash.options();
        const std::uint64_t steps = board.flash.steps();
        EXPECT_EQ(image::name(refusal(part)), image::name(detail)) << reason;
        EXPECT_EQ(board.flash.steps(), steps) << "something was programmed or erased";
        EXPECT_EQ(board.flash.options(), options);
        EXPECT_FALSE(driver.touched());
    }
    void expect_untouched(const TestImage& image, Detail detail) { expect_untouched(image.build(), detail); }
    void expect_flash(Address address, const Bytes& bytes) {
        const unsigned bank = address >= 0x0810'0000 ? 1 : 0;
        const auto at = board.flash.user(bank).bytes().subspan(address % 0x10'0000, bytes.size());
        EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), at.begin())) << std::hex << address;
    }

    RssBoard board;
    FlashDriver driver{board};
    Journal journal{driver};
    Identity chip = test::annex_a_chip();
    InstallPolicy policy;
    std::string reason;
};

TEST_F(InstallerTest, InstallsEveryAreaThenTheOptionWords) {  // R-018 F-167 F-171
    TestImage image = three_programs();
    image.hash().options(test::closed_options());
    const auto done = install(image.build());
    ASSERT_TRUE(done) << done.error().reason;
    EXPECT_EQ(done->image_version, 7U);
    for (std::size_t i = 0; i < 3; ++i) expect_flash(image.areas[i].address, image.areas[i].plaintext);
    EXPECT_EQ(journal.state(), JournalState::done);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
    EXPECT_EQ(extract(board.flash.options()[flash::kOptsr], 15, 8), 0xBBU);
}

TEST_F(InstallerTest, WithoutOptionWordsTheOptionsStay) {
    ASSERT_TRUE(install(three_programs().build()));
    EXPECT_EQ(board.flash.options(), test::secure_options());
    EXPECT_EQ(journal.state(), JournalState::done);
}

TEST_F(InstallerTest, TheImageOfAnnexAInstalls) {  // R-032 R-033, rss-sfi-bootloader.md Annex A
    TestImage image;
    image.header.ram_size = annex_a::kRamSize;
    image.header.token_address = annex_a::kToken;
    const Bytes nonce = annex_a::nonce();
    std::copy(nonce.begin(), nonce.end(), image.nonce.begin());
    image.firmware(annex_a::kFirmwareAddress, annex_a::firmware()).options(annex_a::kOptionWords);
    const StagedPart part = image.build();
    ASSERT_EQ(part.license, annex_a::license());
    EXPECT_EQ(to_hex(ByteView(part.header).subspan(0x30)), to_hex(annex_a::header_tag()));
    EXPECT_EQ(to_hex(ByteView(part.records).first(104)), to_hex(annex_a::firmware_record()));
    ASSERT_EQ(refusal(part), Detail::none) << reason;
    expect_flash(annex_a::kFirmwareAddress, annex_a::firmware());
    EXPECT_EQ(board.flash.options()[flash::kBoot7], 0x2400'0800U);
    EXPECT_EQ(board.flash.options()[flash::kOptsr] & kOptsrBcm7, 0U);
}

TEST_F(InstallerTest, TakesTypicalFlashTimes) {
    board.flash.set_timing(flash::Timing::typical());
    const Time before = board.now();
    ASSERT_TRUE(install(three_programs().options(test::closed_options()).build()));
    EXPECT_GT(board.now() - before, 100 * kMillisecond);
}

TEST_F(InstallerTest, ErasesWhatWasThereBefore) {
    ASSERT_TRUE(driver.program(0x0816'0000, Bytes(32, 0x77)));
    ASSERT_TRUE(install(three_programs().build()));
    EXPECT_EQ(board.flash.user(1).bytes()[0x6'0000], 0xFF);
}

TEST_F(InstallerTest, EveryChangedBitIsFoundBeforeAnythingChanges) {  // rss-sfi-bootloader.md 7, 3
    TestImage image;
    image.firmware(kSecure, test::startable(kSecure, 64)).hash().options(test::closed_options());
    const StagedPart good = image.build();
    const std::uint64_t steps = board.flash.steps();
    const auto flip_each = [&](Bytes StagedPart::*member, std::size_t first, std::size_t last) {
        for (std::size_t at = first; at < last; ++at) {
            StagedPart bad = good;
            (bad.*member)[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
            ASSERT_NE(refusal(bad), Detail::none) << "byte " << at;
            ASSERT_EQ(board.flash.steps(), steps) << "byte " << at;
        }
    };
    flip_each(&StagedPart::header, 0, good.header.size());
    flip_each(&StagedPart::license, 0, good.license.size());
    flip_each(&StagedPart::records, 0, good.records.size());
    EXPECT_FALSE(driver.touched());
    EXPECT_TRUE(install(good));
}

TEST_F(InstallerTest, ACutPartIsRefusedAtEveryByte) {
    TestImage image;
    image.firmware(kSecure, test::pattern(64, 1)).options(test::closed_options());
    const StagedPart good = image.build();
    for (std::size_t size = 0; size < good.records.size(); ++size) {
        StagedPart bad = good;
        bad.records.resize(size);
        ASSERT_NE(refusal(bad), Detail::none) << size;
    }
    EXPECT_EQ(board.flash.steps(), 0U);
}

TEST_F(InstallerTest, NamesWhichFieldWasTamperedWith) {  // D-19
    const TestImage image = three_programs();
    const StagedPart good = image.build();
    StagedPart bad = good;
    bad.header[0x0C] ^= 1;  // image_version
    expect_untouched(bad, Detail::E_HDR_TAG);
    bad = good;
    bad.records[image::kRecordHead] ^= 1;  // ciphertext of area 1
    expect_untouched(bad, Detail::E_AREA_TAG);
    EXPECT_NE(reason.find("area 1"), std::string::npos);
    bad = good;
    bad.license[0x58] ^= 1;  // wrapped key
    expect_untouched(bad, Detail::E_LIC_TAG);
    bad = good;
    bad.license[0x18] ^= 1;  // ephemeral point
    expect_untouched(bad, Detail::E_LIC_POINT);
    EXPECT_EQ(image::chip_visible(Detail::E_LIC_POINT), Detail::E_LIC_TAG);
}

TEST_F(InstallerTest, AreasCannotBeSwappedDroppedOrMixed) {  // rss-sfi-bootloader.md 7, 4
    TestImage two;
    two.firmware(0x0800'0000, test::pattern(32, 1)).firmware(0x0802'0000, test::pattern(32, 2));
    const StagedPart good = two.build();
    const std::size_t half = good.records.size() / 2;
    StagedPart swapped = good;
    std::rotate(swapped.records.begin(), swapped.records.begin() + static_cast<std::ptrdiff_t>(half),
                swapped.records.end());
    EXPECT_NE(refusal(swapped), Detail::none);
    StagedPart dropped = good;
    dropped.records.resize(half);
    EXPECT_NE(refusal(dropped), Detail::none);
    TestImage other = two;
    other.header.image_version = 8;  // the same key: another header tag
    StagedPart mixed = good;
    const StagedPart theirs = other.build();
    std::copy(theirs.records.begin(), theirs.records.begin() + static_cast<std::ptrdiff_t>(half),
              mixed.records.begin());
    expect_untouched(mixed, Detail::E_AREA_TAG);
}

TEST_F(InstallerTest, ALicenseOfAnotherChipIsRefused) {  // rss-sfi-bootloader.md 7, 1
    Identity other = chip;
    other.uid[0] ^= 1;
    StagedPart part = three_programs().build(other);
    expect_untouched(part, Detail::E_LIC_TAG);
    chip.private_key[31] ^= 1;  // the same certificate, another device key
    expect_untouched(three_programs(), Detail::E_LIC_TAG);
}

TEST_F(InstallerTest, AStaticLicenseMayBeUsedAgain) {  // rss-sfi-bootloader.md 7, 2
    const StagedPart part = three_programs().build();
    ASSERT_TRUE(install(part));
    board.system_reset();
    EXPECT_TRUE(install(part));
}

TEST_F(InstallerTest, LicenseTypesAndFirmwareIds) {  // rss-sfi-bootloader.md 4.6
    TestImage image = three_programs();
    image.license.type = image::LicenseType::smi_static;
    expect_untouched(image, Detail::E_LIC_FORMAT);
    image.license.type = image::LicenseType::sfi_live;
    image.license.session = 5;
    expect_untouched(image, Detail::E_LIC_SESSION);
    image = three_programs();
    image.license.firmware_id[0] = 1;
    expect_untouched(image, Detail::E_LIC_FWID);
    image.header.firmware_id[0] = 1;
    EXPECT_EQ(refusal(image), Detail::none);
}

TEST_F(InstallerTest, PreconditionsOfTheChip) {  // rss-sfi-bootloader.md 4.9, 1
    const auto with = [&](std::size_t row, std::uint32_t value) {
        auto words = test::secure_options();
        words[row] = value;
        board.set_options(words);
        driver = FlashDriver(board);
    };
    const std::uint32_t optsr = test::secure_options()[flash::kOptsr];
    with(flash::kOptsr, insert(optsr, 15, 8, 0xBB));
    expect_untouched(three_programs(), Detail::E_RDP);
    with(flash::kOptsr, insert(optsr, 20, 19, 2));
    expect_untouched(three_programs(), Detail::E_RAM);
    with(flash::kPrar2, 0x000F'0000);
    expect_untouched(three_programs(), Detail::E_PCROP);
    with(flash::kScar1, 0x000F'0000);
    expect_untouched(three_programs(), Detail::E_EXISTS);
    with(flash::kWpsn2, 0x7F);
    expect_untouched(three_programs(), Detail::E_WRP);
    with(flash::kOptsr, optsr);
    EXPECT_EQ(refusal(three_programs()), Detail::none);
}

TEST_F(InstallerTest, AnOlderVersionIsRefusedUnlessProvisioned) {  // rss-sfi-bootloader.md 4.9, anti-rollback
    TestImage image = three_programs();
    ASSERT_TRUE(install(image.build()));
    image.header.image_version = 6;
    driver = FlashDriver(board);
    board.system_reset();
    expect_untouched(image, Detail::E_ROLLBACK);
    image.header.firmware_id[3] = 1;  // another firmware counts for itself
    EXPECT_EQ(refusal(image), Detail::none);
    image.header.firmware_id[3] = 0;
    policy.allow_rollback = true;
    EXPECT_EQ(refusal(image), Detail::none);
}

TEST_F(InstallerTest, TheHashAreaIsChecked) {
    TestImage image = three_programs();
    image.hash();
    image.areas.back().plaintext[0] ^= 1;
    expect_untouched(image, Detail::E_HASH);
}

TEST_F(InstallerTest, OptionWordsAreTriedDryFirst) {  // F-166 F-170 rss-sfi-bootloader.md 4.8
    board.change_options([](flash::OptionWords& w) { w[flash::kScar2] = 0x8000'00FF; });
    auto words = test::closed_options();
    TestImage image = three_programs();
    image.options(words);  // DMES2 1 -> 0
    expect_untouched(image, Detail::E_OB);

    board.set_options(test::secure_options());
    words = test::closed_options();
    words[image::kOptsr] &= ~kOptsrSecurity;
    expect_untouched(three_programs().options(words), Detail::E_OB);

    words = test::closed_options();
    words[image::kOptsr] = insert(words[image::kOptsr], 15, 8, 0xCC);
    TestImage unstartable;
    unstartable.firmware(kSecure, test::pattern(64, 2)).options(words);
    expect_untouched(unstartable, Detail::E_OB);
    policy.allow_unstartable_level2 = true;
    EXPECT_EQ(refusal(unstartable), Detail::none);
}

TEST_F(InstallerTest, AnInstallWithoutOptionsIsPossibleAtLevel2Words) {  // F-159 D-23
    auto words = test::closed_options();
    words[image::kOptsr] = insert(words[image::kOptsr], 15, 8, 0xCC);
    EXPECT_EQ(refusal(three_programs().options(words)), Detail::none) << reason;
    EXPECT_EQ(extract(board.flash.options()[flash::kOptsr], 15, 8), 0xCCU);
}

TEST_F(InstallerTest, RowsMeanRegisterSetsAsMapped) {  // F-125 rss-sfi-bootloader.md 4.8
    board.change_options([](flash::OptionWords& w) { w[flash::kOptsr] |= kOptsrSwapBank; });
    auto words = test::closed_options();
    words[image::kOptsr] |= kOptsrSwapBank;
    EXPECT_EQ(refusal(three_programs().options(words)), Detail::none) << reason;
    EXPECT_EQ(board.flash.options()[flash::kScar2], 0x801F'0000U) << "row A is physical bank 2 while swapped";
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x0000'00FFU);
}

TEST_F(InstallerTest, ModulesGetTheirPcropArea) {  // F-163 F-215 F-217
    TestImage image;
    image.module(0x0800'1000, test::pattern(256, 9)).firmware(0x0800'1200, test::pattern(64, 1)).hash();
    EXPECT_EQ(refusal(image), Detail::none) << reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8011'0010U) << "two blocks at least, DMEP = 1";
    expect_flash(0x0800'1000, image.areas[0].plaintext);
}

TEST_F(InstallerTest, AModulesAreaMaySwallowNothing) {  // F-217
    TestImage image;
    image.module(0x0800'1000, test::pattern(256, 9))
        .module(0x0800'2000, test::pattern(256, 9))
        .firmware(0x0800'1800, test::pattern(64, 1));
    expect_untouched(image, Detail::E_PCROP);
}

TEST_F(InstallerTest, APcropRowMustCoverTheModules) {
    TestImage image;
    auto words = test::closed_options();
    image.module(0x0804'0000, test::pattern(256, 9)).options(words);
    expect_untouched(image, Detail::E_OB);
}

TEST_F(InstallerTest, KeepingTheFlashNeedsBlankTargets) {  // rss-sfi-bootloader.md 4.3, flag b2
    TestImage image = three_programs();
    image.header.flags = image::kKeepFlash;
    ASSERT_TRUE(driver.program(0x0816'0000, Bytes(32, 0x77)));
    EXPECT_EQ(refusal(image), Detail::none) << reason;
    EXPECT_EQ(board.flash.user(1).bytes()[0x6'0000], 0x77) << "kept";
    driver = FlashDriver(board);
    board.system_reset();
    expect_untouched(image, Detail::E_STATE);
}

TEST_F(InstallerTest, AProgrammingFailureEndsBlank) {  // F-255: OPERR in the middle
    board.flash.set_timing(flash::Timing::turbo());
    const StagedPart part = three_programs().build();
    bool failed_once = false;
    board.flash.contents_changed = [&](Address canonical, std::uint32_t) {
        if (failed_once || canonical != kApplication) return;
        failed_once = true;
        board.flash.fail_next_operation(0);
    };
    EXPECT_EQ(refusal(part), Detail::E_FLASH) << reason;
    EXPECT_TRUE(failed_once);
    EXPECT_TRUE(board.user_flash_is_blank());
    EXPECT_EQ(journal.state(), JournalState::idle);
}

TEST_F(InstallerTest, AbortIsForAnInstallUnderWayOnly) {
    EXPECT_EQ(Installer(driver, journal, chip, policy).abort().error().detail, Detail::E_STATE);
}

// The power fails inside every flash step of an install over an older firmware, and again while the next boot
// tidies up. In the end the old firmware is untouched, the new image is complete with its options in force,
// or the chip is blank: never a part of either, never plaintext that is readable (rss-sfi-bootloader.md 4.9,
// invariant).
TEST_F(InstallerTest, WhereverThePowerFailsTheChipIsOldCompleteOrBlank) {  // F-131 F-132
    TestImage image;
    image.firmware(kSecure, test::startable(kSecure, 160))
        .firmware(kCoprocessor, test::pattern(64, 5))
        .hash()
        .options(test::closed_options());
    const StagedPart part = image.build();
    const Bytes old = test::pattern(96, 77);
    board.put_flash(kSecure, old);
    board.put_flash(kCoprocessor, old);
    const flash::Image before = board.flash.image();

    bool completed = false;
    for (std::uint64_t step = 1; !completed; ++step) {
        ASSERT_LT(step, 200U);
        for (const std::uint64_t second : {std::uint64_t{1}, std::uint64_t{3}}) {
            RssBoard bench;
            bench.flash.set_image(before);
            bench.power_on();
            bench.flash.set_cut_at(bench.flash.steps() + step, step * 7 + second);
            FlashDriver first_run(bench);
            Journal first_journal(first_run);
            first_journal.load();
            completed = Installer(first_run, first_journal, chip, policy).install(part).has_value();

            for (const std::uint64_t cut : {second, std::uint64_t{0}}) {
                bench.power_on();
                bench.flash.set_cut_at(cut == 0 ? 0 : bench.flash.steps() + cut, step);
                FlashDriver again(bench);
                Journal journal_again(again);
                journal_again.load();
                const auto recovered = Installer(again, journal_again, chip, policy).recover();
                if (cut != 0) continue;
                ASSERT_TRUE(recovered) << step << " " << recovered.error().reason;
                const bool untouched = bench.flash.image().user[0].data == before.user[0].data &&
                                       bench.flash.image().user[1].data == before.user[1].data;
                const bool closed = bench.flash.options()[flash::kScar1] == 0x801F'0000U;
                ASSERT_TRUE(untouched || closed || bench.user_flash_is_blank()) << "step " << step;
                ASSERT_EQ(closed, journal_again.state() == JournalState::done);
                ASSERT_TRUE(!untouched || journal_again.state() == JournalState::idle);
            }
        }
    }
}

}  // namespace
}  // namespace h7::rss

// Images in parts: P and R areas, the continuation token, and what an attacker would do with them
// (rss-sfi-bootloader.md 4.4, 4.9).
#include <gtest/gtest.h>

#include "rss/install/token.hpp"
#include "tests/support/flash_steps.hpp"
#include "tests/support/rss_install.hpp"

namespace h7::rss {
namespace {

using test::InstallBench;
using test::TestImage;

constexpr Address kFirst = 0x0800'0000, kSecond = 0x0802'0000, kThird = 0x0810'0000, kToken = 0x080E'0000;

TestImage three_parts(std::uint8_t seed = 1) {
    TestImage image;
    image.firmware(kFirst, test::startable(kFirst, 160)).hash().cut(kToken);
    image.firmware(kSecond, test::pattern(96, static_cast<std::uint8_t>(seed + 1))).hash().cut(kToken);
    image.firmware(kThird, test::pattern(64, static_cast<std::uint8_t>(seed + 2))).hash();
    return image.options(test::closed_options());
}

class SplitTest : public InstallBench {
protected:
    std::vector<StagedPart> parts = test::parts_of(three_parts().build());
};

TEST_F(SplitTest, InstallsPartByPart) {  // 4.4: three parts at one token address (7, 23)
    ASSERT_EQ(parts.size(), 3U);
    auto done = install(parts[0]);
    ASSERT_TRUE(done) << reason;
    EXPECT_EQ(done->next_index, 4U);
    EXPECT_EQ(state, JournalState::installing);
    EXPECT_TRUE(awaits_part());
    EXPECT_EQ(board.flash.options(), test::secure_options()) << "options come last";
    done = install(parts[1]);
    ASSERT_TRUE(done) << reason;
    EXPECT_EQ(done->next_index, 8U);
    done = install(parts[2]);
    ASSERT_TRUE(done) << reason;
    EXPECT_EQ(done->next_index, 0U);
    EXPECT_EQ(state, JournalState::done);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
    EXPECT_TRUE(holds(kFirst, test::startable(kFirst, 160)));
    EXPECT_TRUE(holds(kSecond, test::pattern(96, 2)));
    EXPECT_TRUE(holds(kThird, test::pattern(64, 3)));
    EXPECT_TRUE(holds(kToken, Bytes(0x2'0000, 0xFF))) << "the token's sector is blank in the end";
}

TEST_F(SplitTest, ABootBetweenTwoPartsChangesNothing) {  // 4.9, power loss
    ASSERT_TRUE(install(parts[0]));
    board.power_on();
    ASSERT_TRUE(recover());
    EXPECT_EQ(state, JournalState::installing);
    ASSERT_TRUE(install(parts[1])) << reason;
    ASSERT_TRUE(install(parts[2])) << reason;
}

TEST_F(SplitTest, ARefusedPartLeavesTheInstallWhereItStands) {
    ASSERT_TRUE(install(parts[0]));
    StagedPart bad = parts[1];
    bad.records.back() ^= 1;
    expect_untouched(bad, Detail::E_AREA_TAG);
    EXPECT_TRUE(awaits_part());
    EXPECT_TRUE(install(parts[1])) << reason;
}

TEST_F(SplitTest, PartsOutOfOrderAreRefused) {    // 7, 8
    expect_untouched(parts[1], Detail::E_TOKEN);  // R on a fresh chip
    ASSERT_TRUE(install(parts[0]));
    expect_untouched(parts[2], Detail::E_ORDER);
    ASSERT_TRUE(install(parts[1]));
    expect_untouched(parts[1], Detail::E_ORDER);  // twice
    ASSERT_TRUE(install(parts[2]));
    expect_untouched(parts[2], Detail::E_RDP);  // replayed on the finished chip
}

TEST_F(SplitTest, AStrangersInstallCannotBeFinishedWithAnotherImage) {  // 4.9, 4
    ASSERT_TRUE(install(parts[0]));
    // One's own image, whose last part begins with R at the very index the chip waits for.
    TestImage own;
    own.header.image_version = 8;
    own.firmware(0x0818'0000, test::pattern(32, 9)).firmware(0x081A'0000, Bytes(32, 1)).cut(kToken);
    own.firmware(0x081C'0000, Bytes(32, 2));
    const auto theirs = test::parts_of(own.build());
    ASSERT_EQ(load_le32(theirs[1].records, 8), 4U) << "the index that is awaited";
    expect_untouched(theirs[1], Detail::E_TOKEN);
    // One's own small image from its beginning: it installs, and nothing of the stranger's is left.
    TestImage small;
    small.firmware(0x0818'0000, test::pattern(32, 9));
    ASSERT_TRUE(install(small.build())) << reason;
    EXPECT_TRUE(holds(kFirst, Bytes(160, 0xFF)));
    // Nor does keeping the flash get round that.
    ASSERT_TRUE(install(parts[0]));
    small.header.flags = image::kKeepFlash;
    expect_untouched(small.build(), Detail::E_STATE);
}

TEST_F(SplitTest, APartThatDoesNotContinueFirstAbortsWhatIsUnderWay) {  // 4.9, 4: ABORT_ERASE, then begin
    const auto states = [&] {
        std::vector<std::string_view> names;
        const ByteView cells = board.flash.system(1).bytes();
        for (std::size_t at = 0; cells[at] != 0xFF; at += JournalRecord::kBytes)
            names.push_back(name_of(JournalRecord::decode(cells.subspan(at, JournalRecord::kBytes))->state));
        return names;
    };
    ASSERT_TRUE(install(parts[0]));
    EXPECT_EQ(states(), (std::vector<std::string_view>{"INSTALLING", "INSTALLING"}));
    TestImage small;
    small.firmware(0x0818'0000, test::pattern(32, 9));
    ASSERT_TRUE(install(small.build())) << reason;
    EXPECT_EQ(states(), (std::vector<std::string_view>{"INSTALLING", "INSTALLING", "ABORT_ERASE", "IDLE",
                                                       "INSTALLING", "OB_PENDING", "DONE"}));
}

TEST_F(SplitTest, TheSameImageBegunAgainBeginsWithAnErase) {
    ASSERT_TRUE(install(parts[0]));
    ASSERT_TRUE(install(parts[1]));
    ASSERT_TRUE(install(parts[0])) << reason;
    EXPECT_TRUE(holds(kSecond, Bytes(96, 0xFF)));
    EXPECT_TRUE(awaits_part());
}

TEST_F(SplitTest, AnotherPayloadUnderTheSameHeaderTagCannotContinue) {
    // A repeated nonce with the same header and other firmware: the header's tag is the same, the areas'
    // tags are not. The token of one cannot serve the other's journal.
    ASSERT_TRUE(install(parts[0]));
    const Bytes token(flash_at(kToken, 64).begin(), flash_at(kToken, 64).end());
    ASSERT_TRUE(abort());
    TestImage other = three_parts();
    other.areas[0].plaintext = test::startable(kFirst, 160);
    other.areas[0].plaintext[100] ^= 1;
    other.areas.erase(other.areas.begin() + 1);
    other.areas.insert(other.areas.begin() + 1,
                       TestImage{}.firmware(kFirst, other.areas[0].plaintext).hash().areas[1]);
    const auto others = test::parts_of(other.build());
    ASSERT_EQ(others[0].header, parts[0].header);
    ASSERT_TRUE(install(others[0])) << reason;
    EXPECT_FALSE(holds(kToken, token)) << "two transcripts, two tokens";
    board.put_flash(kToken, token);
    EXPECT_FALSE(awaits_part());
}

TEST_F(SplitTest, EveryBitOfTheTokenCounts) {
    ASSERT_TRUE(install(parts[0]));
    Bytes token(flash_at(kToken, 64).begin(), flash_at(kToken, 64).end());
    FlashDriver driver(board);
    Journal journal(driver);
    journal.load();
    const Progress noted = Progress::of(journal.current());
    for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
        Bytes bad = token;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        ASSERT_TRUE(token_fits(token, noted, chip));
        ASSERT_FALSE(token_fits(bad, noted, chip)) << bit;
    }
    Identity other = chip;
    other.private_key[31] ^= 1;
    Progress progress;
    progress.next_index = 4;
    EXPECT_NE(make_token(progress, chip), make_token(progress, other)) << "a token is of one chip";
    board.put_flash(kToken + 40, Bytes{0});
    ASSERT_TRUE(recover());
    EXPECT_TRUE(board.user_flash_is_blank()) << "no token, no part boundary: ABORT_ERASE";
    EXPECT_EQ(state, JournalState::idle);
}

TEST_F(SplitTest, TheTokensSectorMayHoldOldThings) {  // 4.4: P erases it, F-030
    board.put_flash(kToken + 8, Bytes(8, 0x12));
    TestImage keep = three_parts();
    keep.header.flags |= image::kKeepFlash;
    expect_untouched(test::parts_of(keep.build())[0], Detail::E_STATE);  // it would be erased in the end
    ASSERT_TRUE(install(parts[0])) << reason;
    EXPECT_TRUE(awaits_part());
}

TEST_F(SplitTest, SizesMustAddUp) {  // 4.9, 2
    TestImage image = three_parts();
    // The same records under a header that promises more, or fewer, bytes: the tags are right, the sum is
    // not.
    for (const int bytes : {16, -16}) {
        board.set_options(test::secure_options());
        TestImage wrong = image;
        wrong.total_size_off_by = bytes;
        const auto staged = test::parts_of(wrong.build());
        ASSERT_TRUE(install(staged[0])) << reason;
        ASSERT_TRUE(install(staged[1])) << reason;
        expect_untouched(staged[2], Detail::E_TRUNC);
        ASSERT_TRUE(abort());
    }
}

TEST_F(SplitTest, NoPartLiesOverAnEarlierOne) {  // F-061
    TestImage image;
    image.firmware(kFirst, test::pattern(64, 1)).cut(kToken).firmware(kFirst + 32, test::pattern(32, 2));
    const auto staged = test::parts_of(image.build());
    ASSERT_TRUE(install(staged[0]));
    expect_untouched(staged[1], Detail::E_OVERLAP);
}

TEST_F(SplitTest, ModulesOfEarlierPartsAreProtectedInTheEnd) {  // 4.9, 6; F-217
    TestImage image;
    image.module(0x0800'1000, test::pattern(256, 9)).cut(kToken);
    image.module(0x0811'0000, test::pattern(512, 8)).cut(kToken);
    image.firmware(kSecond, test::pattern(64, 1));
    const auto staged = test::parts_of(image.build());
    ASSERT_TRUE(install(staged[0]));
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0xFFU) << "not before the end";
    board.power_on();
    ASSERT_TRUE(install(staged[1]));
    ASSERT_TRUE(install(staged[2])) << reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8011'0010U);
    EXPECT_EQ(board.flash.options()[flash::kPrar2], 0x8101'0100U);
}

TEST_F(SplitTest, AModulesAreaSwallowsNothingOfAnotherPart) {  // F-217
    TestImage image;
    image.module(0x0800'1000, test::pattern(256, 9)).firmware(0x0800'1800, test::pattern(64, 1)).cut(kToken);
    image.module(0x0800'2000, test::pattern(256, 9));
    auto staged = test::parts_of(image.build());
    ASSERT_TRUE(install(staged[0])) << reason;
    expect_untouched(staged[1], Detail::E_PCROP);
    ASSERT_TRUE(abort());
    TestImage behind;
    behind.module(0x0800'1000, test::pattern(256, 9)).cut(kToken).firmware(0x0800'1100, test::pattern(64, 1));
    staged = test::parts_of(behind.build());
    ASSERT_TRUE(install(staged[0])) << reason;
    expect_untouched(staged[1], Detail::E_PCROP);
}

TEST_F(SplitTest, ARegressionInBetweenEndsBlankAndUnlocked) {  // 7, 13
    ASSERT_TRUE(install(parts[0]));
    board.change_options(
        [](flash::OptionWords& w) { w[flash::kOptsr] = insert(w[flash::kOptsr], 15, 8, 0xBB); });
    FlashDriver driver(board);
    OptionWords words = driver.options().value();
    words[kOptsr] = insert(words[kOptsr], 15, 8, 0xAA);
    ASSERT_TRUE(driver.change_options(words));
    board.power_on();
    ASSERT_TRUE(recover());
    EXPECT_TRUE(board.user_flash_is_blank());
    EXPECT_EQ(state, JournalState::idle);
}

// The power fails before and inside every flash step of all three runs (7, 7 and 23). Behind it the boot
// finds a part boundary, a complete image with its options, or a blank chip; and from there a second try
// succeeds.
TEST_F(SplitTest, WhereverThePowerFailsNothingReadableIsLeft) {  // F-131 F-132
    const flash::Image before = board.flash.image();
    unsigned boundaries = 0;
    bool completed = false;
    for (std::uint64_t cut = 2; !completed; ++cut) {
        const std::uint64_t step = cut / 2;
        ASSERT_LT(step, 400U);
        board.flash.set_cut_at(0, 0);
        board.flash.set_image(before);
        board.power_on();
        board.flash.set_cut_at(
            board.flash.steps() + step, step,
            cut % 2 == 0 ? flash::Controller::Cut::before : flash::Controller::Cut::inside);
        std::size_t installed = 0;
        while (installed < parts.size() && install(parts[installed])) ++installed;
        completed = installed == parts.size();
        board.power_on();
        board.flash.set_cut_at(0, 0);
        ASSERT_TRUE(recover()) << step << " " << reason;
        const bool closed = board.flash.options()[flash::kScar1] == 0x801F'0000U;
        const bool waits = awaits_part();
        ASSERT_TRUE(closed || waits || board.user_flash_is_blank()) << "step " << step;
        boundaries += waits ? 1 : 0;
        if (closed || cut % 8 > 1) continue;
        for (std::size_t next = waits ? installed : 0; next < parts.size(); ++next)
            ASSERT_TRUE(install(parts[next])) << step << " " << reason;
    }
    EXPECT_EQ(boundaries, 2U) << "before the first step of the second part, and of the third";
}

}  // namespace
}  // namespace h7::rss

#include "rss/install/flash_driver.hpp"

#include <gtest/gtest.h>

#include "tests/support/rss_board.hpp"

namespace h7::rss {
namespace {

using test::RssBoard;

class FlashDriverTest : public testing::Test {
protected:
    FlashDriverTest() { board.set_options(test::secure_options()); }
    void swap_banks() {
        board.change_options([](flash::OptionWords& w) { w[flash::kOptsr] |= kOptsrSwapBank; });
    }
    std::uint8_t physical(unsigned bank, std::size_t at) { return board.flash.user(bank).bytes()[at]; }

    RssBoard board;
    FlashDriver driver{board};
    const Bytes data = Bytes(64, 0x5A);
};

TEST_F(FlashDriverTest, ProgramsWholeFlashWordsAndReadsThemBack) {  // F-054 F-055 F-057
    ASSERT_TRUE(driver.program(0x0800'0020, data));
    EXPECT_TRUE(driver.verify(0x0800'0020, data));
    EXPECT_EQ(physical(0, 0x20), 0x5A);
    EXPECT_EQ(physical(0, 0x1F), 0xFF);
    EXPECT_TRUE(driver.touched());
}

TEST_F(FlashDriverTest, FillsTheLastPartialWordWithOnes) {  // rss-sfi-bootloader.md 4.9, 5
    ASSERT_TRUE(driver.program(0x0810'0000, Bytes(33, 0x11)));
    EXPECT_EQ(physical(1, 32), 0x11);
    EXPECT_EQ(physical(1, 33), 0xFF);
    EXPECT_EQ(board.flash.first_writer(0x0810'0020)->context, Context::rss);
}

TEST_F(FlashDriverTest, FollowsTheRegisterSetsWhenTheBanksAreSwapped) {  // F-121 F-125
    swap_banks();
    ASSERT_TRUE(driver.program(0x0800'0000, data));  // this window is physical bank 2 now
    EXPECT_EQ(physical(1, 0), 0x5A);
    EXPECT_EQ(physical(0, 0), 0xFF);
    EXPECT_EQ(driver.bank_at(0x0800'0000).value(), Bank::two);
    EXPECT_EQ(driver.window(Bank::one).value(), 0x0810'0000U);
}

TEST_F(FlashDriverTest, GoesOnInTheOtherBankWhereTheFirstOneEnds) {  // F-018 F-019 F-054
    ASSERT_TRUE(driver.program(0x080F'FFE0, data));
    EXPECT_TRUE(driver.verify(0x080F'FFE0, data));
    EXPECT_EQ(physical(0, 0xF'FFE0), 0x5A);
    EXPECT_EQ(physical(1, 0x1F), 0x5A);
    EXPECT_EQ(physical(1, 0x20), 0xFF);
}

TEST_F(FlashDriverTest, WaitsForOperationsThatTakeTime) {  // F-057
    board.flash.set_timing(flash::Timing::typical());
    const Time before = board.now();
    ASSERT_TRUE(driver.mass_erase());
    ASSERT_TRUE(driver.program(0x0800'0000, data));
    EXPECT_TRUE(driver.verify(0x0800'0000, data));
    EXPECT_GT(board.now(), before);
}

TEST_F(FlashDriverTest, ReportsAWriteProtectedSector) {  // F-191 F-248
    board.change_options([](flash::OptionWords& w) { w[flash::kWpsn1] = 0xFE; });
    const auto done = driver.program(0x0800'0000, data);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, FlashError::Kind::refused);
    EXPECT_TRUE(driver.program(0x0802'0000, data)) << "the next sector is free";
}

TEST_F(FlashDriverTest, CannotUnlockAfterSomebodysWrongKey) {  // F-180: E_BUSY of 4.9, 3c
    EXPECT_FALSE(board.write(0x5200'2004, 4, 0xDEAD'BEEF));
    const auto done = driver.take_over();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, FlashError::Kind::locked_out);
    board.system_reset();
    EXPECT_TRUE(driver.take_over());
}

TEST_F(FlashDriverTest, TakesOverAnUnlockedBlockWithARequestPending) {  // rss-sfi-bootloader.md 4.9, 3c
    ASSERT_TRUE(driver.take_over());
    ASSERT_TRUE(board.write(0x5200'200C, 4, 0x32));    // PG1
    ASSERT_TRUE(board.write(0x0800'0000, 4, 0x1234));  // a partial flash word
    ASSERT_TRUE(board.write(0x5200'203C, 4, 0x00));    // WPSN_PRG1 asks for protection
    ASSERT_TRUE(driver.take_over());
    EXPECT_EQ(board.read(0x5200'2010, 4).value() & 0x2, 0U) << "WBNE1: the partial word is gone";
    EXPECT_FALSE(driver.change_options(driver.options().value()).value())
        << "PRG = CUR: nothing differs (A-23)";
}

TEST_F(FlashDriverTest, ChangesOptionsByPhysicalBankEvenWhenSwapped) {  // F-125 F-127 F-139
    swap_banks();
    OptionWords words = driver.options().value();
    words[kWpsn2] = 0x7F;
    words[kScar1] = security::limits_of(0x0, 0x2000, true);
    EXPECT_TRUE(driver.change_options(words).value());
    EXPECT_EQ(board.flash.options()[flash::kWpsn2], 0x7FU);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
    EXPECT_EQ(driver.options().value(), words);
}

TEST_F(FlashDriverTest, SaysWhenTheHardwareRefusesAnOptionChange) {  // F-144 F-166
    board.change_options([](flash::OptionWords& w) { w[flash::kPrar1] = 0x8000'00FF; });
    OptionWords words = driver.options().value();
    words[kPrar1] = 0xFF;  // DMEP 1 -> 0
    const auto done = driver.change_options(words);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, FlashError::Kind::option_refused);
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8000'00FFU);
    EXPECT_EQ(board.read(0x5200'201C, 4).value() & (1U << 30), 0U) << "OPTCHANGEERR does not stay behind";
}

TEST_F(FlashDriverTest, PlainMassEraseIsRefusedByOneProtection) {  // F-085 F-092
    ASSERT_TRUE(driver.program(0x0800'0000, data));
    ASSERT_TRUE(driver.program(0x0810'0000, data));
    ASSERT_TRUE(driver.mass_erase());
    EXPECT_TRUE(board.user_flash_is_blank());
    ASSERT_TRUE(driver.program(0x0800'0000, data));
    board.change_options([](flash::OptionWords& w) { w[flash::kWpsn1] = 0xFE; });
    FlashDriver again(board);
    EXPECT_EQ(again.mass_erase().error().kind, FlashError::Kind::refused);
}

TEST_F(FlashDriverTest, MassEraseWithRemovalTakesEveryProtectionAway) {  // F-087 F-088 F-093
    ASSERT_TRUE(driver.program(0x0800'0000, data));
    board.change_options([](flash::OptionWords& w) {
        w[flash::kWpsn2] = 0x00;
        w[flash::kPrar1] = security::limits_of(0x0, 0x1000, false);
        w[flash::kScar2] = security::limits_of(0x0, 0x1000, false);
    });
    FlashDriver again(board);
    ASSERT_TRUE(again.mass_erase_with_protection_removal());
    EXPECT_TRUE(board.user_flash_is_blank());
    const OptionWords now = again.options().value();
    EXPECT_FALSE(area_of(now[kPrar1]).valid() || area_of(now[kScar2]).valid());
    EXPECT_EQ(now[kWpsn2], 0xFFU);
}

TEST_F(FlashDriverTest, LeavesNoBankEraseBitBehind) {  // F-282
    ASSERT_TRUE(driver.mass_erase());
    ASSERT_TRUE(driver.program(0x0800'0000, data));
    ASSERT_TRUE(driver.erase_sector(0x0806'0000));
    EXPECT_EQ(physical(0, 0), 0x5A) << "a sector erase must not become a bank erase";
}

TEST_F(FlashDriverTest, ErasesSpecialSectorsOfSystemBankTwo) {  // F-072 F-073 A-53
    for (const bool swapped : {false, true}) {
        if (swapped) swap_banks();
        FlashDriver rss(board);
        ASSERT_TRUE(rss.program(kSystemFlash2, data));
        ASSERT_TRUE(rss.verify(kSystemFlash2, data));
        ASSERT_TRUE(rss.erase_special_sector(0));
        EXPECT_TRUE(rss.check_blank(kSystemFlash2, kSpecialSectorBytes));
    }
}

}  // namespace
}  // namespace h7::rss

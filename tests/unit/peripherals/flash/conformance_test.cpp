// The 22 checks that the flash driver's view of the block ends with (flash-driver-view.md 14b), C-01..C-22:
// each is short here and shown at length by the tests of its rules.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

using FlashConformance = FlashBench;

TEST_F(FlashConformance, ResetValues) {  // C-01
    for (const Address at : {Address{0}, kB2}) {
        EXPECT_EQ(get(kCr + at), 0x31U);
        EXPECT_EQ(get(kAcr + at), 0x37U);
        EXPECT_EQ(get(kOptcr + at), 1U);
        EXPECT_EQ(get(kSr + at), 0U);
        EXPECT_EQ(get(kCrccr + at), 0x001C'0000U);
    }
}

TEST_F(FlashConformance, AThirdKeyLocksOut) {  // C-02
    unlock();
    EXPECT_FALSE(put(kKeyr, 0x4567'0123));
    for (int tries = 0; tries < 2; ++tries) {
        (void)put(kKeyr, 0x4567'0123);
        (void)put(kKeyr, 0xCDEF'89AB);
        EXPECT_EQ(get(kCr) & kLock, kLock);
    }
    flash.reset(ResetKind::system);
    unlock();
}

TEST_F(FlashConformance, AnythingBetweenTheKeysLocksOut) {  // C-03
    for (const Address other : {kSr, kCcr, kCr}) {
        flash.reset(ResetKind::system);
        ASSERT_TRUE(put(kKeyr, 0x4567'0123));
        EXPECT_TRUE(put(kCr + kB2, 0));
        EXPECT_FALSE(put(other, 0));
        (void)put(kKeyr, 0xCDEF'89AB);
        EXPECT_EQ(get(kCr) & kLock, kLock);
    }
}

TEST_F(FlashConformance, ALockedCrKeepsItsValue) {  // C-04
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart));
    EXPECT_EQ(get(kCr), 0x31U);
}

TEST_F(FlashConformance, EightStoresMakeAWord) {  // C-05
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize));
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(sr() & kWbne, i == 0 ? 0U : kWbne);
        ASSERT_TRUE(store(kBank1 + 4 * i, 0x0BAD'0000 + i));
    }
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(value_at(kBank1 + 28), 0x0BAD'0007U);
}

TEST_F(FlashConformance, StoresWithoutPgAreDropped) {  // C-06
    unlock();
    EXPECT_TRUE(store(kBank1, 0));
    EXPECT_EQ(flags(), sr::kPgserr);
    EXPECT_EQ(value_at(kBank1), 0xFFFF'FFFFU);
}

TEST_F(FlashConformance, AnUnfinishedWordIsInconsistent) {  // C-07
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize));
    for (unsigned i = 0; i < 3; ++i) ASSERT_TRUE(store(kBank1 + 4 * i, 0));
    ASSERT_TRUE(store(kBank1 + 32, 0));
    EXPECT_EQ(sr(), sr::kIncerr);
    ASSERT_TRUE(store(kBank1 + 32, 0));
    EXPECT_EQ(sr(), sr::kIncerr | sr::kPgserr);
    ASSERT_TRUE(put(kCcr, sr::kIncerr | sr::kPgserr));
    store_word(kBank1 + 32, 5);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashConformance, TheLastOfTwoStoresWins) {  // C-08
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize));
    ASSERT_TRUE(store(kBank1, 0x1111'1111));
    ASSERT_TRUE(store(kBank1, 0x2222'2222));
    for (unsigned i = 1; i < 8; ++i) ASSERT_TRUE(store(kBank1 + 4 * i, i));
    EXPECT_EQ(sr(), sr::kStrberr | sr::kEop);
    EXPECT_EQ(value_at(kBank1), 0x2222'2222U);
}

TEST_F(FlashConformance, ForceWriteFillsTheRest) {  // C-09
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize));
    ASSERT_TRUE(store(kBank1, 1));
    ASSERT_TRUE(store(kBank1 + 4, 2));
    ASSERT_TRUE(put(kCr, kPg | kPsize | kFw));
    EXPECT_EQ(get(kCr), kPg | kPsize);
    EXPECT_EQ(value_at(kBank1, 8), 0x2'0000'0001U);
    EXPECT_TRUE(erased(kBank1 + 8, 24));
}

TEST_F(FlashConformance, OverwritingBreaksTheWordUntilErased) {  // C-10
    constexpr Address kAt = kBank1 + 5 * 32;
    program(kAt, 0x5A5A'5A00);
    program(kAt, 0xA5A5'A500);
    EXPECT_FALSE(load(kAt));
    EXPECT_EQ(flags() & sr::kDbeccerr, sr::kDbeccerr);
    EXPECT_EQ(get(kEccFa), 5U);
    for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(store(kAt + 8 * i, 0, 8));
    EXPECT_EQ(value_at(kAt), 0U) << "zeros over anything are clean";
    erase_sector(kBank1);
    EXPECT_EQ(value_at(kAt), 0xFFFF'FFFFU);
}

TEST_F(FlashConformance, AWriteProtectedSectorIsNotErased) {  // C-11
    program(kBank1 + kSectorBytes);
    change(kWpsnPrg, 0xFD);
    ASSERT_TRUE(put(kCcr, ~0U));
    erase_sector(kBank1 + kSectorBytes);
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(value_at(kBank1 + kSectorBytes), 0x1000'0000U);
}

TEST_F(FlashConformance, MassEraseWithOptcrLockedIsNothing) {  // C-12
    program(kBank1);
    ASSERT_TRUE(put(kCcr, ~0U));
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_EQ(sr() | sr(2), 0U);
    EXPECT_EQ(get(kOptcr), 1U);
    EXPECT_FALSE(erased(kBank1, 32));
}

TEST_F(FlashConformance, OptstartWithoutADifference) {  // C-13
    flash.set_timing(Timing::typical());
    unlock_options();
    start_options();
    EXPECT_EQ(get(kOptsrCur) & (1U | 1U << 30), 0U);
    EXPECT_EQ(sr(), 0U);
}

TEST_F(FlashConformance, ShrinkingPcropIsRefused) {  // C-14
    change(kPrarPrg, 0x000F'0000);
    change(kPrarPrg, 0x000E'0000);
    EXPECT_TRUE(option_error());
    EXPECT_EQ(get(kPrarPrg), 0x000E'0000U);
    EXPECT_EQ(get(kPrarCur), 0x000F'0000U);
    ASSERT_TRUE(put(kOptccr, 1U << 30));
    EXPECT_FALSE(option_error());
}

TEST_F(FlashConformance, PcropIsForFetchesOfTheCm7) {  // C-15
    program(kBank1, 0x7777'0000);
    change(kPrarPrg, 0x000F'0000);
    ASSERT_TRUE(put(kCcr, ~0U));
    EXPECT_EQ(value_at(kBank1), 0U);
    EXPECT_EQ(flags(), sr::kRdperr);
    EXPECT_EQ(*fetch(kBank1), 0x7777'0000U);
    ASSERT_TRUE(put(kCcr, ~0U));
    as(Master::cm4);
    EXPECT_EQ(value_at(kBank1), 0U);
    EXPECT_EQ(flags(), sr::kRdperr);
}

TEST_F(FlashConformance, RegressionAndPcrop) {  // C-16
    const auto regress = [&](std::uint32_t limits, std::uint32_t request) {
        Image image;
        image.options[kPrar1] = limits;
        image.options[kOptsr] = (image.options[kOptsr] & 0xFFFF'00FFU) | 0x5500U;
        image.user[0].data.assign(32, 0x5A);
        image.user[0].words.assign(1, WordState::programmed);
        flash.set_image(image);
        flash.reset(ResetKind::power_on);
        unlock_options();
        ASSERT_TRUE(put(kPrarPrg, request));
        ASSERT_TRUE(put(kOptsrPrg, (get(kOptsrPrg) & 0xFFFF'00FFU) | 0xAA00U));
        start_options();
    };
    regress(0x000F'0000, 0x8000'00FF);  // DMEP=1, START > END: erased, gone
    EXPECT_TRUE(erased(kBank1, kSectorBytes));
    EXPECT_FALSE(flash.pcrop(0).valid());
    regress(0x000F'0000, 0x000F'0000);  // DMEP=0, limits unchanged: kept, still there
    EXPECT_FALSE(erased(kBank1, 32));
    EXPECT_TRUE(flash.pcrop(0).valid());
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    regress(0x000F'0000, 0x0000'00FF);  // DMEP=0, START > END
    EXPECT_TRUE(option_error());
    EXPECT_EQ(flash.rdp(), security::Rdp::level1);
}

TEST_F(FlashConformance, BankEraseWithRemoval) {  // C-17
    const auto protect_and_erase = [&](bool another_change) {
        flash.set_image(Image{});
        flash.reset(ResetKind::power_on);
        program(kBank1);
        change(kPrarPrg, 0x000F'0000);
        change(kWpsnPrg, 0xFE);
        ASSERT_TRUE(put(kCcr, ~0U));
        ASSERT_TRUE(put(kPrarPrg, 0x8000'00FF));
        ASSERT_TRUE(put(kWpsnPrg, 0xFF));
        ASSERT_TRUE(put(kOptsrPrg, get(kOptsrPrg) | (another_change ? 8U : 0U)));
        ASSERT_TRUE(put(kCr, kBer | kPsize));
        ASSERT_TRUE(put(kCr, kBer | kPsize | kStart));
    };
    protect_and_erase(false);
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(get(kPrarCur), 0x8000'00FFU);
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_TRUE(erased(kBank1, 32));
    protect_and_erase(true);
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kPrarCur), 0x000F'0000U);
    EXPECT_FALSE(erased(kBank1, 32));
}

TEST_F(FlashConformance, SwapWaitsForTheReset) {  // C-18
    program(kBank2, 0x2222'0000);
    change(kOptsrPrg, get(kOptsrCur) | 1U << 31);
    EXPECT_EQ(get(kOptsrCur) >> 31, 1U);
    EXPECT_EQ(get(kOptcr) >> 31, 0U);
    EXPECT_EQ(value_at(kBank1), 0xFFFF'FFFFU);
    flash.reset(ResetKind::system);
    EXPECT_EQ(get(kOptcr) >> 31, 1U);
    EXPECT_EQ(value_at(kBank1), 0x2222'0000U);
    unlock(1);
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize));
    EXPECT_TRUE(erased(kBank2, 32)) << "CR1 drives physical bank 2";
}

TEST_F(FlashConformance, CrcOfAStockDriver) {  // C-19: BURST_SIZE_4 over 128 zero bytes covers 512
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize));
    for (unsigned i = 0; i < 16; ++i) ASSERT_TRUE(store(kBank1 + 8 * i, 0, 8));
    ASSERT_TRUE(put(kCr, kCrcEn | kPsize));
    ASSERT_TRUE(put(kCrccr, get(kCrccr) | 1U << 17));
    ASSERT_TRUE(put(kCrcsadd, kBank1));
    ASSERT_TRUE(put(kCrceadd, kBank1 + 0x7C));
    ASSERT_TRUE(put(kCrccr, get(kCrccr) | 1U << 16));
    Bytes bytes(512, 0xFF);
    std::fill_n(bytes.begin(), 128, std::uint8_t{0});
    EXPECT_EQ(get(kCrcdatar), crc_over(0, bytes));
    EXPECT_NE(get(kCrcdatar), 0x11E6'6C62U);
}

TEST_F(FlashConformance, LevelOneAndADebugger) {  // C-20
    program(kBank1);
    set_rdp(0x55);
    secure.debugger_connected();
    EXPECT_FALSE(load(kBank1));
    EXPECT_EQ(flags() & sr::kRdperr, sr::kRdperr);
    system_reset();
    EXPECT_FALSE(load(kBank1)) << "NRST does not help";
    secure.power_on();
    flash.reset(ResetKind::power_on);
    EXPECT_EQ(value_at(kBank1), 0x1000'0000U);
}

TEST_F(FlashConformance, LevelTwoTakesTheSwapOnly) {  // C-21
    set_rdp(0xCC);
    change(kWpsnPrg, 0xFE);
    EXPECT_TRUE(option_error());
    flash.reset(ResetKind::system);
    change(kOptsrPrg, get(kOptsrCur) | 1U << 31);
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kOptsrCur) >> 31, 1U);
}

TEST_F(FlashConformance, TheLineFollowsTheFlag) {  // C-22
    unlock();
    ASSERT_TRUE(put(kCr, kPg | kPsize | sr::kEop));
    store_word(kBank1, 1);
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kCcr, sr::kEop));
    EXPECT_FALSE(flash.irq.level());
    ASSERT_TRUE(put(kSr, ~0U));
    EXPECT_FALSE(flash.irq.level());
    store_word(kBank1 + 32, 1);
    EXPECT_TRUE(flash.irq.level());
}

}  // namespace
}  // namespace h7::flash

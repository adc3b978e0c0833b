// Programming.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashProgram : public FlashBench {
protected:
    FlashProgram() {
        unlock(1);
        unlock(2);
        (void)put(kCr, kPg | kPsize);
        (void)put(kCr + kB2, kPg | kPsize);
    }
};

TEST_F(FlashProgram, EightWordsMakeAFlashWord) {  // T-09 F-053 F-054 F-055 F-262
    EXPECT_EQ(value_at(kBank1), 0xFFFF'FFFFU);
    store_word(kBank1, 0xA000'0000);
    EXPECT_EQ(sr(), sr::kEop);
    for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(value_at(kBank1 + 4 * i), 0xA000'0000U + i);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashProgram, AnyWidthsAndOrderAssembleAWord) {  // T-10 F-003 F-011 F-053 F-056
    for (unsigned i = 0; i < 31; ++i) {
        ASSERT_TRUE(store(kBank1 + 31 - i, i, 1));
        EXPECT_EQ(sr(), kWbne);
    }
    ASSERT_TRUE(store(kBank1, 31, 1));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(value_at(kBank1 + 16, 8), 0x0809'0A0B'0C0D'0E0FU);
    ASSERT_TRUE(store(kBank1 + 32, 0x1111'2222'3333'4444, 8));
    ASSERT_TRUE(store(kBank1 + 40, 0x5555'6666, 4));
    ASSERT_TRUE(store(kBank1 + 44, 0x7777, 2));
    ASSERT_TRUE(store(kBank1 + 46, 0x8888, 2));
    ASSERT_TRUE(store(kBank1 + 48, 0, 8));
    ASSERT_TRUE(store(kBank1 + 56, 0, 8));
    EXPECT_EQ(value_at(kBank1 + 40, 8), 0x8888'7777'5555'6666U);
}

TEST_F(FlashProgram, ForceWriteFillsWithOnes) {  // T-11 F-033 F-059 F-060 F-061
    for (unsigned i = 0; i < 5; ++i) ASSERT_TRUE(store(kBank1 + i, 0x10 + i, 1));
    ASSERT_TRUE(put(kCr, get(kCr) | kFw));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(get(kCr) & kFw, 0U);
    EXPECT_EQ(value_at(kBank1, 8), 0xFFFF'FF14'1312'1110U);
    EXPECT_TRUE(erased(kBank1 + 8, 24));
    ASSERT_TRUE(put(kCcr, ~0U));
    ASSERT_TRUE(put(kCr, get(kCr) | kFw));  // empty: nothing
    EXPECT_EQ(sr(), 0U);
    store_word(kBank1, 0x5000'0000);  // not virgin any more (F-061)
    EXPECT_FALSE(load(kBank1));
}

TEST_F(FlashProgram, ForcedOnesProgramNothing) {  // F-060, A-05
    ASSERT_TRUE(store(kBank1, 0xFFFF'FFFF));
    ASSERT_TRUE(put(kCr, get(kCr) | kFw));
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(flash.image().user[0].words[0], WordState::erased);
    EXPECT_EQ(flash.steps(), 0U);
}

TEST_F(FlashProgram, ClearingPgLosesTheBuffer) {  // T-12 F-063
    for (unsigned i = 0; i < 5; ++i) ASSERT_TRUE(store(kBank1 + i, 0, 1));
    ASSERT_TRUE(put(kCr, get(kCr) & ~kPg));
    EXPECT_EQ(sr(), 0U);
    EXPECT_TRUE(erased(kBank1, 32));
}

TEST_F(FlashProgram, WithoutPgTheWriteIsDroppedAndBlocks) {  // T-13 F-062 F-065 F-249 F-250
    ASSERT_TRUE(put(kCr, 0));
    ASSERT_TRUE(store(kBank1, 0));
    EXPECT_EQ(sr(), sr::kPgserr);
    EXPECT_EQ(flash.last_refusal()->id, "program-without-pg");
    ASSERT_TRUE(put(kCr, kPg));
    store_word(kBank1, 0);
    EXPECT_EQ(sr(), sr::kPgserr);
    EXPECT_TRUE(erased(kBank1, 32));
    ASSERT_TRUE(put(kCcr, sr::kPgserr));
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashProgram, AByteWrittenTwiceCountsOnceAndIsFlagged) {  // T-14 F-252
    ASSERT_TRUE(store(kBank1, 0x11, 1));
    ASSERT_TRUE(store(kBank1, 0x22, 1));
    EXPECT_EQ(sr(), sr::kStrberr | kWbne);
    for (unsigned i = 1; i < 32; ++i) ASSERT_TRUE(store(kBank1 + i, 0, 1));
    EXPECT_EQ(sr(), sr::kStrberr | sr::kEop);
    EXPECT_EQ(value_at(kBank1), 0x22U);
}

TEST_F(FlashProgram, MixedWordsAreInconsistentUntilBothFlagsAreCleared) {  // T-15 F-253 F-254 F-101 F-251
    ASSERT_TRUE(store(kBank1, 0, 8));
    ASSERT_TRUE(store(kBank1 + 32, 0, 1));
    EXPECT_EQ(sr(), sr::kIncerr);
    ASSERT_TRUE(store(kBank1, 0, 8));
    EXPECT_EQ(sr(), sr::kIncerr | sr::kPgserr);
    store_word(kBank2, 0x2000'0000);  // the other bank goes on
    EXPECT_EQ(flags(2), sr::kEop);
    ASSERT_TRUE(put(kCcr, sr::kIncerr));
    store_word(kBank1, 0);
    EXPECT_EQ(sr(), sr::kPgserr);
    ASSERT_TRUE(put(kCcr, sr::kPgserr));
    ASSERT_TRUE(store(kBank1, 0, 8));  // the other order: INCERR is left
    ASSERT_TRUE(store(kBank1 + 32, 0, 1));
    ASSERT_TRUE(store(kBank1, 0, 8));
    ASSERT_TRUE(put(kCcr, sr::kPgserr));
    EXPECT_EQ(sr(), sr::kIncerr);
    store_word(kBank1, 0);
    EXPECT_EQ(sr(), sr::kIncerr | sr::kPgserr);
    ASSERT_TRUE(put(kCcr, sr::kIncerr | sr::kPgserr));
    EXPECT_TRUE(erased(kBank1, 64));
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashProgram, TwoMastersInOneWordAreInconsistent) {  // T-16 F-253
    ASSERT_TRUE(store(kBank1, 0, 8));
    as(Master::cm4);
    ASSERT_TRUE(store(kBank1 + 8, 0, 8));
    EXPECT_EQ(sr(), sr::kIncerr);
    for (unsigned i = 1; i < 4; ++i) ASSERT_TRUE(store(kBank1 + 8 * i, 0, 8));
    EXPECT_EQ(sr(), sr::kIncerr | sr::kPgserr);
    EXPECT_TRUE(erased(kBank1, 32)) << "neither master's bytes";
}

TEST_F(FlashProgram, EitherCoreAndDmaMayProgram) {  // F-236 F-015
    for (const Master who : {Master::cm7, Master::cm4, Master::mdma, Master::ap0}) {
        as(who);
        const Address word = kBank1 + 32 * static_cast<unsigned>(who);
        store_word(word, 0x4000'0000);
        EXPECT_EQ(value_at(word), 0x4000'0000U);
    }
    EXPECT_EQ(flags(), sr::kEop);
    EXPECT_EQ(flash.first_writer(kBank1 + 32)->master, Master::cm4);
    EXPECT_FALSE(flash.first_writer(kBank1 + 0x8000));
}

TEST_F(FlashProgram, ReadsDoNotDisturbTheBuffer) {  // flash-driver-view 13, rule 10
    ASSERT_TRUE(store(kBank1, 1, 8));
    (void)value_at(kBank1 + 64);
    EXPECT_EQ(sr(), kWbne);
}

TEST_F(FlashProgram, OverwriteGivesADoubleErrorUntilErased) {  // T-17 F-034 F-036 F-041 F-030
    store_word(kBank1 + 3 * 32, 0xFFFF'0000);
    store_word(kBank1 + 3 * 32, 0x0000'FFFF);
    ASSERT_TRUE(put(kCcr, ~0U));
    for (int again = 0; again < 2; ++again) {
        const auto bad = load(kBank1 + 3 * 32);
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().kind, BusFault::Kind::error);
        EXPECT_EQ(bad.error().rule, "F-036");
    }
    EXPECT_EQ(flags(), sr::kDbeccerr);
    EXPECT_EQ(get(kEccFa), 3U);
    erase_sector(kBank1);
    EXPECT_EQ(value_at(kBank1 + 3 * 32), 0xFFFF'FFFFU);
}

TEST_F(FlashProgram, CleanOverwrites) {  // F-034, D-12
    const auto state = [&] { return flash.image().user[0].words[0]; };
    store_word(kBank1, 0x1234'0000);
    store_word(kBank1, 0x1234'0000);  // the same
    EXPECT_EQ(state(), WordState::programmed);
    for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(store(kBank1 + 8 * i, ~std::uint64_t{0}, 8));  // all ones
    EXPECT_EQ(state(), WordState::programmed);
    EXPECT_EQ(value_at(kBank1), 0x1234'0000U);
    store_word(kBank1, 0x0F0F'0000);
    EXPECT_EQ(state(), WordState::ecc_double);
    EXPECT_EQ(load_le32(flash.user(0).bytes(), 0), 0x1234'0000U & 0x0F0F'0000U);
    for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(store(kBank1 + 8 * i, 0, 8));  // all zero heals
    EXPECT_EQ(state(), WordState::programmed);
    EXPECT_EQ(value_at(kBank1), 0U);
}

TEST_F(FlashProgram, SystemFlashHasEccToo) {  // F-032 F-038, A-50: the index counts in the region that failed
    as(Master::cm7, Context::rss);
    store_word(0x1FF4'0060, 0x1000'0000);
    flash.inject_ecc(0x1FF4'0060, WordState::ecc_double);
    EXPECT_FALSE(load(0x1FF4'0060));
    EXPECT_EQ(flags(2), sr::kEop | sr::kDbeccerr);
    EXPECT_EQ(get(kEccFa + kB2), 3U);
    EXPECT_EQ(get(kEccFa), 0U);
}

TEST_F(FlashProgram, AWriteToTheOtherWindowLeavesTheBufferAlone) {  // F-281, A-01
    ASSERT_TRUE(store(kBank1, 1, 8));
    store_word(kBank2, 0x2000'0000);
    EXPECT_EQ(sr(1), kWbne);
    for (unsigned i = 1; i < 4; ++i) ASSERT_TRUE(store(kBank1 + 8 * i, 1, 8));
    EXPECT_EQ(sr(1), sr::kEop);
}

TEST_F(FlashProgram, UnprotectedFlashIsReadFreely) {  // F-042
    store_word(kBank1, 0x0403'0201);
    for (const Master who : {Master::cm7, Master::cm4, Master::mdma, Master::ltdc, Master::ap3}) {
        as(who);
        EXPECT_EQ(value_at(kBank1, 1), 0x01U);
        EXPECT_EQ(value_at(kBank1 + 2, 2), 0x0403U);
        EXPECT_EQ(value_at(kBank1, 8), 0x0403'0202'0403'0201U);
    }
}

TEST_F(FlashProgram, FirstFailingWordIsKept) {  // T-18 F-035 F-038 F-039 F-040
    store_word(kBank2 + 3 * 32, 0x7000'0000);
    flash.inject_ecc(kBank2 + 3 * 32, WordState::ecc_single);
    flash.inject_ecc(kBank2 + 9 * 32, WordState::ecc_single);
    EXPECT_EQ(value_at(kBank2 + 3 * 32), 0x7000'0000U);
    (void)value_at(kBank2 + 9 * 32);
    EXPECT_EQ(flags(2) & ~sr::kEop, sr::kSneccerr);
    EXPECT_EQ(get(kEccFa + kB2), 3U);
    ASSERT_TRUE(put(kCcr + kB2, sr::kSneccerr));
    EXPECT_EQ(get(kEccFa + kB2), 0U);
}

TEST_F(FlashProgram, IndexGoesWithTheLastOfTheTwoFlags) {  // T-19 F-040
    flash.inject_ecc(kBank1 + 5 * 32, WordState::ecc_single);
    flash.inject_ecc(kBank1 + 6 * 32, WordState::ecc_double);
    (void)load(kBank1 + 5 * 32);
    (void)load(kBank1 + 6 * 32);
    EXPECT_EQ(get(kEccFa), 5U);
    ASSERT_TRUE(put(kCcr, sr::kDbeccerr));
    EXPECT_EQ(get(kEccFa), 5U);
    ASSERT_TRUE(put(kCcr, sr::kSneccerr));
    EXPECT_EQ(get(kEccFa), 0U);
    (void)load(kBank1 + 6 * 32);  // the other way round
    (void)load(kBank1 + 5 * 32);
    EXPECT_EQ(get(kEccFa), 6U);
    ASSERT_TRUE(put(kCcr, sr::kSneccerr));
    EXPECT_EQ(get(kEccFa), 6U);
    (void)load(kBank1 + 5 * 32);
    EXPECT_EQ(get(kEccFa), 6U) << "DBECCERR still stands: not captured again";
    ASSERT_TRUE(put(kCcr, sr::kDbeccerr | sr::kSneccerr));
    EXPECT_EQ(get(kEccFa), 0U) << "both at once";
}

TEST_F(FlashProgram, WrpRefusesTheWordAndBlocksNothing) {  // T-22 F-066 F-067 F-190 F-191 F-248
    store_word(kBank1 + 4 * kSectorBytes + 64, 0x0DA7'A000);
    change(kWpsnPrg, 0xFF & ~(1U << 4));
    ASSERT_TRUE(put(kCcr, ~0U));
    store_word(kBank1 + 4 * kSectorBytes, 0);
    EXPECT_EQ(sr(), sr::kWrperr);  // no EOP, no PGSERR
    EXPECT_TRUE(erased(kBank1 + 4 * kSectorBytes, 32));
    store_word(kBank1 + 5 * kSectorBytes, 0);  // its neighbours are open
    store_word(kBank1 + 4 * kSectorBytes - 32, 0);
    EXPECT_EQ(sr(), sr::kWrperr | sr::kEop);
    ASSERT_TRUE(put(kCcr, sr::kEop));
    EXPECT_EQ(flash.last_refusal()->id, "wrp-program");
    EXPECT_EQ(value_at(kBank1 + 4 * kSectorBytes), 0xFFFF'FFFFU);
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), sr::kWrperr | sr::kEop);
    ASSERT_TRUE(put(kCcr, ~0U));
    erase_sector(kBank1 + 4 * kSectorBytes);
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(flash.last_refusal()->id, "wrp-erase");
    EXPECT_EQ(value_at(kBank1 + 4 * kSectorBytes + 64), 0x0DA7'A000U);
}

TEST_F(FlashProgram, SystemFlashIsForStCodeInBankTwoOnly) {  // F-021 F-022 F-071 F-072
    store_word(0x1FF1'0000, 0);
    EXPECT_EQ(flags(1), sr::kWrperr);
    store_word(0x1FF4'0000, 0);
    EXPECT_EQ(flags(2), sr::kWrperr);
    as(Master::cm7, Context::rss);
    store_word(0x1FF4'0000, 0x6000'0000);
    EXPECT_EQ(flags(2), sr::kWrperr | sr::kEop);
    EXPECT_EQ(value_at(0x1FF4'0000), 0x6000'0000U);
    as(Master::cm7);
    EXPECT_EQ(value_at(0x1FF4'0000), 0U);
    EXPECT_EQ(flags(2), sr::kWrperr | sr::kEop | sr::kRdserr);
}

TEST_F(FlashProgram, FlagsAreClearedOneByOneWithoutAKey) {  // F-258 F-270 F-243
    flash.reset(ResetKind::system);
    ASSERT_TRUE(store(kBank1, 0));
    EXPECT_EQ(sr(), sr::kPgserr);
    EXPECT_EQ(sr(2), 0U);
    ASSERT_TRUE(put(kCcr, 0));
    ASSERT_TRUE(put(kCcr, ~sr::kPgserr));
    EXPECT_EQ(sr(), sr::kPgserr);
    ASSERT_TRUE(put(kCcr, sr::kPgserr));
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(get(kCcr), 0U);
}

TEST_F(FlashProgram, AFailingArrayAbortsWithOperr) {  // F-255
    flash.fail_next_operation(0);
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), sr::kOperr);
    EXPECT_TRUE(erased(kBank1, 32));
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), sr::kOperr | sr::kEop);
}

TEST_F(FlashProgram, PsizeNeverChangesTheResult) {  // F-069
    for (unsigned psize = 0; psize < 4; ++psize) {
        ASSERT_TRUE(put(kCr, kPg | psize << 4));
        store_word(kBank1 + 32 * psize, 0x1000'0000 + psize);
        EXPECT_EQ(value_at(kBank1 + 32 * psize), 0x1000'0000U + psize);
    }
}

TEST_F(FlashProgram, AccessAcrossTwoWordsIsTwoBeats) {  // F-004 F-253: a hole, then the next word
    ASSERT_TRUE(store(kBank1 + 30, 0x4433'2211, 4));
    EXPECT_EQ(sr(), sr::kIncerr);
    store_word(kBank2, 0x0102'0304);
    EXPECT_EQ(value_at(kBank2 + 30, 4) & 0xFFFFU, 0x0102U);
    EXPECT_EQ(value_at(kBank2 + 30, 4) >> 16, 0xFFFFU);
}

TEST_F(FlashProgram, ContentsChangedNamesThePhysicalBank) {  // F-095
    std::vector<std::pair<Address, std::uint32_t>> heard;
    flash.contents_changed = [&](Address a, std::uint32_t n) { heard.emplace_back(a, n); };
    store_word(kBank2 + 64, 1);
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0], std::pair(kBank2 + 64, 32U));
}

}  // namespace
}  // namespace h7::flash

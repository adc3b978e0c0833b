// Operations that take time: queues, stalls, BSY and QW, resets in between.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashTiming : public FlashBench {
protected:
    FlashTiming() {
        unlock(1);
        unlock(2);
        (void)put(kCr, kPg | kPsize);
        (void)put(kCr + kB2, kPg | kPsize);
        flash.set_timing(Timing::typical());
    }
    template <class Answer>
    static Time wait_of(const Answer& answer) {
        EXPECT_FALSE(answer);
        if (answer) return 0;
        EXPECT_EQ(answer.error().kind, BusFault::Kind::wait);
        return answer.error().until;
    }
};

TEST_F(FlashTiming, QwCoversTheOperationAndReadsWait) {  // T-09 F-043 F-057 F-058 F-096 F-262
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(sr(), kQw | kBsy);
    EXPECT_EQ(wait_of(load(kBank1 + 0x1000)), 100 * kMicrosecond);
    EXPECT_EQ(wait_of(fetch(kBank1 + 0x1000)), 100 * kMicrosecond);
    EXPECT_TRUE(flash.view(kBank1, Master::cm7, Context::application).stalled);
    EXPECT_EQ(flash.view(kBank1, Master::cm7, Context::application).until, 100 * kMicrosecond);
    clock.advance_to(100 * kMicrosecond - 1);
    EXPECT_EQ(sr(), kQw | kBsy);
    clock.advance_to(100 * kMicrosecond);
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(value_at(kBank1), 0x1000'0000U);
    EXPECT_FALSE(flash.view(kBank1, Master::cm7, Context::application).stalled);
}

TEST_F(FlashTiming, TheLastByteMovesTheWordToTheQueue) {  // T-10 F-055 F-056
    for (unsigned i = 0; i < 31; ++i) {
        ASSERT_TRUE(store(kBank1 + i, i, 1));
        EXPECT_EQ(sr(), kWbne);
    }
    ASSERT_TRUE(store(kBank1 + 31, 31, 1));
    EXPECT_EQ(sr(), kQw | kBsy);
    EXPECT_EQ(sr(2), 0U);
    let_pass(100 * kMicrosecond);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashTiming, MassEraseOccupiesBothBanks) {  // T-34 F-092
    unlock_options();
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_EQ(sr(1), kQw | kBsy);
    EXPECT_EQ(sr(2), kQw | kBsy);
    EXPECT_EQ(get(kOptcr), 0U);
    let_pass(5 * kSecond - 1);
    EXPECT_EQ(sr(1) & sr(2), kQw | kBsy);
    let_pass(1);
    EXPECT_EQ(sr(1), sr::kEop);
    EXPECT_EQ(sr(2), sr::kEop);
}

TEST_F(FlashTiming, RemovalEndsWithItsOptionChange) {  // F-088: CUR follows at the end, not at START
    flash.set_timing(Timing::turbo());
    change(kWpsnPrg, 0x7F);
    flash.set_timing(Timing::typical());
    ASSERT_TRUE(put(kCcr, ~0U));
    ASSERT_TRUE(put(kWpsnPrg, 0xFF));
    ASSERT_TRUE(put(kCr, kBer | kStart | kPsize));
    let_pass(5 * kSecond);
    EXPECT_EQ(sr(), kQw | kBsy);
    EXPECT_EQ(get(kWpsnCur), 0x7FU);
    let_pass(20 * kMillisecond);
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
}

TEST_F(FlashTiming, PsizeChoosesTheTime) {  // F-069
    const Timing t = Timing::typical();
    for (unsigned psize = 0; psize < 4; ++psize) {
        const Time start = clock.now();
        ASSERT_TRUE(put(kCr, kSer | kStart | psize << 4));
        EXPECT_EQ(wait_of(load(kBank1)), start + t.erase_sector[psize]);
        let_pass(t.erase_sector[psize]);
        EXPECT_EQ(sr(), sr::kEop);
    }
}

TEST_F(FlashTiming, ChangingPsizeMidwayIsTaken) {  // F-070
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize));
    ASSERT_TRUE(put(kCr, kSer));
    EXPECT_EQ(get(kCr), kSer);
    clock.advance_to(kSecond);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashTiming, TheOtherBankIsFree) {  // T-56 F-006 F-044 F-074 F-098
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize));
    store_word(kBank2, 0x2000'0000);
    EXPECT_EQ(sr(2), kQw | kBsy);
    let_pass(100 * kMicrosecond);
    EXPECT_EQ(value_at(kBank2), 0x2000'0000U);
    EXPECT_EQ(sr(1), kQw | kBsy);
    EXPECT_EQ(wait_of(load(kBank1)), kSecond);
    let_pass(kSecond);
    EXPECT_EQ(value_at(kBank1), 0xFFFF'FFFFU);
}

TEST_F(FlashTiming, RefusedReadsDoNotWait) {  // F-045
    flash.set_timing(Timing::turbo());
    change(kPrarPrg, 0x000F'0000);
    flash.set_timing(Timing::typical());
    store_word(kBank1 + 0x10000, 1);
    EXPECT_EQ(*load(kBank1), 0U);
    EXPECT_EQ(sr() & sr::kRdperr, sr::kRdperr);
}

TEST_F(FlashTiming, TheWriteQueueHoldsOneMore) {  // F-010 F-055
    store_word(kBank1, 0x1000'0000);
    store_word(kBank1 + 32, 0x2000'0000);
    for (unsigned i = 0; i < 7; ++i) ASSERT_TRUE(store(kBank1 + 64 + 4 * i, 0x3000'0000 + i));
    EXPECT_EQ(sr(), kQw | kBsy | kWbne);
    EXPECT_EQ(wait_of(store(kBank1 + 64 + 28, 0x3000'0007)), 100 * kMicrosecond);
    clock.advance_to(100 * kMicrosecond);
    ASSERT_TRUE(store(kBank1 + 64 + 28, 0x3000'0007));
    EXPECT_EQ(sr(), kQw | kBsy | sr::kEop);
    clock.advance_to(300 * kMicrosecond);
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(value_at(kBank1 + 92), 0x3000'0007U);
}

TEST_F(FlashTiming, ForceWriteWaitsForAPlace) {  // F-059 F-280
    store_word(kBank1, 1);
    store_word(kBank1 + 32, 2);
    ASSERT_TRUE(store(kBank1 + 64, 0x77, 1));
    EXPECT_EQ(wait_of(put(kCr, kPg | kPsize | kFw)), 100 * kMicrosecond);
    EXPECT_EQ(get(kCr), kPg | kPsize);
    EXPECT_EQ(sr() & kWbne, kWbne);
    clock.advance_to(100 * kMicrosecond);
    ASSERT_TRUE(put(kCr, kPg | kPsize | kFw));
    clock.advance_to(300 * kMicrosecond);
    EXPECT_EQ(value_at(kBank1 + 64), 0xFFFF'FF77U);
}

TEST_F(FlashTiming, TheEraseQueueHoldsOneMore) {  // F-012
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize | snb(1)));
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize | snb(2)));
    EXPECT_EQ(wait_of(put(kCr, kSer | kStart | kPsize | snb(3))), kSecond);
    EXPECT_EQ(get(kCr), kSer | kPsize | snb(2));
    clock.advance_to(kSecond);
    EXPECT_EQ(sr(), kQw | kBsy | sr::kEop);
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize | snb(3)));
}

TEST_F(FlashTiming, AWaitingWriteGoesBeforeAWaitingErase) {  // F-013
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart | kPsize | snb(1)));
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart | kPsize | snb(2)));
    store_word(kBank1 + 2 * kSectorBytes, 0x1000'0000);  // F-064: buffered and queued during the erase
    clock.advance_to(kSecond + 100 * kMicrosecond);
    EXPECT_EQ(load_le32(flash.user(0).bytes(), 2 * kSectorBytes), 0x1000'0000U);
    clock.advance_to(3 * kSecond);
    EXPECT_TRUE(erased(kBank1 + 2 * kSectorBytes, 32));
}

TEST_F(FlashTiming, ProtectionIsJudgedWhenTheWordLeavesTheQueue) {  // F-066
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart | kPsize | snb(1)));
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    store_word(kBank1, 0x1000'0000);
    EXPECT_EQ(flags(), 0U);
    EXPECT_EQ(sr() & kQw, kQw);
    clock.advance_to(kSecond + 100 * kMicrosecond);
    EXPECT_EQ(flags(), sr::kEop);
}

TEST_F(FlashTiming, ClearingPgKeepsWhatIsQueued) {  // F-063
    store_word(kBank1, 0x1000'0000);
    store_word(kBank1 + 32, 0x2000'0000);
    ASSERT_TRUE(put(kCr, 0));
    clock.advance_to(kMillisecond);
    EXPECT_EQ(value_at(kBank1 + 32), 0x2000'0000U);
}

TEST_F(FlashTiming, AnOptionChangeHoldsRegisterWrites) {  // T-24 F-142 F-143 F-280
    unlock_options();
    ASSERT_TRUE(put(kOptsrPrg, get(kOptsrCur) | 2U << 2));
    start_options();
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF1U);
    EXPECT_EQ(sr(1), kQw | kBsy);
    EXPECT_EQ(sr(2), 0U);
    EXPECT_EQ(wait_of(put(kWpsnPrg, 0)), 20 * kMillisecond);
    EXPECT_EQ(wait_of(put(kAcr, 0)), 20 * kMillisecond);
    EXPECT_EQ(wait_of(put(kCrccr, 1U << 16)), 20 * kMillisecond);  // F-099
    EXPECT_EQ(wait_of(load(kBank1)), 20 * kMillisecond);
    EXPECT_TRUE(load(kBank2));
    EXPECT_TRUE(flash.busy_for_low_power());
    clock.advance_to(20 * kMillisecond);
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF8U);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashTiming, SystemFlashWaitsWithItsBank) {  // F-006 F-043
    store_word(kBank1, 1);
    EXPECT_EQ(wait_of(load(0x1FF0'9500)), 100 * kMicrosecond);
    EXPECT_EQ(wait_of(fetch(0x1FF0'9500)), 100 * kMicrosecond);
    let_pass(100 * kMicrosecond);
    EXPECT_TRUE(load(0x1FF0'9500));
}

TEST_F(FlashTiming, AWordWaitsForTheOptionChange) {  // F-006 F-142
    change(kOptsrPrg, get(kOptsrCur) | 2U << 2);
    store_word(kBank1, 0x1000'0000);
    store_word(kBank2, 0x2000'0000);  // the options live in bank 1
    let_pass(kMillisecond);
    EXPECT_TRUE(erased(kBank1, 32));
    EXPECT_FALSE(erased(kBank2, 32));
    let_pass(19 * kMillisecond);
    EXPECT_EQ(sr(1), kQw | kBsy | sr::kEop);
    let_pass(100 * kMicrosecond);
    EXPECT_EQ(sr(1), sr::kEop);
    EXPECT_EQ(value_at(kBank1), 0x1000'0000U);
}

TEST_F(FlashTiming, AnOptionChangeWaitsForTheQueue) {  // F-057
    unlock_options();
    store_word(kBank1, 0x1000'0000);
    store_word(kBank1 + 32, 0x2000'0000);
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    start_options();
    EXPECT_EQ(get(kOptsrCur) & 1U, 1U);
    EXPECT_EQ(wait_of(put(kAcr, 0)), 100 * kMicrosecond);
    clock.advance_to(200 * kMicrosecond);
    EXPECT_EQ(value_at(kBank2), 0xFFFF'FFFFU);
    EXPECT_EQ(get(kOptsrCur) & 1U, 1U);
    clock.advance_to(200 * kMicrosecond + 20 * kMillisecond);
    EXPECT_EQ(get(kOptsrCur) & 1U, 0U);
    EXPECT_EQ(value_at(kBank1 + 32), 0x2000'0000U);
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
}

TEST_F(FlashTiming, ResetDuringAnOptionChangeKeepsTheOldValues) {  // T-26 F-131
    change(kWpsnPrg, 0xFE);
    EXPECT_EQ(get(kOptsrCur) & 1U, 1U);
    flash.reset(ResetKind::system);
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_EQ(get(kWpsnPrg), 0xFFU);
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF0U);
    let_pass(kSecond);
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
}

TEST_F(FlashTiming, ResetDuringAProgramTearsTheWord) {  // F-075 F-132
    store_word(kBank1, 0x1000'0000);
    flash.reset(ResetKind::system);
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(flash.image().user[0].words[0], WordState::ecc_double);
    EXPECT_FALSE(load(kBank1));
    let_pass(kSecond);  // the event is gone
    EXPECT_EQ(flags(), sr::kDbeccerr);
}

TEST_F(FlashTiming, ResetDuringAnEraseTearsTheSector) {  // F-075 F-132
    for (unsigned i = 0; i < 64; ++i) {
        store_word(kBank1 + kSectorBytes + 32 * i, 0x1000'0000);
        let_pass(kMillisecond);
    }
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize | snb(1)));
    flash.reset(ResetKind::system);
    std::array<unsigned, 4> count{};
    const Image image = flash.image();
    for (unsigned i = 0; i < 64; ++i) ++count[static_cast<unsigned>(image.user[0].words[4096 + i])];
    EXPECT_GT(count[static_cast<unsigned>(WordState::erased)], 0U);
    EXPECT_GT(count[static_cast<unsigned>(WordState::programmed)], 0U);
    EXPECT_GT(count[static_cast<unsigned>(WordState::ecc_double)], 0U);
    EXPECT_TRUE(erased(kBank1, kSectorBytes));
}

TEST_F(FlashTiming, ARegressionOccupiesBothBanks) {  // F-208
    flash.set_timing(Timing::turbo());
    set_rdp(0x55);
    flash.set_timing(Timing::typical());
    ASSERT_TRUE(put(kCcr, ~0U));
    set_rdp(0xAA);
    EXPECT_EQ(sr(1), kQw | kBsy);
    EXPECT_EQ(sr(2), kQw | kBsy);
    EXPECT_EQ(wait_of(load(kBank2)), 5 * kSecond + 20 * kMillisecond);
    let_pass(6 * kSecond);
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    EXPECT_EQ(sr(2), sr::kEop);
}

TEST_F(FlashTiming, ARegressionWaitsForBothBanks) {  // F-057 F-208
    flash.set_timing(Timing::turbo());
    set_rdp(0x55);
    flash.set_timing(Timing::typical());
    ASSERT_TRUE(put(kCcr + kB2, ~0U));
    ASSERT_TRUE(put(kCr + kB2, kSer | kStart | kPsize));
    set_rdp(0xAA);
    let_pass(kSecond);  // the sector of bank 2 comes first
    EXPECT_EQ(sr(2) & sr::kEop, sr::kEop);
    let_pass(5 * kSecond);
    EXPECT_EQ(get(kOptsrCur) & 1U, 1U);
    EXPECT_EQ(flash.rdp(), security::Rdp::level1);
    let_pass(20 * kMillisecond);
    EXPECT_EQ(get(kOptsrCur) & 1U, 0U);
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
}

TEST_F(FlashTiming, RightsAreToldWhenAnOperationBeginsAndEnds) {  // F-043
    unsigned heard = 0;
    flash.rights_changed = [&] { ++heard; };
    store_word(kBank1, 1);
    EXPECT_EQ(heard, 1U);
    let_pass(kMillisecond);
    EXPECT_EQ(heard, 2U);
}

TEST_F(FlashTiming, LowPowerWaitsForBsyQwAndWbne) {  // T-54 F-239 F-240 F-241
    EXPECT_FALSE(flash.busy_for_low_power());
    ASSERT_TRUE(store(kBank2, 1, 1));
    EXPECT_TRUE(flash.busy_for_low_power());
    ASSERT_TRUE(put(kCr + kB2, 0));
    EXPECT_FALSE(flash.busy_for_low_power());
    store_word(kBank1, 1);
    EXPECT_TRUE(flash.busy_for_low_power());
    let_pass(kMillisecond);
    EXPECT_FALSE(flash.busy_for_low_power());
    ASSERT_TRUE(put(kCr, kCrcEn));
    ASSERT_TRUE(put(kCrccr, 1U << 22 | 1U << 16));
    EXPECT_EQ(sr() & kCrcBusy, kCrcBusy);
    EXPECT_FALSE(flash.busy_for_low_power());
}

TEST_F(FlashTiming, ASnapshotInTheMiddleGoesOnAlike) {
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart | kPsize | snb(3)));
    store_word(kBank1, 0x1000'0000);
    ASSERT_TRUE(store(kBank2, 0x55, 1));
    change(kWpsnPrg, 0xFE);
    StateWriter out;
    flash.save(out);
    const Bytes saved = out.take();

    Controller other{Geometry{}, Ports{clock, secure}};
    other.set_timing(Timing::typical());
    StateReader in(saved);
    other.load(in);
    ASSERT_TRUE(in.finish()) << in.finish().error().message;
    StateWriter again;
    other.save(again);
    EXPECT_EQ(again.data(), saved);
    let_pass(2 * kSecond);
    StateWriter one, two;
    flash.save(one);
    other.save(two);
    EXPECT_EQ(one.data(), two.data());
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
}

TEST_F(FlashTiming, ASnapshotKeepsWhatWaitsToBeRefused) {  // F-029 F-066: judged when it leaves the queue
    ASSERT_TRUE(put(kCr, kPg | kSer | kStart | kPsize));
    store_word(0x1FF2'0000, 0);  // a reserved address
    StateWriter out;
    flash.save(out);
    const Bytes saved = out.take();
    StateReader in(saved);
    flash.load(in);
    StateWriter again;
    flash.save(again);
    EXPECT_EQ(again.data(), saved);
    let_pass(2 * kSecond);
    EXPECT_EQ(sr(), sr::kEop | sr::kWrperr);
}

TEST_F(FlashTiming, ADamagedSnapshotIsRefusedAndHarmsNothing) {
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize));
    store_word(kBank1, 1);
    StateWriter out;
    flash.save(out);
    const Bytes saved = out.take();
    SeededRandom random(5);
    for (int round = 0; round < 24; ++round) {
        Bytes damaged = saved;
        if (round % 2 == 0) damaged.resize(random.next() % saved.size());
        for (int i = 0; i < 200 && !damaged.empty(); ++i)  // mostly behind the two arrays of each bank
            damaged[damaged.size() - 1 - random.next() % std::min<std::size_t>(damaged.size(), 600)] ^=
                static_cast<std::uint8_t>(random.next());
        Clock own;
        Controller other{Geometry{}, Ports{own, secure}};
        StateReader in(damaged);
        other.load(in);
        if (round % 2 == 0) {
            EXPECT_FALSE(in.finish());
        }
        other.set_timing(Timing::typical());
        own.advance_to(own.now() + 100 * kSecond);
        other.reset(ResetKind::power_on);
    }
}

}  // namespace
}  // namespace h7::flash

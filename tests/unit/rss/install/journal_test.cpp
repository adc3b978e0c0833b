#include "rss/install/journal.hpp"

#include <gtest/gtest.h>

#include "tests/support/rss_board.hpp"

namespace h7::rss {
namespace {

using test::RssBoard;

JournalRecord done(std::uint8_t id, std::uint32_t version) {
    JournalRecord record{.state = JournalState::done};
    record.fw_id[0] = id;
    record.add_word(version);
    return record;
}

/// The journal of `board` as a boot of the RSS finds it.
struct Booted {
    explicit Booted(RssBoard& board) : driver(board), journal(driver) { journal.load(); }
    FlashDriver driver;
    Journal journal;
};

class JournalTest : public testing::Test {
protected:
    JournalTest() { board.set_options(test::secure_options()); }
    Journal loaded() {
        Journal journal(driver);
        journal.load();
        return journal;
    }
    // As after a power cycle: nothing of the host's copy is left.
    Journal after_power_cycle() {
        board.power_on();
        driver = FlashDriver(board);
        return loaded();
    }

    RssBoard board;
    FlashDriver driver{board};
};

TEST_F(JournalTest, ARecordIs128BytesWithItsCrcLast) {  // rss-sfi-bootloader.md 6.3
    JournalRecord record = done(0x77, 0x12);
    record.sequence = 0x0102'0304;
    record.next_index = 9;
    const auto bytes = record.encode();
    EXPECT_EQ(load_le32(bytes, 0), 0x3130'4A52U);  // "RJ01"
    EXPECT_EQ(load_le32(bytes, 4), 0x0102'0304U);
    EXPECT_EQ(bytes[8], static_cast<std::uint8_t>(JournalState::done));
    EXPECT_EQ(bytes[9], 9);
    EXPECT_EQ(bytes[10], 4);
    EXPECT_EQ(bytes[12], 0x77);
    EXPECT_EQ(bytes[36], 0x12);
    for (std::size_t i = 100; i < 124; ++i) EXPECT_EQ(bytes[i], 0);
    ASSERT_TRUE(JournalRecord::decode(bytes));
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
        EXPECT_FALSE(JournalRecord::decode(changed)) << bit;
    }
}

TEST_F(JournalTest, AnEmptyJournalIsIdle) {
    const Journal journal = loaded();
    EXPECT_EQ(journal.state(), JournalState::idle);
    EXPECT_FALSE(journal.highest_version({}));
    EXPECT_FALSE(driver.touched()) << "reading needs no unlock";
}

TEST_F(JournalTest, TheNewestRecordSurvivesPower) {
    Journal journal = loaded();
    ASSERT_TRUE(journal.append(JournalState::installing));
    ASSERT_TRUE(journal.append(done(1, 3)));
    ASSERT_TRUE(journal.append(JournalState::abort_erase));
    const Journal again = after_power_cycle();
    EXPECT_EQ(again.state(), JournalState::abort_erase);
    EXPECT_EQ(again.current().sequence, 3U);
    EXPECT_EQ(again.highest_version(done(1, 0).fw_id), 3U);
}

TEST_F(JournalTest, IsInPhysicalBankTwoWhateverTheSwapSays) {  // D-17 F-121 A-53
    Journal journal = loaded();
    ASSERT_TRUE(journal.append(done(1, 3)));
    board.change_options([](flash::OptionWords& w) { w[flash::kOptsr] |= kOptsrSwapBank; });
    Journal swapped = after_power_cycle();
    EXPECT_EQ(swapped.state(), JournalState::done);
    ASSERT_TRUE(swapped.append(JournalState::installing));
    EXPECT_EQ(after_power_cycle().state(), JournalState::installing);
}

TEST_F(JournalTest, NobodyButTheRssReadsIt) {  // D-08 F-205
    Journal journal = loaded();
    ASSERT_TRUE(journal.append(done(1, 3)));
    EXPECT_EQ(board.application_reads(0x1FF4'0000), 0U);
}

TEST_F(JournalTest, WorksAtLevel1WithAnIntrusion) {  // 6.3: only user flash is blocked (F-200)
    board.change_options(
        [](flash::OptionWords& w) { w[flash::kOptsr] = insert(w[flash::kOptsr], 15, 8, 0xBB); });
    board.secure.debugger_connected();
    Journal journal = loaded();
    ASSERT_TRUE(journal.append(done(1, 3)));
    EXPECT_EQ(journal.state(), JournalState::done);
}

TEST_F(JournalTest, CompactionCarriesTheHighestVersionOfEveryId) {
    Journal journal = loaded();
    ASSERT_TRUE(journal.append(done(1, 9)));
    ASSERT_TRUE(journal.append(done(2, 5)));
    ASSERT_TRUE(journal.append(done(1, 4)));  // a permitted downgrade does not lower the mark
    for (unsigned n = 0; n < 3 * Journal::kSlots; ++n) ASSERT_TRUE(journal.append(JournalState::idle)) << n;
    ASSERT_TRUE(journal.append(JournalState::installing));
    const Journal again = after_power_cycle();
    EXPECT_EQ(again.state(), JournalState::installing);
    EXPECT_EQ(again.highest_version(done(1, 0).fw_id), 9U);
    EXPECT_EQ(again.highest_version(done(2, 0).fw_id), 5U);
}

TEST_F(JournalTest, NeverDropsAVersionForAnotherId) {  // 6.3: 100 ids, then E_STATE
    Journal journal = loaded();
    for (std::uint8_t id = 0; id < 100; ++id) ASSERT_TRUE(journal.append(done(id, id)));
    EXPECT_FALSE(journal.has_room_for(done(100, 0).fw_id));
    EXPECT_TRUE(journal.has_room_for(done(99, 0).fw_id));
    for (unsigned n = 0; n < 2 * Journal::kSlots; ++n) ASSERT_TRUE(journal.append(JournalState::idle));
    const Journal again = after_power_cycle();
    for (std::uint8_t id = 0; id < 100; ++id) EXPECT_EQ(again.highest_version(done(id, 0).fw_id), id);
}

// The power fails inside every flash step of a life with compactions, with several kinds of torn bits.
// Afterwards the journal says what it said before the record that was being written, or that record.
TEST_F(JournalTest, ATornRecordIsTheOldStateOrTheNewOne) {  // F-034 F-132
    for (const std::uint64_t seed : {1, 2, 3}) {
        // Around the first records and around the first compaction, where a record is four steps.
        for (std::uint64_t step = 1; step <= 4 * (Journal::kSlots + 6);
             step += step == 12 ? 4 * Journal::kSlots - 20 : 1) {
            RssBoard bench;
            bench.set_options(test::secure_options());
            Booted first(bench);
            ASSERT_TRUE(first.journal.append(done(7, 42)));
            bench.flash.set_cut_at(bench.flash.steps() + step, seed);
            std::uint8_t written = 0;  // the last record that was written whole
            for (;;) {
                JournalRecord record{.state = JournalState::installing,
                                     .next_index = static_cast<std::uint8_t>(written + 1)};
                if (!first.journal.append(record)) break;
                ASSERT_LT(++written, 255);
            }
            bench.power_on();
            Booted second(bench);
            Journal& after = second.journal;
            const std::uint8_t found = after.state() == JournalState::done ? 0 : after.current().next_index;
            ASSERT_TRUE(found == written || found == written + 1) << "step " << step << " seed " << seed;
            ASSERT_EQ(after.highest_version(done(7, 0).fw_id), 42U);
            ASSERT_TRUE(after.append(JournalState::idle)) << "and it goes on from there";
            ASSERT_EQ(after.state(), JournalState::idle);
        }
    }
}

// A compaction that is cut anywhere, and the next one, which erases what the first one left, cut anywhere
// too: the versions are never in one sector only while that one is erased.
TEST_F(JournalTest, TwoCompactionsCutShortForgetNoVersion) {  // 6.3, 4.9 anti-rollback; F-131 F-132
    const auto remembers = [](const Journal& journal) {
        return journal.highest_version(done(7, 0).fw_id) == 42U &&
               journal.highest_version(done(8, 0).fw_id) == 9U;
    };
    /// Appends until the power fails or `most` records are written; how many were.
    const auto fill = [](Journal& journal, unsigned most) {
        unsigned written = 0;
        while (written < most && journal.append(JournalState::installing)) ++written;
        return written;
    };
    constexpr unsigned kMostSteps = 24;  // one erase, four words for each of three records, and the new one
    RssBoard bench;
    bench.set_options(test::secure_options());
    {
        Booted begun(bench);
        ASSERT_TRUE(begun.journal.append(done(7, 42)));
        ASSERT_TRUE(begun.journal.append(done(8, 9)));
        ASSERT_EQ(fill(begun.journal, Journal::kSlots - 2), Journal::kSlots - 2)
            << "the next record compacts";
    }
    const flash::Image full = bench.flash.image();
    for (unsigned first = 1; first <= kMostSteps; ++first) {
        bench.flash.set_image(full);
        bench.power_on();
        Booted before_cut(bench);
        bench.flash.set_cut_at(bench.flash.steps() + first, first);
        const bool compacted = fill(before_cut.journal, 2) == 2;
        bench.flash.set_cut_at(0, 0);
        bench.power_on();
        Booted again(bench);
        Journal& after = again.journal;
        ASSERT_TRUE(remembers(after)) << "cut at step " << first;
        if (compacted) {
            EXPECT_GT(first, 13U) << "an erase, three records and one more";
            break;
        }
        // Up to the end of the sector it lives in now: the record after this one compacts. (The very first
        // one does where the cut came before the first compaction was worth anything.)
        flash::Image second_full;
        for (unsigned n = 0;; ++n) {
            ASSERT_LE(n, Journal::kSlots);
            if (n + 8 >= Journal::kSlots) second_full = bench.flash.image();
            const std::uint64_t before = bench.flash.steps();
            ASSERT_EQ(fill(after, 1), 1U);
            if (bench.flash.steps() - before != 4 && n > Journal::kSlots / 2) break;
        }
        for (unsigned second = 1; second <= kMostSteps; ++second) {
            bench.flash.set_image(second_full);
            bench.power_on();
            Booted third(bench);
            bench.flash.set_cut_at(bench.flash.steps() + second, second);
            static_cast<void>(fill(third.journal, 8));
            bench.flash.set_cut_at(0, 0);
            bench.power_on();
            ASSERT_TRUE(remembers(Booted(bench).journal))
                << "cut at step " << first << ", then at step " << second;
        }
    }
}

TEST_F(JournalTest, AFinishedCompactionIsNotDoneAgain) {  // 6.3: the sector with more room is the new one
    Journal journal = loaded();
    for (unsigned n = 0; n < Journal::kSlots; ++n) ASSERT_TRUE(journal.append(JournalState::installing));
    // The power fails before the first word of the record behind the compaction: erase, four words, then it.
    using Cut = flash::Controller::Cut;
    board.flash.set_cut_at(board.flash.steps() + 6, 1, Cut::before);
    EXPECT_FALSE(journal.append(JournalState::idle));
    board.flash.set_cut_at(0, 0);
    Journal again = after_power_cycle();
    EXPECT_EQ(again.state(), JournalState::installing);
    const std::uint64_t before = board.flash.steps();
    ASSERT_TRUE(again.append(JournalState::idle));
    EXPECT_EQ(board.flash.steps() - before, 4U) << "one record, no erase";
}

}  // namespace
}  // namespace h7::rss

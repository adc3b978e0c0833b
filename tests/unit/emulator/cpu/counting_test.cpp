// Instructions, cycles and time: unicorn-counting.md, D-28.
#include "board.hpp"
#include "emulator/cpu/timebase.hpp"

namespace h7::cpu {
namespace {

struct Totals {
    std::uint64_t instructions;
    Time now;
    std::array<std::uint32_t, 16> r;
    std::vector<Time> device;
    bool operator==(const Totals&) const = default;
};

Totals run_workload(std::uint64_t slice) {
    Board board;
    board.set(0, 200);
    board.set(1, kDevice);
    EXPECT_TRUE(board.run(snippet::workload, 10'000'000, slice));
    Totals totals{board.core->instructions(), board.core->now(), board.core->registers().r, {}};
    for (const Board::Seen& seen : board.seen) totals.device.push_back(seen.at);
    return totals;
}

TEST(Counting, DoesNotDependOnTheSlices) {  // D-28
    const Totals reference = run_workload(10'000);
    EXPECT_GT(reference.instructions, 50'000u);
    EXPECT_EQ(reference.device.size(), 200u);
    EXPECT_EQ(run_workload(1), reference);
    EXPECT_EQ(run_workload(100), reference);
}

TEST(Counting, AnAccessSeesItsOwnTimeInTheMiddleOfABlock) {  // D-28
    Board board;
    board.set(1, kDevice);
    const Time start = board.core->now();
    std::vector<Time> viewed;  // the map is asked at the same time: a bank may be busy until then
    board.rights = [&](Address a, Op, bool) -> std::optional<View> {
        if (a == kDevice && board.core->now() != start) viewed.push_back(board.core->now());
        return std::nullopt;
    };
    ASSERT_TRUE(board.run(snippet::mid_block));
    ASSERT_EQ(board.seen.size(), 4u);
    for (const Board::Seen& seen : board.seen)
        EXPECT_NE(std::find(viewed.begin(), viewed.end(), seen.at), viewed.end());
    EXPECT_LE(*std::max_element(viewed.begin(), viewed.end()), board.seen.back().at);
    const std::uint64_t completed[] = {2, 4, 7, 9};
    for (unsigned n = 0; n < 4; ++n) {
        EXPECT_EQ((board.seen[n].at - start) / Board::kCycle, completed[n]) << n;
        EXPECT_EQ((board.seen[n].at - start) % Board::kCycle, 0u) << n;
    }
    EXPECT_EQ(board.seen[0].pc, snippet::mid_block + 4);
    EXPECT_TRUE(board.seen[3].write);
}

TEST(Counting, TimeDoesNotDriftOverChangesOfFrequency) {  // D-28
    TimeBase time;
    time.change(0, 0, 64'000'000);
    EXPECT_EQ(time.time_of(64'000'000), kSecond);
    EXPECT_EQ(time.time_of(64'000'000ULL * 1000), 1000 * kSecond);
    time.change(kSecond, 64'000'000, 333'333'333);
    EXPECT_EQ(time.time_of(64'000'000 + 333'333'333ULL * 7), 8 * kSecond);
    for (Time when = kSecond; when < kSecond + 100'000; when += 777) {
        const std::uint64_t cycle = time.cycle_at(when);
        EXPECT_GE(time.time_of(cycle), when);
        if (cycle > 64'000'000) {
            EXPECT_LT(time.time_of(cycle - 1), when);
        }
    }
}

TEST(Counting, ADeadlineMadeInsideATurnShortensIt) {  // D-28
    Board board;
    board.set(1, kDevice);
    board.set(0, 1'000'000);
    board.set_pc(snippet::workload);
    Time deadline = 0;
    board.on_load = [&](Address, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        if (deadline == 0) {
            deadline = board.core->now() + 500 * Board::kCycle;
            board.clock.at(deadline, "test", [] {});
        }
        return std::nullopt;
    };
    board.core->run_until(board.core->now() + kSecond);
    EXPECT_GE(board.core->now(), deadline);
    EXPECT_LT(board.core->now(), deadline + 32 * Board::kCycle);
}

TEST(Counting, YieldEndsTheTurnAtTheNextBoundary) {  // D-28
    Board board;
    board.set(1, kDevice);
    board.on_load = [&](Address, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        board.core->yield();
        return std::nullopt;
    };
    board.set_pc(snippet::mid_block);
    const Time start = board.core->now();
    board.core->run_until(start + kSecond);
    EXPECT_EQ((board.core->now() - start) / Board::kCycle, 11u);  // the whole block, with its branch
}

TEST(Counting, StoresStayOnTheFastPath) {  // unicorn.md 0.1
    Board board;
    board.set(0, 200);
    board.set(1, kDevice);
    ASSERT_TRUE(board.run(snippet::workload, 10'000'000));
    EXPECT_LT(board.views, 30u);  // a store outside the fast path asks, unless the answer is known
}

TEST(Counting, TwoCoresInOneProcessDoNotDisturbEachOther) {
    const Totals alone = run_workload(10'000);
    Board a, b(Model::cortex_m4);
    for (Board* board : {&a, &b}) {
        board->set(0, 200);
        board->set(1, kDevice);
        board->set_pc(snippet::workload);
    }
    for (unsigned n = 0; !(a.finished && b.finished); ++n) {
        ASSERT_LT(n, 100'000u);
        if (!a.finished) a.core->run_until(a.core->now() + 97 * Board::kCycle);
        if (!b.finished) b.core->run_until(b.core->now() + 61 * Board::kCycle);
    }
    EXPECT_EQ(a.core->registers().r, alone.r);
    EXPECT_EQ(b.core->registers().r, alone.r);
    EXPECT_EQ(a.core->instructions(), alone.instructions);
    EXPECT_EQ(b.core->instructions(), alone.instructions);
}

}  // namespace
}  // namespace h7::cpu

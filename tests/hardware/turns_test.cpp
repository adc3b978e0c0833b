// Whose turn it is: one clock for two cores that follows the RCC, turns, and the interleaving that looks for
// races (D-28).
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kD1cfgr = 0x5802'4418;

struct Counts {
    std::uint64_t cm7, cm4;
    bool operator==(const Counts&) const = default;
};

Counts counts(BenchChip& chip) { return {chip->cm7().instructions(), chip->cm4().instructions()}; }

// system.md 4.2: CPU1 = sys_ck / D1CPRE, CPU2 = CPU1 / HPRE.
TEST(Turns, TheRatioOfTheCoresFollowsTheRcc) {
    BenchChip chip = a_chip().flashed("clock_still_cm7").flashed("clock_switch_cm4");
    chip.power_on();
    chip.run(kMicrosecond);
    struct Tree {
        std::uint32_t d1cfgr;
        std::uint64_t hz7, hz4;
    };
    for (const Tree tree : {Tree{0x000, 64'000'000, 64'000'000}, Tree{0x008, 64'000'000, 32'000'000},
                            Tree{0x00B, 64'000'000, 4'000'000}, Tree{0x808, 32'000'000, 16'000'000}}) {
        chip.store(Master::cm7, kD1cfgr, tree.d1cfgr);
        const Counts begin = counts(chip);
        chip.run(kMillisecond);
        const Counts end = counts(chip);
        EXPECT_NEAR(static_cast<double>(end.cm7 - begin.cm7), static_cast<double>(tree.hz7) / 1000, 40.0)
            << tree.d1cfgr;
        EXPECT_NEAR(static_cast<double>(end.cm4 - begin.cm4), static_cast<double>(tree.hz4) / 1000, 40.0)
            << tree.d1cfgr;
    }
}

// A debugger's ^C does not wait for the end of a turn of ten million cycles, and the turn is finished before
// the other core runs.
TEST(Turns, AreLeftInTheMiddleAndGoOn) {  // 0101
    const auto begin = [] {
        BenchChip chip = a_chip().turn(10'000'000).flashed("clock_still_cm7").flashed("clock_switch_cm4");
        chip.power_on();
        return chip;
    };
    BenchChip whole = begin(), parts = begin();
    whole.run(500 * kMillisecond);
    bool wanted = false;
    unsigned stops = 0;
    const Time end = parts->clock().now() + 500 * kMillisecond;
    while (true) {
        const chip::Stop stop = parts->run({.limit = end - parts->clock().now(),
                                            .reached = [&] { return std::exchange(wanted, false); },
                                            .inside_turns = [&] { return wanted = true; }});
        if (stop.why == chip::Stop::Why::limit) break;
        ASSERT_EQ(stop.why, chip::Stop::Why::reached);
        ++stops;
    }
    EXPECT_EQ(counts(parts), counts(whole));
    EXPECT_GT(stops, (counts(whole).cm7 + counts(whole).cm4) / 400'000);
}

// A core learns of a new clock at the moment it was switched, however far its own turn has come: the counts
// do not depend on the turns.
TEST(Turns, AClockSwitchReachesBothCoresAtItsMoment) {  // D-28
    const auto run = [](std::uint64_t turn) {
        BenchChip chip = a_chip().turn(turn).flashed("clock_switch_cm7").flashed("clock_switch_cm4");
        chip.power_on();
        for (int part = 0; part < 4; ++part) chip.run(500 * kMicrosecond);
        return counts(chip);
    };
    const Counts reference = run(10'000);
    EXPECT_GT(reference.cm7, 3 * reference.cm4 / 2);
    for (const std::uint64_t turn : {1U, 10U, 100U, 1'000U, 100'000U, 10'000'000U}) {
        const Counts other = run(turn);
        EXPECT_EQ(other.cm7, reference.cm7) << turn;
        EXPECT_EQ(other.cm4, reference.cm4) << turn;
    }
}

std::string counted(std::string_view kind, std::optional<std::uint64_t> seed) {
    const std::string name = "counter_" + std::string(kind);
    ChipBuilder builder = a_chip().flashed(name + "_cm7").flashed(name + "_cm4");
    if (seed) builder.interleave(*seed);
    BenchChip chip = builder;
    EXPECT_TRUE(chip.power_on_until("\n", 20 * kMillisecond));
    return chip.console() + " after " + std::to_string(chip->cm4().instructions());
}

// Whole turns end at block boundaries, and the addition is one block: the race is never seen.
TEST(Interleaving, FindsARaceThatTurnsHide) {
    EXPECT_TRUE(counted("racy", {}).starts_with("counted 3000\n"));
    unsigned lost = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
        lost += counted("racy", seed).starts_with("counted 3000\n") ? 0 : 1;
    EXPECT_GE(lost, 4U) << "of 8 seeds";
}

TEST(Interleaving, TheSameSeedGivesTheSameRun) {
    std::set<std::string> runs;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const std::string first = counted("racy", seed);
        EXPECT_EQ(counted("racy", seed), first) << seed;
        runs.insert(first);
    }
    EXPECT_GT(runs.size(), 1U);
}

TEST(Interleaving, AProgramWithoutARaceAlwaysPasses) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
        EXPECT_TRUE(counted("locked", seed).starts_with("counted 3000\n")) << seed;
}

// Same cycle, same semaphore: the CM7 has it. The CM4's read came first when its cycle is earlier, as fine as
// the turns are.
TEST(Turns, InOneCycleTheCm7ComesFirst) {  // D-28, system.md 11.6
    for (const unsigned ahead : {0U, 40U}) {
        BenchChip chip = a_chip().turn(1).flashed("tie_cm7").flashed("tie_cm4");
        chip.power_on();
        const auto set = [&](Address at, std::uint32_t value) {
            ASSERT_TRUE(chip->write({at, 4, Op::write, Master::dma1, Context::application, true}, value));
        };
        set(0x3800'0000, 100 + ahead);  // loops of the CM7 before it reads HSEM_RLR5, then of the CM4
        set(0x3800'0004, 100);
        chip.run(kMillisecond);
        EXPECT_EQ(chip.peek(0x5802'6414), ahead == 0 ? 0x8000'0300U : 0x8000'0100U) << ahead;
    }
}

}  // namespace
}  // namespace h7::test

// The same input gives the same run, bit for bit; race-free programs do not notice the length of the turns
// (D-28).
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

struct Outcome {
    std::string console;
    std::vector<std::string> trace;
    std::vector<std::uint8_t> sram4;
    std::uint64_t instructions = 0;
    std::uint32_t flags = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome run_once(std::uint64_t turn, bool with_trace) {
    BenchChip chip = a_chip().seed(42).turn(turn).flashed("race_free_dual_cm7").flashed("race_free_dual_cm4");
    if (with_trace) chip.keep_trace();
    EXPECT_TRUE(chip.power_on_until("done\n", kSecond));
    Outcome outcome{chip.console(), chip.trace_lines(), {}, 0, 0};
    for (Address a = 0x3800'0000; a < 0x3800'0040; ++a)
        outcome.sram4.push_back(static_cast<std::uint8_t>(chip.load(Master::cm7, a, 1).value()));
    outcome.flags = static_cast<std::uint32_t>(chip.load(Master::cm7, 0x5200'2010).value());
    if (with_trace) outcome.instructions = chip->cm7().instructions() + chip->cm4().instructions();
    return outcome;
}

TEST(Determinism, TwoRunsGiveTheSameTraceBytes) {
    const Outcome first = run_once(10'000, true), second = run_once(10'000, true);
    EXPECT_FALSE(first.trace.empty());
    EXPECT_TRUE(first == second);
}

TEST(Determinism, RaceFreeProgramsDoNotSeeTheTurns) {
    const Outcome reference = run_once(10'000, false);
    for (const std::uint64_t turn : {100U, 1'000U, 100'000U})
        EXPECT_TRUE(run_once(turn, false) == reference) << turn;
}

TEST(Determinism, ALimitCountsFromWhereTheLastRunEnded) {  // D-28
    BenchChip chip = a_chip().flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    chip.power_on();
    for (Time done = 100 * kMicrosecond; done <= kMillisecond; done += 100 * kMicrosecond) {
        chip.run(100 * kMicrosecond);
        EXPECT_GE(chip->clock().now(), done);
        EXPECT_LT(chip->clock().now(), done + 2 * kMicrosecond);
    }
}

TEST(Determinism, BusyCoresChangePlacesTwiceATurn) {  // D-28
    BenchChip chip = a_chip().flashed("bench_integer_m7").flashed("bench_integer_m4");
    chip.power_on();
    unsigned places = 0;
    const auto counted = [&] { return ++places > 10'000; };
    EXPECT_EQ(chip->run({10 * kMillisecond, counted}).why, chip::Stop::Why::limit);  // 64 turns
    EXPECT_LT(places, 64U * 4U);
}

TEST(Determinism, TheSeedFillsTheRam) {  // D-13
    const auto word = [](std::uint64_t seed) {
        BenchChip chip = a_chip().seed(seed);
        chip.power_on();
        return chip.load(Master::cm7, 0x2400'1000).value();
    };
    EXPECT_EQ(word(1), word(1));
    EXPECT_NE(word(1), word(2));
}

TEST(Determinism, TwoChipsInOneProcessDoNotMeet) {
    BenchChip a = a_chip().flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    BenchChip b = a_chip().flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    a.power_on();
    b.power_on();
    for (int i = 0; i < 50; ++i) {
        a.run(100 * kMicrosecond);
        b.run(100 * kMicrosecond);
    }
    BenchChip alone = a_chip().flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    alone.power_on();
    for (int i = 0; i < 50; ++i) alone.run(100 * kMicrosecond);
    EXPECT_FALSE(alone.console().empty());
    EXPECT_EQ(a.console(), alone.console());
    EXPECT_EQ(b.console(), alone.console());
}

}  // namespace
}  // namespace h7::test

// A small real-time kernel under load, on each core and on both at once. What its threads compute is computed
// here again; how often it switched and how long it took is the same with any turn (D-28).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using testing::HasSubstr;

std::uint32_t items_of(std::uint32_t seed) {
    std::uint32_t sum = 0;
    for (int n = 0; n < 200; ++n) {
        seed = seed * 1664525U + 1013904223U;
        sum += seed ^ (seed >> 13);
    }
    return sum;
}

std::uint32_t logistic(float x, float r) {
    volatile float sum = 0.0F;  // every operation rounded for itself
    for (int i = 0; i < 3000; ++i) {
        volatile const float left = r * x, right = 1.0F - x;
        volatile const float next = left * right;
        x = next;
        volatile const float part = x * 0.125F;
        sum = sum + part;
    }
    return std::bit_cast<std::uint32_t>(static_cast<float>(sum));
}

std::string results(std::string_view core) {
    return fmt::format(
        "{0}: 400 items, sum 0x{1:08X}, fp 0x{2:08X} 0x{3:08X}, mutex 400\n"
        "{0}: timers 20 and 12, nested 20, sleeps 60, overflows 1\n",
        core, items_of(1) + items_of(2), logistic(0.5F, 3.75F), logistic(0.25F, 3.5625F));
}

/// The line about switches, ticks and cycles.
std::string counts(const std::string& console, std::string_view core) {
    const std::size_t end = console.find(" cycles\n", console.find(std::string(core) + ": timers"));
    if (end == std::string::npos) return "none in: " + console;
    return console.substr(console.rfind('\n', end) + 1, end - console.rfind('\n', end));
}

std::string run(bool cm7, bool cm4, std::uint64_t turn) {
    ChipBuilder builder = a_chip().turn(turn);
    if (cm7) builder.flashed("workload_m7");
    if (cm4) builder.flashed("workload_m4");
    BenchChip chip = builder;
    chip.power_on();
    chip.run(100 * kMillisecond);
    return chip.console();
}

TEST(Workload, EachCoreComputesWhatTheHostDoes) {
    EXPECT_THAT(run(true, false, 10'000), HasSubstr(results("CM7")));
    EXPECT_THAT(run(false, true, 10'000), HasSubstr(results("CM4")));
}

TEST(Workload, BothAtOnceWithAnyTurn) {  // D-28
    const std::string alone7 = counts(run(true, false, 10'000), "CM7");
    const std::string alone4 = counts(run(false, true, 10'000), "CM4");
    for (const std::uint64_t turn : {100U, 1'000U, 100'000U}) {
        const std::string console = run(true, true, turn);
        for (const char* core : {"CM7", "CM4"}) EXPECT_THAT(console, HasSubstr(results(core))) << turn;
        EXPECT_EQ(counts(console, "CM7"), alone7) << turn;
        EXPECT_EQ(counts(console, "CM4"), alone4) << turn;
    }
}

}  // namespace
}  // namespace h7::test

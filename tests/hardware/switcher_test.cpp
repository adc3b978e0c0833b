// A context switcher with FPU threads, nested interrupts and faulting unprivileged threads, on both cores at
// once: its results are computed here, and its counts do not depend on the turns (D-28).
#include "firmware-fixtures/support/switcher.h"

#include <gtest/gtest.h>

#include <bit>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

struct Core {
    SwitcherReport report{};
    std::uint64_t instructions = 0;
    bool operator==(const Core& other) const {
        return std::memcmp(&report, &other.report, sizeof report) == 0 && instructions == other.instructions;
    }
    std::uint64_t exceptions() const {
        return report.svc + report.pend_sv + report.sys_tick + report.low + report.high + report.mem_manage +
               report.bus_fault + report.usage_fault;
    }
};

Core read(BenchChip& chip, Address at, std::uint64_t instructions) {
    Core core;
    core.instructions = instructions;
    std::uint32_t words[sizeof core.report / 4];
    for (Address n = 0; n < std::size(words); ++n) words[n] = chip.peek(at + 4 * n);
    std::memcpy(&core.report, words, sizeof words);
    return core;
}

std::pair<Core, Core> run(std::uint64_t turn) {
    BenchChip chip = a_chip().turn(turn).flashed("switcher_m7").flashed("switcher_m4");
    chip.power_on();
    for (int n = 0; n < 200; ++n) {
        chip.run(kMillisecond);
        if (chip->cm7().state() == cpu::RunState::sleeping && chip->cm4().state() == cpu::RunState::sleeping)
            break;
    }
    return {read(chip, 0x3800'0000, chip->cm7().instructions()),
            read(chip, 0x3800'0200, chip->cm4().instructions())};
}

std::uint32_t expected_sum(float seed) {
    Floats f = {seed, 0.5F, 0.25F, 3.0F};
    for (int i = 0; i < kFloatRounds; ++i) float_round(&f);
    return std::bit_cast<std::uint32_t>(float_sum(&f));
}

TEST(Switcher, EveryThreadHasTheResultThatTheHostComputes) {
    const auto [cm7, cm4] = run(10'000);
    std::uint32_t hash = 2166136261U;
    for (std::uint32_t n = 0; n < kHashRounds; ++n) hash = hash_round(hash, n);
    for (const Core& core : {cm7, cm4}) {
        const SwitcherReport& r = core.report;
        EXPECT_EQ(r.finished, kSwitcherDone);
        EXPECT_EQ(r.floats[0], expected_sum(1.0F));
        EXPECT_EQ(r.floats[1], expected_sum(2.0F));
        EXPECT_EQ(r.floats[2], expected_sum(4.0F));
        EXPECT_EQ(r.hash, hash);
        EXPECT_EQ(r.survived, std::uint32_t{kFaultRounds});
        EXPECT_EQ(r.mem_manage, std::uint32_t{kFaultRounds});
        EXPECT_EQ(r.bus_fault, std::uint32_t{kFaultRounds});
        EXPECT_EQ(r.usage_fault, std::uint32_t{kFaultRounds});
        EXPECT_EQ(r.cfsr, 0x0200'8282u) << "DIVBYZERO; PRECISERR, BFARVALID; DACCVIOL, MMARVALID";
        EXPECT_EQ(r.low, r.sys_tick);
        EXPECT_EQ(r.high, r.sys_tick);
        EXPECT_GT(r.sys_tick, 100u);
        EXPECT_GE(r.deepest, 3u);
    }
}

TEST(Switcher, TheCountsDoNotDependOnTheTurns) {  // D-28
    const auto reference = run(10'000);
    for (const std::uint64_t turn : {100U, 1'000U, 100'000U}) {
        const auto again = run(turn);
        EXPECT_EQ(again.first.instructions, reference.first.instructions) << turn;
        EXPECT_EQ(again.second.instructions, reference.second.instructions) << turn;
        EXPECT_EQ(again.first.exceptions(), reference.first.exceptions()) << turn;
        EXPECT_EQ(again.second.exceptions(), reference.second.exceptions()) << turn;
        EXPECT_TRUE(again == reference) << turn;
    }
}

}  // namespace
}  // namespace h7::test

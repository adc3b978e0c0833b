// --check-caches: what silicon would have read stale, and nothing else. docs/caches.md, system.md 11.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/chip/cache_checker.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using chip::CacheFinding;
using Kind = CacheFinding::Kind;

struct Outcome {
    std::string console;
    std::vector<CacheFinding> findings;

    std::vector<CacheFinding> of(Kind kind) const {
        std::vector<CacheFinding> some;
        for (const CacheFinding& finding : findings)
            if (finding.kind == kind) some.push_back(finding);
        return some;
    }
};

Outcome run_with(std::string_view cm7, bool check = true) {
    ChipBuilder builder = a_chip().flashed("caches_" + std::string(cm7) + "_cm7").flashed("caches_cm4");
    if (check) builder.check_caches();
    BenchChip chip = builder;
    SCOPED_TRACE(cm7);
    expect_says(chip, "the sum is 2080, the answer was 0 before\n", 50 * kMillisecond);
    return {chip.console(), chip->cache_findings()};
}

bool inside(Address pc, std::string_view program, std::string_view function) {
    const loader::Program elf = fixture(program);
    const loader::Symbol* symbol = elf.find(function);
    return symbol != nullptr && pc - symbol->address < symbol->size;
}

TEST(Caches, AnUncleanedBufferIsReported) {
    const auto found = run_with("bug").of(Kind::not_cleaned);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].writer.master, Master::cm7);
    EXPECT_EQ(found[0].reader.master, Master::cm4);
    EXPECT_TRUE(inside(found[0].writer.pc, "caches_bug_cm7", "fill_buffer"))
        << std::hex << found[0].writer.pc;
    EXPECT_TRUE(inside(found[0].reader.pc, "caches_cm4", "add_up")) << std::hex << found[0].reader.pc;
    EXPECT_EQ(found[0].address, 0x3002'0000U);
    EXPECT_EQ(found[0].count, 64U);
    EXPECT_GT(found[0].time, 0U);
}

TEST(Caches, AnAnswerThatWasNotInvalidatedIsReported) {
    const auto found = run_with("clean").findings;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, Kind::not_invalidated);
    EXPECT_EQ(found[0].writer.master, Master::cm4);
    EXPECT_EQ(found[0].reader.master, Master::cm7);
    EXPECT_TRUE(inside(found[0].reader.pc, "caches_clean_cm7", "read_answer"));
    EXPECT_EQ(found[0].address, 0x3002'0400U);
    EXPECT_EQ(found[0].count, 1U);
}

TEST(Caches, MaintainedBuffersAreNot) {
    for (const char* program : {"right", "set_way"})
        EXPECT_TRUE(run_with(program).findings.empty()) << program;
}

// TEX, C, B and S of the region, CCR.DC. Write-through leaves the M4 right and the answer stale.
TEST(Caches, WhatIsNotCachedIsNot) {
    for (const char* program : {"uncached", "shared", "off"})
        EXPECT_TRUE(run_with(program).findings.empty()) << program;
    const Outcome through = run_with("through");
    EXPECT_TRUE(through.of(Kind::not_cleaned).empty());
    EXPECT_EQ(through.of(Kind::not_invalidated).size(), 1U);
}

TEST(Caches, OffTheyAreNotLookedAt) { EXPECT_TRUE(run_with("bug", false).findings.empty()); }

TEST(Caches, ADmaThatReadsAnUncleanedBufferIsReported) {
    BenchChip chip = a_chip().check_caches().flashed("caches_bug_cm7");
    chip.power_on();
    chip.run(5 * kMillisecond);  // the CM7 waits for an answer
    const Access dma{0x3002'0010, 4, Op::read, Master::dma1, Context::application, true};
    EXPECT_EQ(chip->read(dma).value(), 5U);
    ASSERT_EQ(chip->cache_findings().size(), 1U);
    EXPECT_EQ(chip->cache_findings()[0].reader.master, Master::dma1);
    EXPECT_EQ(chip->cache_findings()[0].reader.pc, 0U);
    // A debugger knows what it does.
    EXPECT_TRUE(chip->read({0x3002'0010, 4, Op::read, Master::ap3, Context::application, true}).has_value());
    EXPECT_EQ(chip->cache_findings()[0].count, 1U);
}

TEST(Caches, OtherProgramsRunTheSame) {
    for (const bool check : {false, true}) {
        ChipBuilder builder = a_chip().flashed("race_free_dual_cm7").flashed("race_free_dual_cm4");
        if (check) builder.check_caches();
        BenchChip chip = builder;
        EXPECT_TRUE(chip.power_on_until("done\n", kSecond));
        EXPECT_THAT(chip.console(), testing::HasSubstr("round 7: 0x0225E1D5\ndone\n"));
        EXPECT_TRUE(chip->cache_findings().empty());  // the caches are off
    }
}

}  // namespace
}  // namespace h7::test

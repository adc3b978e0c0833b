// Code whose rights or contents change after it was run: closed code stops, re-opened and rewritten code is
// not stale.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

TEST(CodeInFlash, StopsAtOnceWhenItClosesTheGateItRunsBehind) {  // F-230, R-009, R-014
    BenchChip chip = a_chip()
                         .with_option("SECURITY", 1)
                         .with_option("SEC_AREA_START1", 0x000)
                         .with_option("SEC_AREA_END1", 0x3FF)
                         .holding("closing_code");
    chip.power_on();
    chip.run_until_text("done\n");
    EXPECT_EQ(chip.console(),
              "open: answer() returns 1\n"
              "closing from inside: bus error (IBUSERR), right behind the store\n"
              "closed: answer() bus error (IBUSERR)\n"
              "reopened: answer() rewritten, returns 2\n"
              "done\n");
}

TEST(CodeInFlash, RunsAsProgrammedAfterAnErase) {  // F-054, F-079
    BenchChip chip = a_chip().flashed("rewritten_code");
    chip.power_on();
    chip.run_until_text("done\n");
    EXPECT_EQ(chip.console(), "answer() returns 1\nerased and programmed: answer() returns 2\ndone\n");
}

TEST(CodeInFlash, AnEmptyVectorTableLocksTheCoreUp) {  // D-30, system.md 2.3
    BenchChip chip = a_chip().flashed("lockup_blank");
    chip.power_on();
    EXPECT_EQ(chip.run().why, chip::Stop::Why::locked_up);
    EXPECT_EQ(chip.console(), "");
}

}  // namespace
}  // namespace h7::test

// Two ways to count instructions, inside the translated code and by a hook at each block, agree on every
// benchmark guest.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

class Guests : public testing::TestWithParam<const char*> {
protected:
    static BenchChip chip_with_guest() {
        const std::string name = std::string("bench_") + GetParam();
        return a_chip().flashed(name + "_m7").flashed(name + "_m4").build();
    }
};

TEST_P(Guests, HookAndBudgetCountTheSame) {  // D-28
    BenchChip plain = chip_with_guest(), twice = chip_with_guest();
    twice->cm7().count_twice();
    twice->cm4().count_twice();
    for (BenchChip* chip : {&plain, &twice}) {
        chip->power_on();
        chip->run(7 * kMillisecond);
    }
    for (const auto core : {&chip::Chip::cm7, &chip::Chip::cm4}) {
        EXPECT_GT(((*twice).*core)().instructions(), 400'000U);
        EXPECT_EQ(((*twice).*core)().instructions(), ((*twice).*core)().instructions_by_hook());
        EXPECT_EQ(((*twice).*core)().instructions(), ((*plain).*core)().instructions());
    }
}

INSTANTIATE_TEST_SUITE_P(Counting, Guests,
                         testing::Values("integer", "copy", "float", "double", "coremark", "dhrystone"),
                         [](const auto& made) { return std::string(made.param); });

}  // namespace
}  // namespace h7::test

// The power fails in every flash step of a scenario: a step is a word programmed, a sector erased or an
// option change carried out (flash::Controller::steps).
//
//   for_every_flash_step([] { return a_chip(); }, program_two_words, [](chip::Chip& chip, const Cut& cut) {
//   .. });
#pragma once

#include <gtest/gtest.h>

#include "emulator/chip/chip.hpp"

namespace h7::test {

/// Where the power failed. `step` 0: it did not.
struct Cut {
    std::uint64_t step = 0;  // 1 is the scenario's first
    flash::Controller::Cut where = flash::Controller::Cut::inside;
    std::uint64_t seed = 0;
};
inline std::ostream& operator<<(std::ostream& out, const Cut& cut) {
    if (cut.step == 0) return out << "no cut";
    return out << "cut " << (cut.where == flash::Controller::Cut::inside ? "inside" : "before") << " step "
               << cut.step << ", seed " << cut.seed;
}

inline constexpr std::uint64_t kMostSteps = 400;

/// `make` gives a fresh chip without power. For each step of `scenario`, run on the powered chip: the power
/// fails before the step, then inside it with two different seeds; it comes back (the boot runs, the RSS
/// tidies up) and `check(chip, cut)` looks. The undisturbed run comes first. Returns its number of steps.
template <class Make, class Scenario, class Check>
std::uint64_t for_every_flash_step(Make&& make, Scenario&& scenario, Check&& check) {
    using Where = flash::Controller::Cut;
    const auto run = [&](const Cut& cut) {
        auto owner = make();
        chip::Chip& chip = *owner;
        chip.power_on();
        const std::uint64_t before = chip.flash().steps();
        if (cut.step != 0) chip.flash().set_cut_at(before + cut.step, cut.seed, cut.where);
        scenario(chip);
        const bool was_cut = chip.flash().power_is_cut();
        const std::uint64_t steps = chip.flash().steps() - before;
        chip.flash().set_cut_at(0, 0);
        chip.power_off();
        chip.power_on();
        SCOPED_TRACE(::testing::PrintToString(cut));
        EXPECT_EQ(was_cut, cut.step != 0);
        check(chip, cut);
        return steps;
    };
    const std::uint64_t steps = run({});
    EXPECT_GT(steps, 0U);
    EXPECT_LT(steps, kMostSteps);
    for (std::uint64_t step = 1; step <= std::min(steps, kMostSteps); ++step)
        for (const Cut& cut : {Cut{step, Where::before, 0}, Cut{step, Where::inside, step},
                               Cut{step, Where::inside, step * 7 + 1}}) {
            (void)run(cut);
            if (::testing::Test::HasFatalFailure()) return steps;
        }
    return steps;
}

}  // namespace h7::test

#include "emulator/report/solve.hpp"

#include <gmock/gmock.h>

#include "subjects.hpp"

namespace h7::report {
namespace {

using test::desk_for;
using test::subject_with;
using testing::HasSubstr;

Solution ask(const Subject& subject, std::string_view goal) {
    Desk desk = desk_for(subject);
    return solve(desk, subject, *goal_called(goal));
}

TEST(Solve, AFactoryChipIsUnlocked) {  // F-197
    const Solution s = ask(subject_with(), "unlocked");
    EXPECT_TRUE(s.possible);
    EXPECT_TRUE(s.steps.empty());
    EXPECT_EQ(ask(subject_with(), "no-pcrop").steps.size(), 0U);
}

TEST(Solve, LevelOneIsARegressionAway) {  // F-161, F-200, F-208
    const Solution s = ask(subject_with({{"RDP", 0xBB}}), "unlocked");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].command, HasSubstr("-ob RDP=0xAA"));
    EXPECT_THAT(s.steps[0].effect, HasSubstr("bank 1 and bank 2, backup SRAM"));
    EXPECT_TRUE(s.data_lost);
}

TEST(Solve, LevelTwoHasNoWayBack) {  // F-160, F-202, F-203
    for (const char* goal : {"unlocked", "factory"}) {
        const Solution s = ask(subject_with({{"RDP", 0xCC}}), goal);
        EXPECT_FALSE(s.possible) << print(s);
        EXPECT_TRUE(s.exhausted);
        EXPECT_THAT(print(s), HasSubstr("no way back"));
    }
}

TEST(Solve, WriteProtectionGoesWithoutErasing) {  // F-162
    const Solution s = ask(subject_with({{"nWRP0", 0}, {"nWRP9", 0}}), "no-wrp");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].command, HasSubstr("-ob nWRP0=0x1 nWRP9=0x1"));
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, PcropGoesWithItsBankOnly) {  // F-087, F-088, F-164
    const Solution s = ask(subject_with({{"PROT_AREA_START2", 0x10}, {"PROT_AREA_END2", 0x1F}}), "no-pcrop");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("erase of bank 2 with protection removal"));
    EXPECT_THAT(s.steps[0].command, HasSubstr("PRAR_PRG2 = 0x800000FF"));
    EXPECT_EQ(s.erased, 0xFF00U);
}

TEST(Solve, RegistersFollowASwap) {  // F-125
    const Solution s = ask(
        subject_with({{"SWAP_BANK", 1}, {"PROT_AREA_START2", 0x10}, {"PROT_AREA_END2", 0x1F}}), "no-pcrop");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].command, HasSubstr("PRAR_PRG1 = 0x800000FF"));
    EXPECT_EQ(s.erased, 0xFF00U);
}

TEST(Solve, AClosedAreaNeedsItsFirmware) {  // F-167, R-019, R-041: the port stays closed until the magic exit
    const Subject chip = subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    const Solution s = ask(chip, "no-secure-area");
    EXPECT_TRUE(s.possible);
    EXPECT_TRUE(s.needs_firmware);
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("secure user software"));
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, AnAreaWithoutSecurityGoesWithItsBank) {  // D-03, F-091
    const Solution s = ask(subject_with({{"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}}), "no-secure-area");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_FALSE(s.needs_firmware);
    EXPECT_EQ(s.erased, 0x00FFU);
}

TEST(Solve, SecurityIsOutOfForceAfterAReset) {  // F-172, F-227
    const Solution s = ask(subject_with({{"SECURITY", 1}}), "standard-mode");
    ASSERT_EQ(s.steps.size(), 2U) << print(s);
    EXPECT_THAT(s.steps[0].command, HasSubstr("-ob SECURITY=0x0"));
    EXPECT_THAT(s.steps[1].what, HasSubstr("reset"));
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, SecurityWithAnAreaNeedsARegression) {  // F-173, A-10
    const Subject chip =
        subject_with({{"SECURITY", 1}, {"RDP", 0xBB}, {"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}});
    const Solution s = ask(chip, "standard-mode");
    ASSERT_FALSE(s.steps.empty()) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("RDP=0xAA"));
    EXPECT_THAT(s.steps[0].what, HasSubstr("DMEP1=0x1"));
}

TEST(Solve, FactoryFromDmepNeedsTheWayOverLevelOne) {  // F-166, F-212
    const Solution s =
        ask(subject_with({{"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}, {"DMEP1", 1}, {"BOR_LEV", 2}}),
            "factory");
    ASSERT_TRUE(s.possible) << print(s);
    EXPECT_EQ(s.steps.size(), 2U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("RDP=0xBB"));
    EXPECT_EQ(s.erased, 0xFFFFU);
}

TEST(Solve, StepsAreLegalOnARealChip) {  // the first step, carried out through the debug port of a whole chip
    const Subject chip = subject_with({{"RDP", 0xBB}, {"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}});
    Desk desk = desk_for(chip);
    const Solution s = solve(desk, chip, *goal_called("unlocked"));
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    desk.boot(chip.image, false);
    auto& port = desk.chip().debug_port();
    const auto write = [&](Address address, std::uint32_t value) {
        EXPECT_TRUE(port.write(Master::ap0, address, 4, value));
    };
    write(0x5200'2008, 0x0819'2A3B);
    write(0x5200'2008, 0x4C5D'6E7F);
    write(0x5200'2020, (chip.image.options[flash::kOptsr] & ~0xFF00U) | 0xAA00U);
    write(0x5200'202C, 0x8000'00FF);
    write(0x5200'2018, 2);
    EXPECT_EQ(desk.chip().flash().rdp(), security::Rdp::level0);
    EXPECT_FALSE(desk.chip().flash().pcrop(0).valid());
    EXPECT_EQ(sectors_in_use(desk.chip().image()), 0U);
}

}  // namespace
}  // namespace h7::report

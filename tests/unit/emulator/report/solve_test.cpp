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

TEST(Solve, TheRssDestroysAPcropAreaWithoutItsBank) {
    const Subject chip =
        subject_with({{"SECURITY", 1}, {"PROT_AREA_START1", 0x10}, {"PROT_AREA_END1", 0x1F}});
    const Solution s = ask(chip, "no-pcrop");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_FALSE(s.needs_firmware);
    EXPECT_THAT(s.steps[0].what, HasSubstr("resetAndDestroyPCROPArea(1)"));
    EXPECT_THAT(s.steps[0].command, HasSubstr("R0 = 1, PC = word at 0x1FF0951C"));
    EXPECT_THAT(s.steps[0].effect, HasSubstr("0x08001000-0x08001fff"));
    EXPECT_EQ(s.erased, 0U);
    EXPECT_EQ(s.overwritten, 1U);
    EXPECT_TRUE(s.data_lost);
    EXPECT_THAT(print(s), HasSubstr("What the overwritten area held is lost."));
    const Solution standard = ask(chip, "standard-mode");  // F-172: then SECURITY goes freely
    ASSERT_EQ(standard.steps.size(), 3U) << print(standard);
    EXPECT_EQ(standard.erased, 0U);
}

TEST(Solve, TheRssCountsBanksAsTheyAreMapped) {  // F-125, R-047
    const Solution s =
        ask(subject_with(
                {{"SECURITY", 1}, {"SWAP_BANK", 1}, {"PROT_AREA_START1", 0x10}, {"PROT_AREA_END1", 0x1F}}),
            "no-pcrop");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("resetAndDestroyPCROPArea(2)"));
    EXPECT_THAT(s.steps[0].effect, HasSubstr("0x08101000-0x08101fff"));
}

TEST(Solve, TheRssKeepsOffWhereItMayNot) {  // F-191, F-200, R-029, D-27
    const auto takes_the_service = [](const Subject& chip) {
        return print(ask(chip, "no-pcrop")).find("resetAndDestroy") != std::string::npos;
    };
    Subject chip = subject_with({{"SECURITY", 1}, {"PROT_AREA_START1", 0x10}, {"PROT_AREA_END1", 0x1F}});
    EXPECT_TRUE(takes_the_service(chip));
    Subject standard = chip, protected_sector = chip, level1 = chip;
    options::find("SECURITY")->set(standard.image.options, 0);
    EXPECT_FALSE(takes_the_service(standard)) << "a request in standard mode is dropped";
    options::find("nWRP0")->set(protected_sector.image.options, 0);
    EXPECT_THAT(print(ask(protected_sector, "no-pcrop")), HasSubstr("1. ")) << "erase or two steps";
    options::find("RDP")->set(level1.image.options, 0xBB);
    EXPECT_FALSE(takes_the_service(level1)) << "the debugger that calls it closes flash to the RSS";
}

TEST(Solve, AfterSecureCodeOnlyTheMagicOpensTheService) {
    for (const bool magic : {false, true}) {
        Subject chip = subject_with({{"SECURITY", 1},
                                     {"SEC_AREA_START1", 0},
                                     {"SEC_AREA_END1", 0x1F},
                                     {"PROT_AREA_START2", 0x10},
                                     {"PROT_AREA_END2", 0x1F}});
        if (magic) store_le<std::uint32_t>(&chip.image.user[0].data[0x1C], 0x4553'5352);
        const Solution s = ask(chip, "no-pcrop");
        ASSERT_TRUE(s.possible) << print(s);
        EXPECT_TRUE(s.needs_firmware);
        EXPECT_EQ(s.erased == 0, magic) << print(s);
        if (magic) {
            EXPECT_THAT(s.steps.back().what,
                        HasSubstr("secure user software of the CM7 call resetAndDestroyPCROPArea(2)"));
        }
    }
}

TEST(Solve, ASecureAreaComesBackThroughTheService) {  // F-167
    const Subject chip = subject_with();
    Goal goal{
        Goal::Kind::options,
        subject_with({{"SECURITY", 1}, {"SEC_AREA_START2", 0x100}, {"SEC_AREA_END2", 0x1FF}, {"DMES2", 1}})
            .image.options};
    Desk desk = desk_for(chip);
    const Solution s = solve(desk, chip, goal);
    ASSERT_EQ(s.steps.size(), 3U) << print(s);
    EXPECT_THAT(s.steps[0].command, HasSubstr("SECURITY=0x1"));
    EXPECT_THAT(s.steps[1].what, HasSubstr("reset"));
    EXPECT_THAT(s.steps[2].what, HasSubstr("resetAndInitializeSecureAreas(1, {{0x10000, 0x08110000, 1}})"));
    EXPECT_FALSE(s.needs_firmware);
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, ASecureAreaAtLevelOneIsOpenedByItsOwnCode) {  // F-167, F-208, F-209, R-043
    const Subject chip =
        subject_with({{"RDP", 0xBB}, {"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    const Solution s = ask(chip, "unlocked");
    ASSERT_EQ(s.steps.size(), 2U) << print(s);
    EXPECT_TRUE(s.needs_firmware);
    EXPECT_THAT(s.steps[0].what, HasSubstr("secure user software of the CM7 change option bytes: RDP=0xAA"));
    EXPECT_EQ(s.erased, 0xFFFEU) << "DMES1 = 0: the sector of the area stays";
}

TEST(Solve, SecureCodeThatOnlyExitsIsEnough) {
    const Solution s =
        ask(subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}}), "debug");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("exitSecureArea(vectors, 0x97A0FA17)"));
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, AnEmptySecureAreaHasNoWayBack) {  // nothing ends it, the port and the flash stay closed
    Subject chip = subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    chip.image.user = {};  // nobody's code
    for (auto& bank : chip.image.user) {
        bank.data.assign(1U << 20, 0xFF);
        bank.words.assign(bank.data.size() / 32, flash::WordState::erased);
    }
    const Solution s = ask(chip, "unlocked");
    EXPECT_FALSE(s.possible) << print(s);
    EXPECT_TRUE(s.exhausted);
}

TEST(Solve, TheBootloaderServesABlankChipInSecureMode) {  // D-16: BOOT0 low, debug port closed
    Subject chip = subject_with({{"SECURITY", 1}, {"BOR_LEV", 2}});
    for (auto& bank : chip.image.user) {
        std::ranges::fill(bank.data, std::uint8_t{0xFF});
        std::ranges::fill(bank.words, flash::WordState::erased);
    }
    const Solution s = ask(chip, "standard-mode");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("through the bootloader"));
    EXPECT_THAT(s.steps[0].command, HasSubstr("port=USB1 -ob SECURITY=0x0"));
    options::find("RDP")->set(chip.image.options, 0xBB);  // 5.5: nothing but Readout Unprotect
    const Solution level1 = ask(chip, "level-0");
    ASSERT_EQ(level1.steps.size(), 1U) << print(level1);
    EXPECT_THAT(level1.steps[0].command, HasSubstr("-rdu"));
}

TEST(Solve, TheCm4OpensAChipWhoseCm7IsHeld) {  // R-007, F-162: its firmware may set BCM7
    const Subject chip =
        subject_with({{"SECURITY", 1}, {"BCM7", 0}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    const Solution s = ask(chip, "debug");
    ASSERT_TRUE(s.possible) << print(s);
    EXPECT_TRUE(s.needs_firmware);
    EXPECT_THAT(s.steps[0].what, HasSubstr("firmware of the CM4"));
    EXPECT_THAT(s.steps[0].what, HasSubstr("BCM7=0x1"));
    EXPECT_EQ(s.erased, 0U);
}

TEST(Solve, LevelTwoStillSwapsBanks) {  // F-124, F-160: only firmware can ask
    const Solution s = ask(subject_with({{"RDP", 0xCC}, {"SWAP_BANK", 1}}), "no-swap");
    ASSERT_EQ(s.steps.size(), 2U) << print(s);
    EXPECT_TRUE(s.needs_firmware);
    EXPECT_THAT(s.steps[0].what, HasSubstr("SWAP_BANK=0x0"));
    EXPECT_THAT(s.steps[1].what, HasSubstr("reset"));
}

TEST(Solve, LevelZeroKeepsAnAreaThatMayBeKept) {  // F-209
    const Solution s =
        ask(subject_with({{"RDP", 0xBB}, {"PROT_AREA_START1", 0x200}, {"PROT_AREA_END1", 0x3FF}}), "level-0");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_EQ(s.erased, 0xFFFFU & ~0x2U) << "DMEP1 = 0: sector 1 stays";
}

TEST(Solve, PcropWithDmesZeroAtLevelOne) {  // F-173, A-10: both DME bits, although only PCROP is there
    const Solution s = ask(subject_with({{"RDP", 0xBB},
                                         {"SECURITY", 1},
                                         {"PROT_AREA_START1", 0x10},
                                         {"PROT_AREA_END1", 0x1F},
                                         {"DMEP1", 1},
                                         {"DMES1", 0}}),
                           "unlocked");
    ASSERT_TRUE(s.possible) << print(s);
    EXPECT_EQ(s.erased, 0xFFFFU);
    EXPECT_FALSE(s.needs_firmware);
}

TEST(Solve, TheBootloaderIsReachedByThePin) {  // 5.1
    const Solution s = ask(subject_with(), "bootloader");
    ASSERT_EQ(s.steps.size(), 1U) << print(s);
    EXPECT_THAT(s.steps[0].what, HasSubstr("BOOT0 high"));
    EXPECT_FALSE(ask(subject_with({{"RDP", 0xCC}}), "bootloader").possible);  // F-202
}

TEST(Solve, GoalsHaveNames) {
    for (const GoalName& goal : kGoals) EXPECT_TRUE(goal_called(goal.name)) << goal.name;
    EXPECT_EQ(goal_called("no-swap")->kind, Goal::Kind::no_swap);
    EXPECT_EQ(goal_called("factory")->kind, Goal::Kind::factory);
    EXPECT_FALSE(goal_called("options"));
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

#include "emulator/report/option_report.hpp"

#include <gmock/gmock.h>

#include "subjects.hpp"

namespace h7::report {
namespace {

using test::desk_for;
using test::subject_with;
using testing::Contains;
using testing::HasSubstr;

OptionReport ask(const Subject& subject,
                 std::initializer_list<std::pair<std::string_view, std::uint32_t>> changes) {
    flash::OptionWords wanted = subject.image.options;
    for (const auto& [name, value] : changes) options::find(name)->set(wanted, value);
    Desk desk = desk_for(subject);
    return report_change(desk, subject, wanted);
}
const Attempt& by(const OptionReport& report, std::string_view id) {
    for (const Attempt& attempt : report.attempts)
        if (attempt.who.id == id) return attempt;
    return report.attempts.front();
}

TEST(OptionReport, LevelOneCostsARegressionToLeave) {  // F-159, F-161, F-198, F-200, F-208
    const OptionReport r = ask(subject_with(), {{"RDP", 0xBB}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_EQ(r.done()->trial.erased, 0U);
    ASSERT_EQ(r.debugger.size(), 1U);
    EXPECT_EQ(r.debugger[0].rule, "F-200");
    ASSERT_TRUE(r.undo.possible);
    EXPECT_TRUE(r.undo.data_lost);
    EXPECT_EQ(r.undo.erased, 0xFFFFU);
}

TEST(OptionReport, LevelTwoIsForEver) {  // F-160, F-202, F-203
    const OptionReport r = ask(subject_with(), {{"RDP", 0xCC}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_FALSE(r.boot.ap0.open);
    EXPECT_FALSE(r.undo.possible);
    EXPECT_THAT(print(r), HasSubstr("no way back"));
}

TEST(OptionReport, PcropDoesNotShrink) {  // F-144, F-164, F-165
    const Subject chip = subject_with({{"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}});
    const OptionReport r = ask(chip, {{"PROT_AREA_END1", 0x8}});
    EXPECT_EQ(r.done(), nullptr);
    EXPECT_EQ(by(r, "cm7").trial.refusal->rule, "F-164");
    EXPECT_EQ(by(r, "debugger").trial.refusal->id, "PROT_AREA1");
    EXPECT_EQ(by(r, "cm4").trial.refusal->rule, "F-165");
    EXPECT_FALSE(by(r, "cm7-secure").can_ask);
    EXPECT_THAT(print(r), HasSubstr("(F-164, RM0399 4.4.3)"));
}

TEST(OptionReport, ARegressionSaysWhatItKeeps) {  // F-209, F-212
    const Subject chip =
        subject_with({{"RDP", 0xBB}, {"PROT_AREA_START1", 0x200}, {"PROT_AREA_END1", 0x2FF}});
    const OptionReport r = ask(chip, {{"RDP", 0xAA}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_EQ(r.done()->trial.erased, 0xFFFDU);
    EXPECT_TRUE(r.done()->trial.secured_regions_erased);
    EXPECT_THAT(print(r), HasSubstr("bank 1 sectors 0, 2, 3, 4, 5, 6, 7 and bank 2, backup SRAM"));
}

TEST(OptionReport, SecurityPutsTheRssBeforeTheApplication) {  // R-010, F-171, F-227
    const OptionReport r = ask(subject_with(), {{"SECURITY", 1}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_TRUE(r.boot.secure_mode);
    EXPECT_THAT(r.at_next_reset, Contains("SECURITY"));
    EXPECT_THAT(r.boot.story, Contains(HasSubstr("RSS hands over to the application")));
    EXPECT_TRUE(r.boot.ap0.open);
    ASSERT_TRUE(r.undo.possible);
    EXPECT_EQ(r.undo.erased, 0U);
}

TEST(OptionReport, ASecureAreaIsNotForStrangers) {  // F-167, F-168, R-018
    const OptionReport fresh =
        ask(subject_with({{"SECURITY", 1}}), {{"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0xF}});
    EXPECT_EQ(fresh.done(), nullptr);
    EXPECT_EQ(by(fresh, "cm7").trial.refusal->rule, "F-167");
    const Subject chip = subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    const OptionReport grown = ask(chip, {{"SEC_AREA_END1", 0x2F}});
    ASSERT_NE(grown.done(), nullptr);
    EXPECT_EQ(grown.done()->who.id, "cm7-secure");
    EXPECT_FALSE(by(grown, "debugger").can_ask);
    EXPECT_EQ(by(grown, "cm7").trial.refusal->rule, "F-168");
    EXPECT_EQ(by(grown, "cm4").trial.refusal->rule, "F-169");
}

TEST(OptionReport, SwapActsAtTheNextReset) {  // F-122, F-162
    const OptionReport r = ask(subject_with(), {{"SWAP_BANK", 1}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_EQ(r.at_next_reset, std::vector<std::string>{"SWAP_BANK"});
    EXPECT_TRUE(r.undo.possible);
    EXPECT_EQ(r.undo.erased, 0U);
}

TEST(OptionReport, HoldingTheCm7IsShown) {  // system.md 2.2
    const OptionReport r = ask(subject_with(), {{"BCM7", 0}});
    ASSERT_NE(r.done(), nullptr);
    EXPECT_FALSE(r.boot.cm7.runs);
    EXPECT_TRUE(r.boot.cm4.runs);
    EXPECT_TRUE(r.undo.possible);
}

TEST(OptionReport, SecurityOnAPartWithoutIt) {  // D-02
    Subject chip = subject_with();
    chip.part = chip::find_part("H745");
    const OptionReport r = ask(chip, {{"SECURITY", 1}});
    EXPECT_EQ(r.done(), nullptr);
    EXPECT_EQ(by(r, "debugger").trial.refusal->rule, "D-02");
}

}  // namespace
}  // namespace h7::report

#include "emulator/report/explain_erase.hpp"

#include <gmock/gmock.h>

#include "subjects.hpp"

namespace h7::report {
namespace {

using test::desk_for;
using test::subject_with;
using testing::Contains;
using testing::HasSubstr;

Explanation ask(const Subject& subject, const EraseQuestion& question) {
    Desk desk = desk_for(subject);
    const auto answer = explain_erase(desk, subject, question);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or({});
}

TEST(ExplainErase, AnOpenBankGoesForEveryMasterThatReachesTheRegisters) {  // F-081, F-092
    for (const Master who : {Master::cm7, Master::cm4, Master::ap0, Master::ap3}) {
        const Explanation e = ask(subject_with(), {.master = who, .address = 0x0810'0000});
        EXPECT_EQ(e.verdict, "done") << e.question;
        EXPECT_EQ(e.rule, "F-081");
        EXPECT_EQ(e.place, "erased: bank 2");
        EXPECT_EQ(ask(subject_with(), {.master = who, .mass = true}).rule, "F-092");
    }
}

TEST(ExplainErase, OneProtectedSectorStopsTheWholeBank) {  // F-085, F-191, D-04
    const Subject chip = subject_with({{"nWRP3", 0}});
    const Explanation e = ask(chip, {.address = 0x0800'0000});
    EXPECT_EQ(e.verdict, "dropped");
    EXPECT_EQ(e.flag, "WRPERR1");
    EXPECT_EQ(e.rule, "F-191");
    EXPECT_THAT(e.sentence, HasSubstr("F-085"));
    EXPECT_THAT(e.ways, Contains(HasSubstr("protection removal")));
    EXPECT_THAT(e.ways, Contains(HasSubstr("nWRP = 1")));
    EXPECT_THAT(print(e), HasSubstr("* nWRP of bank 1 = 0xF7  (write-protected: bank 1 sector 3)"));
    EXPECT_EQ(ask(chip, {.address = 0x0810'0000}).verdict, "done");
}

TEST(ExplainErase, AMassEraseTakesTheBankThatIsOpen) {  // A-55, F-092
    const Explanation e = ask(subject_with({{"nWRP3", 0}}), {.mass = true});
    EXPECT_EQ(e.verdict, "one bank only");
    EXPECT_FALSE(e.allowed);
    EXPECT_EQ(e.flag, "WRPERR1");
    EXPECT_EQ(e.place, "erased: bank 2");
}

TEST(ExplainErase, ProtectionRemovalIsTheCm7sToPrepare) {  // F-087, F-088, F-090, F-165
    const Subject chip = subject_with({{"PROT_AREA_START1", 0x10}, {"PROT_AREA_END1", 0x1F}});
    const Explanation plain = ask(chip, {.address = 0x0800'0000});
    EXPECT_EQ(plain.rule, "F-222");
    const Explanation removing = ask(chip, {.address = 0x0800'0000, .remove_protections = true});
    EXPECT_EQ(removing.verdict, "done");
    EXPECT_EQ(removing.rule, "F-088");
    const Explanation cm4 =
        ask(chip, {.master = Master::cm4, .address = 0x0800'0000, .remove_protections = true});
    EXPECT_EQ(cm4.verdict, "dropped");
    EXPECT_EQ(cm4.rule, "F-165");
    EXPECT_THAT(cm4.ways, Contains("the CM7 asks"));
    EXPECT_EQ(ask(chip, {.master = Master::ap0, .mass = true, .remove_protections = true}).rule, "F-093");
}

TEST(ExplainErase, SecureCodeErasesItsOwnBank) {  // F-084, F-232
    const Subject chip = subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    EXPECT_EQ(ask(chip, {.mass = true, .moment = Moment::secure}).verdict, "done");
    const Explanation later = ask(chip, {.address = 0x0800'0000, .moment = Moment::after_exit});
    EXPECT_EQ(later.rule, "F-232");
    EXPECT_THAT(later.ways, Contains(HasSubstr("secure user software")));
    EXPECT_THAT(later.ways, Contains(HasSubstr("protection removal")));  // F-091
    EXPECT_EQ(ask(chip, {.master = Master::ap0, .mass = true}).verdict, "no answer");
}

TEST(ExplainErase, LevelOneIsClosedToADebugger) {  // F-086
    const Explanation e = ask(subject_with({{"RDP", 0xBB}}), {.master = Master::ap0, .mass = true});
    EXPECT_EQ(e.verdict, "dropped");
    EXPECT_EQ(e.rule, "F-086");
    EXPECT_EQ(e.flag, "WRPERR1, WRPERR2");
    EXPECT_THAT(e.ways, Contains(HasSubstr("RDP = 0xAA")));
    EXPECT_EQ(ask(subject_with({{"RDP", 0xBB}}), {.mass = true}).verdict, "done");  // F-199
}

TEST(ExplainErase, BanksFollowASwap) {  // F-121, F-127
    const Explanation e = ask(subject_with({{"SWAP_BANK", 1}, {"nWRP3", 0}}), {.address = 0x0810'0000});
    EXPECT_EQ(e.flag, "WRPERR1");
    EXPECT_THAT(e.question, HasSubstr("erases bank 1"));
}

}  // namespace
}  // namespace h7::report

#include "emulator/report/explain.hpp"

#include <gmock/gmock.h>

#include "subjects.hpp"

namespace h7::report {
namespace {

using security::Action;
using test::desk_for;
using test::subject_with;
using testing::Contains;
using testing::HasSubstr;

Explanation ask(const Subject& subject, Master who, Action action, Address address,
                Moment moment = Moment::booted) {
    Desk desk = desk_for(subject);
    const auto answer = explain(desk, subject, {who, action, address, moment});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or({});
}

Subject secured() {  // bank 1: secure-only area of 8 Kbytes, SECURITY on
    return subject_with({{"SECURITY", 1}, {"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
}

TEST(Explain, FactoryFlashIsOpenToEverybody) {  // F-236
    const Subject factory = subject_with();
    for (const Master who : {Master::cm7, Master::cm4, Master::mdma, Master::ap0})
        for (const Action action : {Action::read, Action::fetch, Action::program, Action::erase}) {
            const Explanation e = ask(factory, who, action, 0x0810'0000);
            EXPECT_EQ(e.verdict, "done");
            EXPECT_EQ(e.rule, "F-236");
        }
}

TEST(Explain, SecureAreaIsClosedToTheCm4AndItSaysWhoMay) {  // F-229, F-230, F-231, F-232
    const Explanation e = ask(secured(), Master::cm4, Action::read, 0x0800'0000);
    EXPECT_EQ(e.verdict, "zeros");
    EXPECT_EQ(e.flag, "RDSERR1");
    EXPECT_EQ(e.row, "secure-read");
    EXPECT_EQ(e.rule, "F-229");
    EXPECT_EQ(e.section, "4.5.5, 4.7.9");
    ASSERT_FALSE(e.ways.empty());
    EXPECT_FALSE(e.ways_need_all);
    EXPECT_THAT(e.ways.front(), HasSubstr("secure user software"));
    EXPECT_THAT(e.ways, Contains(HasSubstr("SEC_AREA_START1 > SEC_AREA_END1")));
    EXPECT_THAT(print(e), HasSubstr("* SEC_AREA_START1, SEC_AREA_END1 = 0x0, 0x1F  (0x08000000-0x08001fff)"));
    EXPECT_EQ(ask(secured(), Master::cm4, Action::fetch, 0x0800'0000).verdict, "bus error");
    EXPECT_EQ(ask(secured(), Master::dma1, Action::program, 0x0800'0000).rule, "F-231");
    EXPECT_EQ(ask(secured(), Master::cm4, Action::erase, 0x0801'FFFF).rule, "F-232");
}

TEST(Explain, TheMomentDecidesForTheCm7) {  // F-228, F-229, R-041
    EXPECT_EQ(ask(secured(), Master::cm7, Action::read, 0x0800'0000, Moment::secure).verdict, "done");
    EXPECT_EQ(ask(secured(), Master::cm7, Action::read, 0x0800'0000).verdict, "done");  // it runs after reset
    EXPECT_EQ(ask(secured(), Master::cm7, Action::read, 0x0800'0000, Moment::after_exit).rule, "F-229");
    EXPECT_EQ(ask(secured(), Master::cm7, Action::read, 0x1FF0'0000, Moment::rss).verdict, "done");
    EXPECT_EQ(ask(secured(), Master::cm7, Action::read, 0x1FF0'0000, Moment::after_exit).rule, "D-08");
    const Subject standard = subject_with();
    Desk desk = desk_for(standard);
    const auto never = explain(desk, standard, {Master::cm7, Action::read, 0x0800'0000, Moment::secure});
    ASSERT_FALSE(never);
    EXPECT_THAT(never.error().message, HasSubstr("SECURITY"));
}

TEST(Explain, AClosedDebugPortAnswersNothing) {  // F-202
    const Explanation closed = ask(secured(), Master::ap0, Action::read, 0x0810'0000);
    EXPECT_EQ(closed.verdict, "no answer");
    EXPECT_THAT(closed.ways, Contains(HasSubstr("0x97A0FA17")));
    EXPECT_THAT(closed.ways, Contains("SECURITY = 0 at the last reset"));
    const Explanation level2 = ask(subject_with({{"RDP", 0xCC}}), Master::ap0, Action::read, 0x0800'0000);
    EXPECT_EQ(level2.rule, "F-202");
}

TEST(Explain, PcropIsExecuteOnly) {  // F-219, F-220, F-221, F-222, F-224
    const Subject chip = subject_with({{"PROT_AREA_START2", 0}, {"PROT_AREA_END2", 0xF}});
    const Explanation read = ask(chip, Master::cm7, Action::read, 0x0810'0100);
    EXPECT_EQ(read.rule, "F-220");
    EXPECT_EQ(read.flag, "RDPERR2");
    EXPECT_THAT(read.ways, Contains(HasSubstr("executes it instead")));
    EXPECT_THAT(read.ways, Contains(HasSubstr("PROT_AREA_START2 > PROT_AREA_END2")));
    EXPECT_EQ(ask(chip, Master::cm7, Action::fetch, 0x0810'0100).verdict, "done");
    EXPECT_EQ(ask(chip, Master::cm4, Action::fetch, 0x0810'0100).rule, "F-224");
    EXPECT_EQ(ask(chip, Master::ap0, Action::program, 0x0810'0100).rule, "F-221");
    EXPECT_EQ(ask(chip, Master::cm7, Action::erase, 0x0811'0000).rule, "F-222");  // the sector is touched
}

TEST(Explain, BanksFollowASwap) {  // F-121, F-125, F-127
    const Subject chip = subject_with({{"SWAP_BANK", 1}, {"PROT_AREA_START2", 0}, {"PROT_AREA_END2", 0xF}});
    const Explanation e = ask(chip, Master::cm7, Action::read, 0x0800'0100);
    EXPECT_EQ(e.flag, "RDPERR2");
    EXPECT_THAT(print(e), HasSubstr("(0x08000000-0x08000fff)  PRAR_CUR1"));
    EXPECT_THAT(print(e), HasSubstr("SWAP_BANK"));
}

TEST(Explain, WriteProtectionNamesItsBit) {  // F-191
    const Explanation e = ask(subject_with({{"nWRP11", 0}}), Master::cm7, Action::program, 0x0816'0000);
    EXPECT_EQ(e.rule, "F-191");
    EXPECT_EQ(e.ways, std::vector<std::string>{"nWRP11 = 1"});
}

TEST(Explain, LevelOneClosesFlashToADebugger) {  // F-198, F-200, F-238
    const Subject chip = subject_with({{"RDP", 0xBB}});
    const Explanation read = ask(chip, Master::ap0, Action::read, 0x0800'0000);
    EXPECT_EQ(read.rule, "F-200");
    EXPECT_EQ(read.verdict, "bus error");
    EXPECT_THAT(read.ways, Contains(HasSubstr("RDP = 0xAA")));
    EXPECT_EQ(ask(chip, Master::cm7, Action::read, 0x0800'0000).verdict, "done");  // F-199
    Desk desk = desk_for(chip);
    const auto seen = explain(desk, chip, {Master::cm7, Action::fetch, 0x0800'0000, Moment::booted, true});
    EXPECT_EQ(seen->rule, "F-238");
    EXPECT_THAT(seen->ways.front(), HasSubstr("no debugger since power-on"));
    EXPECT_EQ(ask(chip, Master::ap0, Action::read, 0x3880'0000).rule, "F-200");  // backup SRAM
}

TEST(Explain, AnAreaWithoutSecurityIsSealed) {  // D-03
    const Subject chip = subject_with({{"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}});
    const Explanation e = ask(chip, Master::cm7, Action::read, 0x0800'0000);
    EXPECT_EQ(e.rule, "D-03");
    EXPECT_EQ(e.section, "");
    EXPECT_THAT(e.ways, Contains(HasSubstr("SEC_AREA_START1 > SEC_AREA_END1")));
}

TEST(Explain, TwoProtectionsNeedTwoChanges) {  // F-237, F-221, F-191
    const Subject chip = subject_with({{"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}, {"nWRP0", 0}});
    const Explanation e = ask(chip, Master::cm7, Action::program, 0x0800'0000);
    EXPECT_EQ(e.rule, "F-221");
    EXPECT_TRUE(e.ways_need_all);
    EXPECT_EQ(e.ways.size(), 2U);
}

TEST(Explain, TheCm4HasNoPathToSystemFlashAndTcm) {  // D-01
    const Explanation uid = ask(subject_with(), Master::cm4, Action::read, 0x1FF1'E800);
    EXPECT_EQ(uid.rule, "D-01");
    EXPECT_EQ(uid.verdict, "bus error");
    EXPECT_THAT(uid.ways, Contains("the CM7 asks"));
    const Explanation dtcm = ask(subject_with(), Master::dma1, Action::read, 0x2000'0000);
    EXPECT_EQ(dtcm.row, "no-slave");
    EXPECT_THAT(dtcm.ways.at(0), HasSubstr("MDMA"));
}

TEST(Explain, ATornWordIsABusErrorForEverybody) {  // F-036, D-12
    Subject chip = subject_with();
    chip.image.user[0].words[3] = flash::WordState::ecc_double;
    const Explanation e = ask(chip, Master::cm7, Action::read, 0x0800'0060);
    EXPECT_EQ(e.rule, "F-036");
    EXPECT_EQ(e.flag, "DBECCERR1");
    EXPECT_THAT(print(e), HasSubstr("first programmed by = not known"));
}

TEST(Explain, ABadWordNamesItsFirstWriter) {  // F-035, F-036, D-12
    Subject chip = subject_with();
    chip.image.user[0].words[3] = flash::WordState::ecc_double;
    chip.image.user[0].words[4] = flash::WordState::ecc_single;
    const flash::FirstWriter who{1500, 0x0810'1234, Master::cm4, Context::application,
                                 flash::FirstWriter::Origin::store};
    for (const std::size_t word : {3, 4, 5}) chip.image.user[0].writers.set(word, who);
    const std::string line =
        "first programmed by = CM4 (application), the store at pc 0x08101234, 1500 ps after power-on";
    EXPECT_THAT(print(ask(chip, Master::cm7, Action::read, 0x0800'0060)), HasSubstr(line));
    EXPECT_THAT(print(ask(chip, Master::mdma, Action::read, 0x0800'0080)), HasSubstr(line));
    const std::string json = print_json(ask(chip, Master::cm7, Action::fetch, 0x0800'0060));
    EXPECT_THAT(json, HasSubstr("CM4 (application), the store at pc 0x08101234"));
    EXPECT_THAT(print(ask(chip, Master::cm7, Action::read, 0x0800'00A0)),
                testing::Not(HasSubstr("first programmed")));
}

// The explanation is what the chip does: every protection, master and kind of read, asked both ways.
TEST(Explain, SaysWhatTheBusWouldAnswer) {
    const Subject chips[] = {
        subject_with(),
        secured(),
        subject_with({{"RDP", 0xBB}}),
        subject_with({{"PROT_AREA_START1", 0}, {"PROT_AREA_END1", 0xF}}),
        subject_with({{"SEC_AREA_START1", 0}, {"SEC_AREA_END1", 0x1F}}),
        subject_with({{"SWAP_BANK", 1}, {"PROT_AREA_START2", 0}, {"PROT_AREA_END2", 0xF}})};
    for (const Subject& chip : chips) {
        Desk desk = desk_for(chip);
        for (const Master who : {Master::cm7, Master::cm4, Master::mdma})
            for (const Action action : {Action::read, Action::fetch})
                for (const Address address :
                     {0x0800'0100U, 0x0800'8000U, 0x0810'0100U, 0x1FF0'0000U, 0x2400'0000U}) {
                    const auto e = explain(desk, chip, {who, action, address, Moment::booted});
                    ASSERT_TRUE(e);
                    Access access =
                        desk.chip().as_core(who, address, 4, action == Action::fetch ? Op::fetch : Op::read);
                    const auto bus = desk.chip().read(access);
                    EXPECT_EQ(bus.has_value(), e->verdict != "bus error") << print(*e);
                    EXPECT_TRUE(e->verdict != "zeros" || bus.value_or(1) == 0) << print(*e);
                }
    }
}

}  // namespace
}  // namespace h7::report

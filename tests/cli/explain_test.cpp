// h7rss explain, ob diff, ob explain and ob solve, as a user meets them.
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ExplainVerb : public CommandLine {
protected:
    /// A fresh chip with these option bytes set in one change, for which it must be legal.
    void chip(const std::string& name, const std::vector<std::string>& changes = {}) const {
        works({"chip", "new", name, "--seed", "1"});
        if (changes.empty()) return;
        std::vector<std::string> command = {"ob", "set", name};
        command.insert(command.end(), changes.begin(), changes.end());
        works(command);
    }
    /// An answer that is a refusal: exit 1, the text on standard output, nothing on standard error.
    std::string says_no(const std::vector<std::string>& arguments) const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.exit, 1) << outcome.out << outcome.err;
        EXPECT_EQ(outcome.err, "");
        return outcome.out;
    }
};

TEST_F(ExplainVerb, AllowedIsZeroRefusedIsOne) {  // F-236, F-220, D-01
    chip("a.h7");
    EXPECT_THAT(works({"explain", "a.h7", "0x08000000"}), HasSubstr("verdict     done"));
    EXPECT_THAT(says_no({"explain", "a.h7", "--who", "cm4", "0x1FF1E800"}), HasSubstr("D-01"));
    chip("p.h7", {"PROT_AREA_START1=0", "PROT_AREA_END1=0xF"});
    const std::string text = says_no({"explain", "p.h7", "--who", "mdma", "0x08000100"});
    EXPECT_THAT(text, HasSubstr("verdict     zeros, RDPERR1"));
    EXPECT_THAT(text, HasSubstr("pcrop-read (F-220, RM0399 4.5.4, 4.7.8)"));
}

TEST_F(ExplainVerb, JsonHasTheSame) {  // F-191
    chip("a.h7", {"nWRP3=0"});
    const json answer = json::parse(says_no({"explain", "a.h7", "--op", "erase", "0x08060000", "--json"}));
    EXPECT_EQ(answer["verdict"], "dropped");
    EXPECT_EQ(answer["flag"], "WRPERR1");
    EXPECT_EQ(answer["rule"], "F-191");
    EXPECT_EQ(answer["section"], "4.5.2");
    EXPECT_EQ(answer["allowed_if"][0], "nWRP3 = 1");
}

TEST_F(ExplainVerb, ABadWordNamesWhoProgrammedItFirst) {  // D-12, F-036
    const std::uint32_t words[] = {
        0x2000'1000, 0x0800'0009,  // vectors
        0x4910'480F, 0x4910'6041,  // ldr r0, =FLASH; ldr r1, =KEY1; str r1, [r0, #4]; ldr r1, =KEY2
        0x2132'6041, 0x4A0F'60C1,  // str r1, [r0, #4]; movs r1, #0x32; str r1, [r0, #12]; ldr r2, =word
        0x2305'2108, 0x3201'7013,  // movs r1, #8; movs r3, #5; strb r3, [r2] at 0x0800001C; adds r2, #1
        0x3201'7013, 0x3202'8013,  // strb r3, [r2]; adds r2, #1; strh r3, [r2]; adds r2, #2
        0x6013'3901, 0x3901'3204,  // subs r1, #1; loop: str r3, [r2]; adds r2, #4; subs r1, #1
        0x4A08'D1FB, 0x230A'2108,  // bne loop; ldr r2, =word; movs r1, #8; movs r3, #10
        0x3204'6013, 0xD1FB'3901,  // again: str r3, [r2]; adds r2, #4; subs r1, #1; bne again
        0xBF00'BF00, 0xE7FE'E7FE,  // nop; nop; b .
        0x5200'2000, 0x4567'0123, 0xCDEF'89AB, 0x0804'0000};
    Bytes program(sizeof words);
    for (std::size_t i = 0; i < std::size(words); ++i) store_le32(program, 4 * i, words[i]);
    write("twice.bin", program);
    chip("a.h7");
    works({"run", "--chip", "a.h7", "--m7", "twice.bin@0x08000000", "--limit", "1ms"}, 42);
    EXPECT_THAT(says_no({"explain", "a.h7", "0x08040000"}),
                HasSubstr("first programmed by = CM7 (application), the store at pc 0x0800001c, "));
    const json answer = json::parse(says_no({"explain", "a.h7", "0x08040000", "--json"}));
    EXPECT_EQ(answer["rule"], "F-036");
    EXPECT_EQ(answer["facts"].back()["name"], "first programmed by");
    works({"chip", "copy", "a.h7", "b.h7"});
    EXPECT_THAT(says_no({"explain", "b.h7", "0x08040000"}), HasSubstr("pc 0x0800001c"));
    works({"chip", "export", "a.h7", "-o", "dump"});
    works({"chip", "import", "c.h7", "--options", "dump/options.csv", "--flash", "dump/flash.hex",
           "--word-states", "dump/word-states.txt"});
    EXPECT_THAT(says_no({"explain", "c.h7", "0x08040000"}), HasSubstr("first programmed by = not known"));
}

TEST_F(ExplainVerb, TheReadingsOfTheChipDecide) {  // D-03, D-04
    write("words.txt", "SEC_AREA_START1=0x0\nSEC_AREA_END1=0x1F\nnWRP1=0x0\n");
    works({"chip", "import", "closed.h7", "--options", "words.txt"});
    works({"chip", "import", "open.h7", "--options", "words.txt", "--reading",
           "secure_area_without_security=ignored", "--reading", "bank_erase_with_protection=erase_rest"});
    EXPECT_THAT(says_no({"explain", "closed.h7", "0x08000000"}),
                HasSubstr("reading secure_area_without_security = closed"));
    EXPECT_THAT(works({"explain", "open.h7", "0x08000000"}),
                HasSubstr("reading secure_area_without_security = ignored"));
    EXPECT_THAT(says_no({"explain", "closed.h7", "--op", "bank-erase", "0x08000000"}),
                HasSubstr("nothing is erased"));
    EXPECT_THAT(
        says_no({"explain", "open.h7", "--op", "bank-erase", "0x08000000"}),
        testing::AllOf(HasSubstr("the rest only, WRPERR1"), HasSubstr("erased: bank 1 sectors 0, 2")));
    EXPECT_THAT(works({"ob", "explain", "closed.h7", "BOR_LEV=1"}), HasSubstr("0x08000000"));
    EXPECT_THAT(works({"ob", "explain", "closed.h7", "BOR_LEV=1"}),
                testing::Ne(works({"ob", "explain", "open.h7", "BOR_LEV=1"})));
    EXPECT_THAT(works({"ob", "solve", "open.h7", "--goal", "unlocked"}), HasSubstr("1. "));
}

TEST_F(ExplainVerb, MisuseNamesWhatIsKnown) {
    chip("a.h7");
    refuses({"explain", "a.h7", "--who", "spi", "0"}, 2, {"--who spi", "cm7", "debugger"});
    refuses({"explain", "a.h7", "--op", "jump", "0"}, 2, {"--op jump", "fetch"});
    refuses({"explain", "a.h7", "--state", "asleep", "0"}, 2, {"--state asleep", "after-exit"});
    refuses({"explain", "a.h7", "here"}, 2, {"address here"});
    refuses({"explain", "a.h7", "--state", "secure", "0x08000000"}, 2, {"a.h7", "SECURITY"});
    refuses({"explain", "a.h7", "--op", "erase", "0x24000000"}, 2, {"a.h7", "only flash is erased"});
    refuses({"explain", "none.h7", "0"}, 2, {"none.h7", "No such file"});
    refuses({"ob", "solve", "a.h7", "--goal", "rich"}, 2, {"--goal rich", "no-pcrop"});
    refuses({"ob", "explain", "a.h7", "RPD=1"}, 2, {"RPD", "RDP"});
    refuses({"ob", "explain", "a.h7"}, 2, {"changes"});
    refuses({"ob", "diff", "a.h7", "none.h7"}, 2, {"none.h7"});
}

TEST_F(ExplainVerb, DiffPrintsWhatDiffers) {
    chip("a.h7");
    chip("b.h7", {"BOR_LEV=2"});
    EXPECT_THAT(works({"ob", "diff", "a.h7", "factory"}), HasSubstr("the same"));
    EXPECT_THAT(works({"ob", "diff", "a.h7", "b.h7"}), HasSubstr("BOR_LEV"));
    const json fields = json::parse(works({"ob", "diff", "b.h7", "factory", "--json"}))["differences"];
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_EQ(fields[0]["a"], 2);
    EXPECT_EQ(fields[0]["b"], 0);
}

TEST_F(ExplainVerb, QuestionsChangeNothing) {  // D-31
    chip("a.h7", {"RDP=0xBB"});
    const Bytes before = read("a.h7");
    works({"ob", "explain", "a.h7", "RDP=0xAA"});
    works({"ob", "solve", "a.h7"});
    EXPECT_EQ(read("a.h7"), before);
}

TEST_F(ExplainVerb, LevelTwoIsSaidToBeForEver) {  // F-159, F-160, F-202, F-203
    chip("a.h7");
    const json before = json::parse(works({"ob", "explain", "a.h7", "RDP=0xCC", "--json"}));
    EXPECT_EQ(before["accepted"], true);
    EXPECT_EQ(before["way_back"]["possible"], false);
    works({"ob", "set", "a.h7", "RDP=0xCC"});  // F-203: the tool sees the end of its own change
    EXPECT_THAT(says_no({"ob", "solve", "a.h7"}), HasSubstr("no way back"));
    EXPECT_THAT(says_no({"explain", "a.h7", "--who", "debugger", "0x08000000"}), HasSubstr("F-202"));
    refuses({"ob", "set", "a.h7", "RDP=0xAA"}, 1, {"F-202"});
}

TEST_F(ExplainVerb, TheStepsOfSolveLeadThere) {  // F-161, F-164, F-208: carried out with ob set, one by one
    chip("a.h7", {"RDP=0xBB", "PROT_AREA_START1=0", "PROT_AREA_END1=0xF", "nWRP9=0"});
    const json way = json::parse(works({"ob", "solve", "a.h7", "--json"}));
    ASSERT_EQ(way["possible"], true);
    for (const json& step : way["steps"]) {
        const std::string command = step["command"];
        const std::size_t at = command.find("-ob ");
        ASSERT_NE(at, std::string::npos) << command;
        std::vector<std::string> set = {"ob", "set", "a.h7"};
        std::istringstream names(command.substr(at + 4));
        for (std::string name; names >> name;) set.push_back(name);
        works(set);
    }
    EXPECT_THAT(works({"ob", "solve", "a.h7"}), HasSubstr("nothing to do"));
}

TEST_F(ExplainVerb, SolveTakesOptionBytesAsAGoal) {  // F-161, F-164
    chip("a.h7", {"PROT_AREA_START1=0", "PROT_AREA_END1=0xF"});
    const json way =
        json::parse(works({"ob", "solve", "a.h7", "--goal", "PROT_AREA_END1=8,BOR_LEV=2", "--json"}));
    EXPECT_EQ(way["possible"], true);
    EXPECT_GT(way["steps"].size(), 1U) << "an area shrinks only by way of level 1";
    EXPECT_THAT(works({"ob", "solve", "a.h7", "--goal", "BOR_LEV=0"}), HasSubstr("nothing to do"));
    refuses({"ob", "solve", "a.h7", "--goal", "BOR=1"}, 2, {"BOR"});
    refuses({"ob", "solve", "a.h7", "--goal", "freedom"}, 2, {"unlocked", "no-swap", "NAME=VALUE"});
    EXPECT_THAT(works({"ob", "solve", "--help"}), HasSubstr("bootloader"));
}

TEST_F(ExplainVerb, ARefusedChangeNamesTheRule) {  // F-164, F-165
    chip("a.h7", {"PROT_AREA_START1=0", "PROT_AREA_END1=0xF"});
    const std::string text = says_no({"ob", "explain", "a.h7", "PROT_AREA_END1=8"});
    EXPECT_THAT(text, HasSubstr("F-164"));
    EXPECT_THAT(text, HasSubstr("refused: nobody"));
}

TEST_F(ExplainVerb, ErasesOfBanks) {  // F-085, F-087, F-092
    chip("a.h7", {"nWRP0=0"});
    EXPECT_THAT(says_no({"explain", "a.h7", "--op", "bank-erase", "0x08000000"}), HasSubstr("F-191"));
    works({"explain", "a.h7", "--op", "mass-erase", "--remove-protections"});
    refuses({"explain", "a.h7", "--op", "bank-erase"}, 2, {"needs an address"});
    refuses({"explain", "a.h7", "--remove-protections", "0x08000000"}, 2, {"F-087"});
    refuses({"explain", "a.h7", "--op", "bank-erase", "0x20000000"}, 2, {"no bank"});
}

TEST_F(ExplainVerb, HelpIsTheManual) {
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"explain"}, {"ob", "diff"}, {"ob", "explain"}, {"ob", "solve"}}) {
        auto arguments = verb;
        arguments.push_back("--help");
        EXPECT_THAT(works(arguments), HasSubstr("Usage: "));
    }
}

}  // namespace
}  // namespace h7::test

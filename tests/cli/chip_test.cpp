// h7rss chip and h7rss ob show, as a user meets them.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ChipVerb : public CommandLine {};

TEST_F(ChipVerb, NewChipsAreFactoryFreshAndDiffer) {  // D-18
    works({"chip", "new", "a.h7"});
    works({"chip", "new", "b.h7", "--part", "h745"});
    const json a = json::parse(works({"chip", "show", "a.h7", "--json"}));
    const json b = json::parse(works({"chip", "show", "b.h7", "--json"}));
    EXPECT_EQ(a["part"], "STM32H755");
    EXPECT_EQ(b["part"], "STM32H745");
    EXPECT_NE(a["uid"], b["uid"]);
    EXPECT_EQ(a["product_id"], "45002001");
    EXPECT_EQ(a["signed_by_test_ca"], true);
    EXPECT_EQ(a["device_key_fits"], true);
    EXPECT_EQ(a["bank1"]["programmed"], 0);
    EXPECT_EQ(a["bank1"]["flash_words"], 32768);
    EXPECT_EQ(a["option_bytes"]["words"]["OPTSR"], "0x17C6AAF0");
    EXPECT_EQ(a["option_bytes"]["RDP"]["value"], 0xAA);
}

TEST_F(ChipVerb, TheFileIsForItsOwnerOnlyAndNoOutputShowsTheKey) {  // D-14
    works({"chip", "new", "a.h7", "--seed", "7"});
    struct stat info {};
    ASSERT_EQ(::stat(file("a.h7").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    for (const std::string& text :
         {works({"chip", "show", "a.h7"}), works({"chip", "show", "a.h7", "--json"}),
          works({"chip", "certificate", "a.h7", "--json"})})
        EXPECT_THAT(text, testing::Not(HasSubstr("private")));
}

TEST_F(ChipVerb, ASeedGivesTheSameUidAgain) {
    works({"chip", "new", "a.h7", "--seed", "7"});
    works({"chip", "new", "b.h7", "--seed", "7"});
    EXPECT_EQ(works({"chip", "certificate", "a.h7"}), works({"chip", "certificate", "b.h7"}));
}

TEST_F(ChipVerb, CertificateWritesThe136BytesAndPrintsTheUid) {  // D-18
    works({"chip", "new", "a.h7"});
    const std::string uid = works({"chip", "certificate", "a.h7", "-o", "cert.bin"});
    EXPECT_EQ(read("cert.bin").size(), 136U);
    EXPECT_EQ(uid.size(), 25U);
    refuses({"chip", "certificate", "a.h7", "-o", "no/such/cert.bin"}, 2,
            {"no/such/cert.bin", "cannot create"});
    refuses({"chip", "certificate", "a.h7", "-o", "a.h7"}, 2, {"a.h7", "the chip file itself"});
}

TEST_F(ChipVerb, CopyKeepsTheIdentityUnlessAskedOtherwise) {  // D-18
    works({"chip", "new", "a.h7"});
    works({"chip", "copy", "a.h7", "b.h7"});
    works({"chip", "copy", "a.h7", "c.h7", "--new-identity"});
    EXPECT_EQ(works({"chip", "certificate", "a.h7", "--json"}),
              works({"chip", "certificate", "b.h7", "--json"}));
    EXPECT_NE(works({"chip", "certificate", "a.h7"}), works({"chip", "certificate", "c.h7"}));
    refuses({"chip", "copy", "a.h7", "b.h7"}, 2, {"b.h7: exists already"});
    refuses({"chip", "copy", "a.h7", "d.h7", "--seed", "1"}, 2, {"--new-identity"});
}

TEST_F(ChipVerb, ResetKeepsTheIdentity) {  // D-18
    works({"chip", "new", "a.h7"});
    const std::string before = works({"chip", "show", "a.h7", "--json"});
    works({"chip", "reset", "a.h7"});
    EXPECT_EQ(works({"chip", "show", "a.h7", "--json"}), before);
}

TEST_F(ChipVerb, ReadingsAreKeptWithTheChip) {  // D-03, D-04, D-10, D-13, D-20, D-29
    works({"chip", "new", "--reading", "bank_erase_with_protection=erase_rest", "a.h7", "--reading",
           "ram_fill=zeros", "--reading", "exit_abi=2"});
    EXPECT_THAT(works({"chip", "show", "a.h7"}),
                HasSubstr("readings     bank_erase_with_protection=erase_rest, ram_fill=zeros\n"));
    const json all = json::parse(works({"chip", "show", "a.h7", "--json"}))["readings"];
    EXPECT_EQ(all, json({{"secure_area_without_security", "closed"},
                         {"bank_erase_with_protection", "erase_rest"},
                         {"exit_abi", "2"},
                         {"ram_fill", "zeros"},
                         {"exit_clears_registers", "no"},
                         {"strict_bus_faults", "no"}}));
    works({"chip", "reset", "a.h7"});
    EXPECT_EQ(json::parse(works({"chip", "show", "a.h7", "--json"}))["readings"], all);
    works({"chip", "copy", "a.h7", "b.h7", "--reading", "ram_fill=random"});
    EXPECT_THAT(works({"chip", "show", "b.h7"}),
                HasSubstr("readings     bank_erase_with_protection=erase_rest\n"));
    works({"chip", "new", "c.h7"});
    EXPECT_THAT(works({"chip", "show", "c.h7"}), HasSubstr("readings     the default ones\n"));
}

TEST_F(ChipVerb, ReadingsThatDoNotExistAreRefusedWithThoseThatDo) {
    refuses({"chip", "new", "a.h7", "--reading", "bank_erase"}, 2,
            {"--reading bank_erase: write NAME=VALUE"});
    refuses({"chip", "new", "a.h7", "--reading", "erase=rest"}, 2,
            {"--reading erase=rest", "bank_erase_with_protection=refuse|erase_rest",
             "ram_fill=random|zeros|ones"});
    refuses({"chip", "new", "a.h7", "--reading", "ram_fill=42"}, 2,
            {"ram_fill=42: one of random|zeros|ones (D-13)"});
    refuses({"chip", "new", "a.h7", "--reading", "ram_fill=ones", "--reading", "ram_fill=zeros"}, 2,
            {"twice"});
    works({"chip", "new", "a.h7"});
    refuses({"run", "--chip", "a.h7", "--reading", "ram_fill=ones"}, 2, {"h7rss chip copy a.h7"});
    EXPECT_THAT(
        works({"chip", "new", "--help"}),
        testing::AllOf(HasSubstr("secure_area_without_security=closed|ignored"), HasSubstr("(D-29)")));
}

TEST_F(ChipVerb, OptionBytesPrintAsTheToolPrintsThem) {
    works({"chip", "new", "a.h7"});
    EXPECT_THAT(works({"ob", "show", "a.h7"}),
                HasSubstr("     RDP              : 0xAA  (Level 0, no protection)\n"));
    EXPECT_EQ(json::parse(works({"ob", "show", "a.h7", "--json"}))["BOOT_CM4_ADD0"]["value"], 0x810);
}

TEST_F(ChipVerb, HelpIsTheManualAndEndsWithZero) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{}, {"chip"}, {"chip", "new"}, {"ob", "show"}}) {
        auto arguments = command;
        arguments.push_back("--help");
        EXPECT_THAT(works(arguments), HasSubstr("Usage: "));
    }
    EXPECT_THAT(works({"version"}), HasSubstr("h7rss "));
}

TEST_F(ChipVerb, LevelTwoIsSetAndStays) {  // F-202 F-206: the debug port closes behind the change
    works({"chip", "new", "two.h7"});
    works({"ob", "set", "two.h7", "RDP=0xCC"});
    EXPECT_THAT(works({"ob", "show", "two.h7"}), HasSubstr("RDP              : 0xCC"));
    refuses({"ob", "set", "two.h7", "RDP=0xAA"}, 1, {"F-202"});
}

}  // namespace
}  // namespace h7::test

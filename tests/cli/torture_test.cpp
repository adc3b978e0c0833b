// h7rss sfi torture and smi torture: exit 4 from end to end, the reproducer it prints, and the judge's own
// test.
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class TortureVerb : public CommandLineWithInputs {
protected:
    void SetUp() override {
        CommandLineWithInputs::SetUp();
        works({"chip", "new", "a.h7", "--seed", "1"});
        uid_ = works({"chip", "certificate", "a.h7", "-o", "cert.bin"}).substr(0, 24);
    }
    void image() const {
        works({"sfi", "keygen", "--key", "k", "--nonce", "n"});
        works({"sfi", "pack", "app.elf", "-k", "k", "-n", "n", "--ob", "ob.csv", "-o", "image.sfi"});
        license("n", "a.lic");
    }
    void license(const std::string& nonce, const std::string& out, const std::string& more = "") const {
        std::vector<std::string> issue = {"license",  "issue", "--certificate", "cert.bin", "--uid", uid_,
                                          "--key",    "k",     "--nonce",       nonce,      "-o",    out,
                                          "--test-ca"};
        if (!more.empty()) issue.push_back(more);
        works(issue);
    }
    static std::vector<std::string> words(const std::string& line) {
        std::istringstream in(line);
        std::vector<std::string> all;
        for (std::string word; in >> word;) all.push_back(word);
        return all;
    }
    std::string uid_;
};

TEST_F(TortureVerb,
       ABrokenRuleEndsWithExit4AndTheReproducerShowsItAgain) {  // issue 7: exit 4 with a reproducer
    image();
    const std::string text = works({"sfi", "torture", "a.h7", "image.sfi", "a.lic", "--quick", "--seed", "5",
                                    "--shard", "1/6", "--break", "no-abort-erase"},
                                   4);
    EXPECT_THAT(text, HasSubstr("holds plaintext of the image"));
    const std::size_t at = text.find("again: h7rss ");
    ASSERT_NE(at, std::string::npos) << text;
    const std::size_t begin = at + 13;
    std::vector<std::string> again = words(text.substr(begin, text.find('\n', begin) - begin));
    EXPECT_THAT(again,
                testing::IsSupersetOf({"--quick", "--break", "no-abort-erase", "--seed", "5", "--only"}));
    const std::string name = again.back();
    const std::string once_more = works(again, 4);
    EXPECT_THAT(once_more, HasSubstr("VIOLATION " + name));
    // The same violation, in the same words, and in the other reports.
    const std::size_t what = text.find("VIOLATION " + name);
    EXPECT_THAT(once_more, HasSubstr(text.substr(what, text.find('\n', what) - what)));
    again.emplace_back("--json");
    const json object = json::parse(works(again, 4));
    EXPECT_EQ(object["broken"][0]["case"], name);
    EXPECT_THAT(object["broken"][0]["again"].get<std::string>(), HasSubstr("--break no-abort-erase"));
    // On the sound chip the same case is in order.
    again.pop_back();
    again.erase(std::ranges::find(again, "--break"), std::ranges::find(again, "--break") + 2);
    EXPECT_THAT(works(again), HasSubstr("0 violations"));
    refuses({"sfi", "torture", "a.h7", "image.sfi", "a.lic", "--break", "nothing"}, 2,
            {"--break nothing", "no-abort-erase", "key-in-ram"});
}

TEST_F(TortureVerb, TheJudgeSeesEveryRuleThatIsTakenAway) {
    image();
    const json object =
        json::parse(works({"sfi", "torture", "a.h7", "image.sfi", "a.lic", "--self-test", "--json"}));
    EXPECT_EQ(object["not_seen"], 0);
    EXPECT_GE(object["self_test"].size(), 8U);
    for (const json& one : object["self_test"]) EXPECT_NE(one["seen_in"], "") << one["without"];
}

TEST_F(TortureVerb, AModuleAlone) {  // rss-sfi-bootloader.md 4.10, decision 0213
    write("module.bin", Bytes(600, 0x42));
    works({"sfi", "keygen", "--key", "k"});
    works({"smi", "pack", "module.bin@0x08040000", "-k", "k", "-o", "m.smi"});
    license("m.smi.nonce", "m.lic", "--module");
    const Bytes chip = read("a.h7");
    const json object = json::parse(
        works({"smi", "torture", "a.h7", "m.smi", "m.lic", "--quick", "--shard", "1/4", "--json"}));
    EXPECT_EQ(object["violations"], 0) << object["broken"];
    EXPECT_GT(object["cycles"], 10);
    std::set<std::string> ends;
    for (const json& line : object["outcomes"]) ends.insert(line["ended"]);
    for (const char* end :
         {"old, then complete", "overwritten, then complete", "complete", "E_HDR_TAG", "E_LIC_TAG"})
        EXPECT_TRUE(ends.contains(end)) << end;
    EXPECT_EQ(read("a.h7"), chip);
    refuses({"smi", "torture", "a.h7", "m.smi", "cert.bin"}, 2, {"license"});
}

}  // namespace
}  // namespace h7::test

// h7rss sfi install and ob set: the chip's own refusals, and what they leave on disk.
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Install : public CommandLineWithInputs {
protected:
    void SetUp() override {
        CommandLineWithInputs::SetUp();
        works({"chip", "new", "a.h7"});
        works({"sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin"});
        works({"sfi", "pack", "app.elf", "-k", "key.bin", "-n", "nonce.bin", "--ob", "ob.csv", "-o",
               "image.sfi"});
        license("a.h7", "a.lic");
    }
    void license(const std::string& chip, const std::string& out) const {
        const std::string uid = works({"chip", "certificate", chip, "-o", "cert.bin"}).substr(0, 24);
        works({"license", "issue", "--certificate", "cert.bin", "--uid", uid, "--key", "key.bin", "--nonce",
               "nonce.bin", "-o", out, "--test-ca"});
    }
    json shown(const std::string& chip) const { return json::parse(works({"chip", "show", chip, "--json"})); }
};

TEST_F(Install, InstallsThroughTheRss) {  // D-16
    const std::string text = works({"sfi", "install", "a.h7", "image.sfi", "a.lic"});
    EXPECT_THAT(text, HasSubstr("setting SECURITY=1 ST_RAM_SIZE=3"));
    EXPECT_THAT(text, HasSubstr("SFI installed"));
    const json chip = shown("a.h7");
    EXPECT_EQ(chip["bank1"]["programmed"], 2);
    EXPECT_EQ(chip["option_bytes"]["RDP"]["value"], 0xBB);
    EXPECT_GT(chip["journal"]["programmed"], 0);
}

TEST_F(Install, NoPrepareRefusesAChipThatIsNotPrepared) {  // D-16
    refuses({"sfi", "install", "a.h7", "image.sfi", "a.lic", "--no-prepare"}, 1,
            {"a.h7: E_DISABLED", "SECURITY"});
    works({"ob", "set", "a.h7", "SECURITY=1"});
    refuses({"sfi", "install", "a.h7", "image.sfi", "a.lic", "--no-prepare"}, 1,
            {"a.h7: E_RAM", "ST_RAM_SIZE"});
    works({"ob", "set", "a.h7", "ST_RAM_SIZE=3"});
    works({"sfi", "install", "a.h7", "image.sfi", "a.lic", "--no-prepare"});
}

TEST_F(Install, APartWithoutSecurityIsNamed) {  // D-02
    works({"chip", "new", "b.h7", "--part", "H745"});
    license("b.h7", "b.lic");
    refuses({"sfi", "install", "b.h7", "image.sfi", "b.lic"}, 1,
            {"STM32H745 has no secure access mode", "STM32H755"});
}

TEST_F(Install, OptionsThatAPartDoesNotHaveAreNamed) {  // D-02, D-03, F-020
    works({"chip", "new", "b.h7", "--part", "H745"});
    refuses({"ob", "set", "b.h7", "SECURITY=1", "BOR_LEV=2"}, 1,
            {"b.h7: SECURITY=1", "STM32H745 has no secure access mode", "STM32H755", "unchanged"});
    EXPECT_EQ(shown("b.h7")["option_bytes"]["BOR_LEV"]["value"], 0) << "nothing of the change happened";
    EXPECT_THAT(works({"ob", "set", "b.h7", "SEC_AREA_END1=0x1F", "ST_RAM_SIZE=3"}),
                HasSubstr("note: SEC_AREA_END1, ST_RAM_SIZE without effect: STM32H745"));
    works({"chip", "new", "g.h7", "--part", "H745G"});
    EXPECT_THAT(works({"ob", "set", "g.h7", "nWRP5=0", "nWRP3=0"}),
                HasSubstr("note: nWRP5 without effect: STM32H745G has sectors 0 to 3"));
}

TEST_F(Install, AnImageThatEndsTheSwapSaysWhereItsCodeStands) {  // F-121, F-122, rss-sfi-bootloader.md 4.8
    works({"ob", "set", "a.h7", "SWAP_BANK=1"});
    const std::string text = works({"sfi", "install", "a.h7", "image.sfi", "a.lic"});
    EXPECT_THAT(text, HasSubstr("warning: SWAP_BANK was 1 during the install and is 0 now"));
    EXPECT_THAT(text, HasSubstr("stands at 0x08100000"));
    const json chip = shown("a.h7");
    EXPECT_EQ(chip["option_bytes"]["SWAP_BANK"]["value"], 0);
    EXPECT_EQ(chip["bank1"]["programmed"], 0);
    EXPECT_GT(chip["bank2"]["programmed"], 0);
    works({"chip", "new", "b.h7"});
    license("b.h7", "b.lic");
    EXPECT_THAT(works({"sfi", "install", "b.h7", "image.sfi", "b.lic"}), Not(HasSubstr("warning")));
}

TEST_F(Install, ALicenseForAnotherChipLeavesTheChipUntouched) {
    works({"chip", "new", "b.h7"});
    refuses({"sfi", "install", "b.h7", "image.sfi", "a.lic"}, 1, {"b.h7: E_LIC", "the chip is unchanged"});
}

TEST_F(Install, AnImageCutAtAnyByteIsRefused) {
    const Bytes whole = read("image.sfi");
    for (std::size_t size = 0; size < whole.size(); size += 23) {
        write("cut.sfi", ByteView(whole).first(size));
        refuses({"sfi", "install", "a.h7", "cut.sfi", "a.lic"}, 2, {"cut.sfi", "E_"});
    }
    write("cut.lic", ByteView(read("a.lic")).first(135));
    refuses({"sfi", "install", "a.h7", "image.sfi", "cut.lic"}, 2, {"cut.lic", "E_LIC"});
}

TEST_F(Install, AFlippedByteAnywhereIsRefusedAndLeavesTheChipUntouched) {
    const Bytes image = read("image.sfi"), license = read("a.lic");
    for (std::size_t at = 0; at < image.size(); at += 17) {
        Bytes bad = image;
        bad[at] ^= 0x04;
        write("bad.sfi", bad);
        const Outcome outcome = run({"sfi", "install", "a.h7", "bad.sfi", "a.lic"});
        EXPECT_TRUE(outcome.exit == 1 || outcome.exit == 2) << at;
        EXPECT_THAT(outcome.err, HasSubstr("E_"));
    }
    for (std::size_t at = 0; at < license.size(); at += 13) {
        Bytes bad = license;
        bad[at] ^= 0x04;
        write("bad.lic", bad);
        const Outcome outcome = run({"sfi", "install", "a.h7", "image.sfi", "bad.lic"});
        EXPECT_TRUE(outcome.exit == 1 || outcome.exit == 2) << at;
        EXPECT_THAT(outcome.err, HasSubstr("E_LIC"));
    }
    EXPECT_EQ(shown("a.h7")["bank1"]["programmed"], 0);
    works({"sfi", "install", "a.h7", "image.sfi", "a.lic"});
}

TEST_F(Install, AChipUnderReadProtectionTakesNone) {
    works({"ob", "set", "a.h7", "RDP=0xBB"});
    refuses({"sfi", "install", "a.h7", "image.sfi", "a.lic"}, 1, {"a.h7: E_RDP", "0xBB"});
}

TEST_F(Install, OptionBytesAreChangedAsTheChipAllows) {
    works({"ob", "set", "a.h7", "BOR_LEV=2", "BCM4=0", "nWRP9=0"});
    const json options = shown("a.h7")["option_bytes"];
    EXPECT_EQ(options["BOR_LEV"]["value"], 2);
    EXPECT_EQ(options["BCM4"]["value"], 0);
    EXPECT_EQ(options["words"]["WPSN2"], "0x000000FD");
    EXPECT_THAT(works({"ob", "set", "a.h7", "BOR_LEV=2"}), HasSubstr("unchanged"));
}

TEST_F(Install, TheChipRefusesAnIllegalOptionChangeAndNamesTheRule) {  // F-164, F-166
    works({"ob", "set", "a.h7", "PROT_AREA_START1=0x10", "PROT_AREA_END1=0x20"});
    refuses({"ob", "set", "a.h7", "PROT_AREA_END1=0x18"}, 1, {"a.h7", "F-164", "unchanged"});
    works({"ob", "set", "a.h7", "DMEP1=1"});
    refuses({"ob", "set", "a.h7", "DMEP1=0"}, 1, {"a.h7", "F-166"});
}

TEST_F(Install, BadOptionBytes) {
    refuses({"ob", "set", "a.h7", "SECURITI=1"}, 2, {"SECURITI", "nearest is SECURITY"});
    refuses({"ob", "set", "a.h7", "RDP=0x1BB"}, 2, {"RDP", "0xFF"});
    refuses({"ob", "set", "a.h7", "RDP"}, 2, {"NAME=VALUE"});
    refuses({"ob", "set", "a.h7"}, 2, {"changes"});
    refuses({"ob", "set", "none.h7", "RDP=0xBB"}, 2, {"none.h7", "No such file"});
}

}  // namespace
}  // namespace h7::test

// h7rss smi install: a module alone, from the packer to its protected area (rss-sfi-bootloader.md 4.10).
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ModuleInstall : public CommandLine {
protected:
    void SetUp() override {
        CommandLine::SetUp();
        write("module.bin", Bytes(600, 0x42));
        works({"sfi", "keygen", "--key", "vendor.bin"});
        works({"chip", "new", "a.h7"});
        pack("m", "0x08040000");
        license("a.h7", "m");
    }
    void pack(const std::string& name, const std::string& address) const {
        works({"smi", "pack", "module.bin@" + address, "-k", "vendor.bin", "-o", name + ".smi"});
    }
    /// NAME.lic: for the module NAME.smi on `chip`; with `more` for something else.
    void license(const std::string& chip, const std::string& name,
                 const std::string& more = "--module") const {
        const std::string uid = works({"chip", "certificate", chip, "-o", "cert.bin"}).substr(0, 24);
        std::vector<std::string> issue = {
            "license",    "issue",   "--certificate",     "cert.bin", "--uid",       uid,        "--key",
            "vendor.bin", "--nonce", name + ".smi.nonce", "-o",       name + ".lic", "--test-ca"};
        if (!more.empty()) issue.push_back(more);
        works(issue);
    }
    json shown(const std::string& chip) const { return json::parse(works({"chip", "show", chip, "--json"})); }
};

TEST_F(ModuleInstall, InstallsTwoModulesOfABankOneAfterTheOther) {  // R-048, F-217
    const std::string text = works({"smi", "install", "a.h7", "m.smi", "m.lic"});
    EXPECT_THAT(text, HasSubstr("setting SECURITY=1 (one change"));
    EXPECT_THAT(text, HasSubstr("SMI installed"));
    json chip = shown("a.h7");
    EXPECT_EQ(chip["bank1"]["programmed"], 19) << "608 bytes";
    EXPECT_EQ(chip["option_bytes"]["words"]["PRAR1"], "0x84020400") << "0x08040000-0x080402FF, DMEP = 1";
    // The next one extends the area, and nothing has to be prepared any more.
    pack("n", "0x08040300");
    license("a.h7", "n");
    EXPECT_THAT(works({"smi", "install", "a.h7", "n.smi", "n.lic", "--no-prepare"}),
                Not(HasSubstr("SECURITY")));
    EXPECT_EQ(shown("a.h7")["option_bytes"]["words"]["PRAR1"], "0x84050400");
    works({"explain", "a.h7", "0x08040000", "--op", "read"}, 1);
}

TEST_F(ModuleInstall, RefusalsLeaveTheFileAsItWas) {  // decision 0080
    refuses({"smi", "install", "a.h7", "m.smi", "m.lic", "--no-prepare"}, 1,
            {"a.h7: E_DISABLED", "SECURITY"});
    Bytes bad = read("m.smi");
    bad.back() ^= 1;
    write("bad.smi", bad);
    refuses({"smi", "install", "a.h7", "bad.smi", "m.lic"}, 1, {"a.h7: E_HDR_TAG", "the chip is unchanged"});
    bad = read("m.lic");
    bad.back() ^= 1;
    write("bad.lic", bad);
    refuses({"smi", "install", "a.h7", "m.smi", "bad.lic"}, 1, {"a.h7: E_LIC_TAG", "the chip is unchanged"});
    works({"chip", "new", "b.h7"});
    refuses({"smi", "install", "b.h7", "m.smi", "m.lic"}, 1, {"b.h7: E_LIC_TAG"});
    works({"ob", "set", "b.h7", "RDP=0xBB"});
    refuses({"smi", "install", "b.h7", "m.smi", "m.lic"}, 1, {"b.h7: E_RDP"});
    works({"chip", "new", "c.h7", "--part", "H745"});
    refuses({"smi", "install", "c.h7", "m.smi", "m.lic"}, 1, {"STM32H745 has no secure access mode"});
    works({"ob", "set", "a.h7", "nWRP2=0"});
    refuses({"smi", "install", "a.h7", "m.smi", "m.lic"}, 1, {"a.h7: E_WRP"});
    EXPECT_EQ(shown("a.h7")["bank1"]["programmed"], 0);
}

TEST_F(ModuleInstall, FilesThatAreNoneAreNamedBeforeTheChipIsOpened) {
    license("a.h7", "m", "");
    refuses({"smi", "install", "a.h7", "m.smi", "m.lic"}, 2, {"m.lic", "firmware (SFI)", "--module"});
    license("a.h7", "m");
    const Bytes whole = read("m.smi");
    for (const std::size_t size : {0UL, 47UL, 48UL, 300UL, whole.size() - 1}) {
        write("cut.smi", ByteView(whole).first(size));
        refuses({"smi", "install", "none.h7", "cut.smi", "m.lic"}, 2, {"cut.smi", "E_"});
    }
    refuses({"smi", "install", "none.h7", "m.smi", "module.bin"}, 2, {"module.bin", "E_LIC"});
    refuses({"smi", "install", "none.h7", "m.smi", "m.lic"}, 2, {"none.h7"});
    // AP0 stages into AXI SRAM: 323,584 bytes of it, header included.
    write("module.bin", Bytes(400'000, 0x42));
    pack("m", "0x08040000");
    license("a.h7", "m");
    refuses({"smi", "install", "a.h7", "m.smi", "m.lic"}, 2, {"m.smi", "SMI_resetAndInstallModules"});
}

}  // namespace
}  // namespace h7::test

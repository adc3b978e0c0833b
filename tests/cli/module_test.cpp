// Modules, combined images, split images and ST's option names on the command line.
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Modules : public CommandLineWithInputs {
protected:
    void SetUp() override {
        CommandLineWithInputs::SetUp();
        write("module.bin", Bytes(600, 0x42));
        works({"sfi", "keygen", "--key", "key.bin"});
        works({"sfi", "keygen", "--key", "vendor.bin"});
    }
    json told(std::vector<std::string> arguments) const {
        arguments.emplace_back("--json");
        return json::parse(works(arguments));
    }
};

TEST_F(Modules, PackInspectVerify) {  // rss-sfi-bootloader.md 4.10
    const json packed = told({"smi", "pack", "module.bin@0x08040000", "-k", "vendor.bin",
                              "--security-version", "1.2", "-o", "m.smi"});
    EXPECT_EQ(packed["nonce"], "m.smi.nonce");
    EXPECT_EQ(packed["bytes"], 48 + 608);
    EXPECT_EQ(read("m.smi").size(), 48U + 608U);
    EXPECT_THAT(works({"smi", "inspect", "m.smi"}), HasSubstr("0x8040000"));
    EXPECT_EQ(told({"smi", "inspect", "m.smi"})["security_version"], (json{1, 2, 0, 0}));
    EXPECT_EQ(told({"smi", "verify", "m.smi", "-k", "vendor.bin", "-n", "m.smi.nonce"})["tags_checked"],
              true);
    refuses({"smi", "verify", "m.smi", "-k", "key.bin", "-n", "m.smi.nonce"}, 2, {"m.smi", "tag"});
    refuses({"smi", "inspect", "module.bin"}, 2, {"module.bin", "E_MAGIC"});
    refuses({"smi", "pack", "module.bin@0x08040000", "-k", "vendor.bin", "--security-version", "1.2.3.4.5",
             "-o", "x"},
            2, {"1.2.3.4.5"});
}

TEST_F(Modules, OneNonceNeverServesAnImageAndAModule) {  // 4.3: one registry for both
    works({"sfi", "keygen", "--key", "k.bin", "--nonce", "n.bin"});
    works({"smi", "pack", "module.bin@0x08040000", "-k", "k.bin", "-n", "n.bin", "-o", "m.smi"});
    refuses({"sfi", "pack", "app.elf", "-k", "k.bin", "-n", "n.bin", "--ob", "ob.csv", "-o", "a.sfi"}, 1,
            {"k.bin.nonces", "fresh nonce"});
}

TEST_F(Modules, InsideAnImageWithALicenseOfItsOwn) {  // decision 0225
    works({"smi", "pack", "module.bin@0x08040000", "-k", "vendor.bin", "-o", "m.smi"});
    write("ob.toml",
          "RDP = \"level 1\"\nSECURITY = true\n[[pcrop_area]]\nstart = 0x08040000\nend = 0x080402FF\n");
    works({"sfi", "pack", "app.elf", "--module", "m.smi", "-k", "key.bin", "--ob", "ob.toml", "-o", "a.sfi"});
    EXPECT_THAT(works({"sfi", "inspect", "a.sfi"}), HasSubstr("opens with a license of its own"));
    const json seen = told({"sfi", "verify", "a.sfi", "-k", "key.bin", "-n", "a.sfi.nonce"});
    EXPECT_EQ(seen["verified"], true);
    EXPECT_EQ(seen["areas"][1]["version"], 2);
    works({"chip", "new", "a.h7"});
    const std::string uid = works({"chip", "certificate", "a.h7", "-o", "cert.bin"}).substr(0, 24);
    const std::vector<std::string> issue = {"license",   "issue", "--certificate", "cert.bin", "--uid",
                                            uid,         "--key", "vendor.bin",    "--nonce",  "m.smi.nonce",
                                            "--test-ca", "-o",    "m.lic",         "--module"};
    works(issue);
    EXPECT_EQ(read("m.lic")[0], 3) << "SMI static";
    auto named = issue;
    named.insert(named.end(), {"--firmware-id", "x"});
    refuses(named, 2, {"--firmware-id"});
}

TEST_F(Modules, WithoutANonceEveryImageIsAnother) {
    const std::vector<std::string> pack = {"sfi",  "pack",   "app.elf", "-k",   "key.bin",
                                           "--ob", "ob.csv", "-o",      "a.sfi"};
    works(pack);
    const Bytes first = read("a.sfi"), nonce = read("a.sfi.nonce");
    EXPECT_EQ(nonce.back(), 0);
    works({"sfi", "verify", "a.sfi", "-k", "key.bin", "-n", "a.sfi.nonce"});
    works(pack);
    EXPECT_NE(read("a.sfi"), first);
    EXPECT_NE(read("a.sfi.nonce"), nonce);
    works({"sfi", "verify", "a.sfi", "-k", "key.bin", "-n", "a.sfi.nonce"});
}

TEST_F(Modules, StsOptionNames) {  // 4.12
    write("app.bin", Bytes(200'000, 7));
    works({"sfi", "keygen", "--key", "k.bin", "--nonce", "n.bin"});
    works({"sfi", "pack",       "-sfi",   "-fir",   "app.bin", "0x08000000", "-k",  "k.bin",
           "-n",  "n.bin",      "-ob",    "ob.csv", "-v",      "3",          "-rs", "0x1E000",
           "-ct", "0x080FF000", "-devid", "0x450",  "-hash",   "1",          "-o",  "st.sfi"});
    works({"sfi",       "pack",       "--sfi",      "--firmware", "app.bin@0x08000000",
           "--key",     "k.bin",      "--nonce",    "n.bin",      "--obfile",
           "ob.csv",    "--ver",      "3",          "--ramsize",  "0x1E000",
           "--token",   "0x080FF000", "--deviceid", "0x450",      "--hash",
           "--outfile", "long.sfi"});
    works({"sfi", "pack", "app.bin@0x08000000", "-k", "k.bin", "-n", "n.bin", "--ob", "ob.csv", "--version",
           "3", "--ram-size", "0x1E000", "--token-address", "0x080FF000", "--hash", "-o", "ours.sfi"});
    EXPECT_EQ(read("st.sfi"), read("ours.sfi"));
    EXPECT_EQ(read("long.sfi"), read("ours.sfi"));
    const json image = told({"sfi", "inspect", "st.sfi"});
    EXPECT_EQ(image["parts"], 2);
    EXPECT_EQ(image["token_address"], 0x080F'F000);
    EXPECT_EQ(image["image_version"], 3);
    refuses({"sfi", "pack", "-firx", "app.bin", "0x90000000", "-k", "k.bin", "-o", "x.sfi"}, 2,
            {"-firx", "OTFDEC"});
    refuses({"sfi", "pack", "-fir", "app.elf", "-devid", "0x480", "-k", "k.bin", "-o", "x.sfi"}, 2,
            {"0x480"});
}

TEST_F(Modules, AMistakeInATomlFileHasItsPlace) {
    write("bad.toml", "RDP = 0xBB\nBOOT_CM8_ADD0 = 0x0800\n");
    refuses({"sfi", "pack", "app.elf", "-k", "key.bin", "-ob", "bad.toml", "-o", "a.sfi"}, 2,
            {"bad.toml:2:1:", "BOOT_CM7_ADD0"});
}

}  // namespace
}  // namespace h7::test

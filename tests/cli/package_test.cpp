// Packing, inspecting, licensing: good and bad input.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Package : public CommandLineWithInputs {
protected:
    void SetUp() override {
        CommandLineWithInputs::SetUp();
        works({"sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin"});
    }
    /// pack with these inputs in front of the usual rest.
    static std::vector<std::string> pack(std::vector<std::string> inputs, const std::string& csv = "ob.csv") {
        inputs.insert(inputs.begin(), {"sfi", "pack"});
        for (const char* rest : {"-k", "key.bin", "-n", "nonce.bin", "-o", "image.sfi", "--ob"})
            inputs.emplace_back(rest);
        inputs.push_back(csv);
        return inputs;
    }
    std::vector<std::string> issue(const std::string& uid,
                                   const std::string& certificate = "cert.bin") const {
        return {"license", "issue",   "--certificate", certificate, "--uid",       uid,        "--key",
                "key.bin", "--nonce", "nonce.bin",     "-o",        "license.bin", "--test-ca"};
    }
};

TEST_F(Package, KeysAreForTheirOwnerAndNeverReplaced) {  // D-14
    struct stat info {};
    ASSERT_EQ(::stat(file("key.bin").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(read("key.bin").size(), 16U);
    EXPECT_EQ(read("nonce.bin").size(), 12U);
    refuses({"sfi", "keygen", "--key", "key.bin", "--nonce", "other.bin"}, 2, {"key.bin: exists already"});
}

TEST_F(Package, AnOutputIsNeverOneOfTheInputs) {  // D-14: a key must not end as an image
    refuses({"sfi", "keygen", "--key", "same", "--nonce", "./same"}, 2, {"same file"});
    for (const char* input : {"key.bin", "./nonce.bin", "app.elf", "ob.csv"})
        refuses({"sfi", "pack", "app.elf", "-k", "key.bin", "-n", "nonce.bin", "--ob", "ob.csv", "-o", input},
                2, {input, "reads that file"});
    works({"chip", "new", "a.h7"});
    works({"chip", "certificate", "a.h7", "-o", "cert.bin"});
    for (const char* input : {"key.bin", "nonce.bin", "cert.bin"})
        refuses({"license", "issue", "--certificate", "cert.bin", "--uid", std::string(24, '0'), "--key",
                 "key.bin", "--nonce", "nonce.bin", "--test-ca", "-o", input},
                2, {input, "reads that file"});
}

TEST_F(Package, PacksEveryFormatIntoOneImage) {
    write("m4.bin", Bytes(100, 2));
    write("data.hex", ":020000040802F0\n:040000000011223396\n:00000001FF\n");
    works(pack({"--firmware", "app.elf", "m4.bin@0x08100000", "data.hex", "--ver", "7"}));
    const std::string text = works({"sfi", "inspect", "image.sfi"});
    EXPECT_THAT(text, HasSubstr("SFI protocol version"));
    EXPECT_THAT(text, HasSubstr("0x8100000"));
    EXPECT_TRUE(json::accept(works({"sfi", "inspect", "image.sfi", "--json"})));
    const std::string opened = works({"sfi", "inspect", "image.sfi", "-k", "key.bin", "-n", "nonce.bin"});
    EXPECT_NE(opened, text);
}

TEST_F(Package, ANonceIsSpentByOneImage) {  // rss-sfi-bootloader.md 4.3
    works(pack({"--firmware", "app.elf"}));
    works(pack({"--firmware", "app.elf"}));  // the same image again
    refuses(pack({"--firmware", "app.elf", "--ver", "1"}), 1, {"nonce"});
}

TEST_F(Package, AReadableImageNeedsConsent) {  // D-33
    write("open.csv", option_csv(0x17FE'AAF0));
    refuses(pack({"--firmware", "app.elf"}, "open.csv"), 2, {"--leave-readable"});
    works(pack({"--firmware", "app.elf", "--leave-readable"}, "open.csv"));
    EXPECT_THAT(works({"sfi", "inspect", "image.sfi", "-k", "key.bin", "-n", "nonce.bin"}),
                HasSubstr("READABLE"));
}

TEST_F(Package, HelpSaysWhoseContainerItIs) {  // D-11
    EXPECT_THAT(works({"sfi", "--help"}), HasSubstr("ST never published"));
}

TEST_F(Package, BadPrograms) {
    refuses(pack({"--firmware", "none.elf"}), 2, {"none.elf", "No such file"});
    const Bytes elf = read("app.elf");
    write("cut.elf", ByteView(elf).first(elf.size() - 1));
    refuses(pack({"--firmware", "cut.elf"}), 2, {"cut.elf: truncated: segment 0"});
    Bytes bad = elf;
    bad[4] = 2;
    write("class.elf", bad);
    refuses(pack({"--firmware", "class.elf"}), 2, {"class.elf", "64-bit"});
    bad = elf;
    bad[18] = 62;
    write("x86.elf", bad);
    refuses(pack({"--firmware", "x86.elf"}), 2, {"x86.elf", "machine 62"});
    write("twice.elf", make_elf({{.physical = 0x0800'0000, .contents = Bytes(64, 1)},
                                 {.physical = 0x0800'0020, .contents = Bytes(64, 1)}}));
    refuses(pack({"--firmware", "twice.elf"}), 2, {"twice.elf", "segment 0 and segment 1", "0x08000020"});
    write("other.elf", some_elf(0x0800'0020));
    refuses(pack({"--firmware", "app.elf", "other.elf"}), 2, {"app.elf", "other.elf", "0x08000020"});
    write("sum.hex", ":020000040800F2\n:040000000011223397\n:00000001FF\n");
    refuses(pack({"--firmware", "sum.hex"}), 2, {"sum.hex:2: checksum 0x97"});
    write("ram.elf", some_elf(0x2400'0000));
    refuses(pack({"--firmware", "ram.elf"}), 2, {"ram.elf", "flash"});
    write("raw.bin", Bytes(64, 1));
    refuses(pack({"--firmware", "raw.bin"}), 2, {"raw.bin", "@0x08000000"});
}

TEST_F(Package, BadOptionByteFiles) {
    const std::string csv = option_csv();
    const std::size_t row = csv.find("FSCAR_PRG_A"), next = csv.find("FSCAR_PRG_B");
    write("missing.csv", csv.substr(0, row) + csv.substr(next));
    refuses(pack({"--firmware", "app.elf"}, "missing.csv"), 2, {"missing.csv", "FSCAR_PRG_A"});
    write("short.csv", csv.substr(0, csv.find("RESERVED")));
    refuses(pack({"--firmware", "app.elf"}, "short.csv"), 2, {"short.csv", "RESERVED"});
    refuses(pack({"--firmware", "app.elf"}, "none.csv"), 2, {"none.csv", "No such file"});
}

TEST_F(Package, BadKeys) {
    write("short.bin", Bytes(15, 1));
    refuses({"sfi", "pack", "--firmware", "app.elf", "-k", "short.bin", "-n", "nonce.bin", "-o", "x.sfi",
             "--ob", "ob.csv"},
            2, {"short.bin: 15 bytes"});
    refuses({"sfi", "pack", "--firmware", "app.elf", "-k", "key.bin", "-n", "key.bin", "-o", "x.sfi", "--ob",
             "ob.csv"},
            2, {"key.bin: 16 bytes"});
    works(pack({"--firmware", "app.elf"}));
    works({"sfi", "keygen", "--key", "other.bin", "--nonce", "n.bin"});
    refuses({"sfi", "inspect", "image.sfi", "-k", "other.bin", "-n", "nonce.bin"}, 2, {"image.sfi", "tag"});
    refuses({"sfi", "inspect", "image.sfi", "-k", "key.bin"}, 2, {"--nonce"});
}

TEST_F(Package, AnImageCutAtAnyByteIsRefused) {
    works(pack({"--firmware", "app.elf"}));
    const Bytes whole = read("image.sfi");
    for (std::size_t size = 0; size < whole.size(); size += size < 120 ? 7 : 13) {
        write("cut.sfi", ByteView(whole).first(size));
        refuses({"sfi", "inspect", "cut.sfi"}, 2, {"cut.sfi"});
    }
    refuses({"sfi", "inspect", "none.sfi"}, 2, {"none.sfi", "No such file"});
}

TEST_F(Package, AFlippedByteIsFoundByTheKey) {
    works(pack({"--firmware", "app.elf"}));
    const Bytes whole = read("image.sfi");
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        Bytes bad = whole;
        bad[at] ^= 0x10;
        write("bad.sfi", bad);
        refuses({"sfi", "inspect", "bad.sfi", "-k", "key.bin", "-n", "nonce.bin"}, 2, {"bad.sfi"});
    }
}

TEST_F(Package, IssuesALicenseForOneChip) {  // D-18
    works({"chip", "new", "a.h7"});
    const std::string uid = works({"chip", "certificate", "a.h7", "-o", "cert.bin"}).substr(0, 24);
    works(issue(uid));
    EXPECT_EQ(read("license.bin").size(), 136U);
}

TEST_F(Package, BadLicenseRequests) {
    works({"chip", "new", "a.h7"});
    const std::string uid = works({"chip", "certificate", "a.h7", "-o", "cert.bin"}).substr(0, 24);
    refuses(issue(uid.substr(2)), 2, {"24"});
    refuses(issue("zz" + uid.substr(2)), 2, {"--uid"});
    auto without_ca = issue(uid);
    without_ca.pop_back();
    refuses(without_ca, 2, {"--test-ca"});
    Bytes certificate = read("cert.bin");
    write("short.bin", ByteView(certificate).first(135));
    refuses(issue(uid, "short.bin"), 2, {"short.bin", "135"});
    certificate[80] ^= 1;
    write("changed.bin", certificate);
    refuses(issue(uid, "changed.bin"), 2, {"changed.bin", "signature"});
    write("ca.bin", Bytes(32, 7));
    auto other_ca = without_ca;
    other_ca.insert(other_ca.end(), {"--ca", "ca.bin"});
    refuses(other_ca, 2, {"cert.bin", "TEST CA"});
    refuses(issue(uid, "none.bin"), 2, {"none.bin", "No such file"});
}

}  // namespace
}  // namespace h7::test

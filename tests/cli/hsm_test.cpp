// license hsm, and licenses from an HSM file.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class HsmVerbs : public CommandLine {
protected:
    void SetUp() override {
        CommandLine::SetUp();
        write("pass", "correct horse\n");
        works({"sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin"});
        uid_ = new_chip("a");
    }
    std::string new_chip(const std::string& name) {
        works({"chip", "new", name + ".h7"});
        const std::string shown =
            works({"chip", "certificate", name + ".h7", "-o", name + ".cert", "--json"});
        return json::parse(shown).at("uid");
    }
    /// A verb of license hsm, with the passphrase, cheap.
    static std::vector<std::string> hsm(const std::string& verb, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"license", "hsm", verb, "vault.hsm", "--passphrase-file", "pass"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    void operational(const std::string& counter) {
        works(hsm("new", {"--scrypt-cost", "14"}));
        works(hsm("provision", provisioning(counter)));
        works(hsm("lock"));
    }
    static std::vector<std::string> provisioning(const std::string& counter) {
        return {"--key", "key.bin",   "--nonce",       "nonce.bin", "--counter",
                counter, "--test-ca", "--firmware-id", "app"};
    }
    static std::vector<std::string> issue(const std::string& chip, const std::string& uid) {
        return {"license",      "issue", "--hsm", "vault.hsm", "--passphrase-file", "pass", "--certificate",
                chip + ".cert", "--uid", uid,     "-o",        chip + ".lic"};
    }
    /// Bytes in the place of the HSM file, for its owner only.
    void put_back(const Bytes& bytes) const {
        write("vault.hsm", bytes);
        std::filesystem::permissions(file("vault.hsm"), std::filesystem::perms(0600));
    }
    json info() { return json::parse(works(hsm("info", {"--json", "--log"}))); }

    std::string uid_;
};

TEST_F(HsmVerbs, FromNewToTheLastLicense) {  // 4.12
    operational("2");
    struct stat mode {};
    ASSERT_EQ(::stat(file("vault.hsm").c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 0777, 0600U);
    EXPECT_THAT(works(issue("a", uid_)), HasSubstr("1 left"));
    EXPECT_EQ(read("a.lic").size(), 136U);
    EXPECT_THAT(works(issue("a", uid_)), HasSubstr("this chip had one: not counted again"));
    const std::string b = new_chip("b"), c = new_chip("c");
    EXPECT_THAT(works(issue("b", b)), HasSubstr("0 left"));
    refuses(issue("c", c), 1, {"vault.hsm: the counter is 0: all 2 licenses are given"});

    const json shown = info();
    EXPECT_EQ(shown.at("state"), "OPERATIONAL");
    EXPECT_EQ(shown.at("counter"), 2);
    EXPECT_EQ(shown.at("left"), 0);
    EXPECT_EQ(shown.at("firmware_id"), "app");
    EXPECT_EQ(shown.at("product_id"), "45002001");
    EXPECT_EQ(shown.at("log").size(), 6U);
    EXPECT_EQ(shown.at("log")[3].at("event"), "issued");
    EXPECT_EQ(shown.at("log")[3].at("uid"), uid_);
    EXPECT_THAT(works(hsm("info")), HasSubstr("0 left of 2"));
    EXPECT_THAT(works({"license", "hsm", "info", "vault.hsm"}), HasSubstr("The rest is sealed"));
}

TEST_F(HsmVerbs, NoSecretIsEverShown) {  // D-14
    operational("3");
    works(issue("a", uid_));
    const Bytes key = read("key.bin");
    std::string hex;
    for (const std::uint8_t byte : key) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        hex += digits;
    }
    const std::string shown = works(hsm("info", {"--json", "--log"})) + works(hsm("info", {"--log"}));
    EXPECT_EQ(shown.find(hex), std::string::npos);
    const Bytes sealed = read("vault.hsm");
    EXPECT_EQ(std::search(sealed.begin(), sealed.end(), key.begin(), key.end()), sealed.end());
}

TEST_F(HsmVerbs, StatesRefuse) {  // 4.12: locked after programming
    works(hsm("new", {"--scrypt-cost", "14"}));
    refuses(hsm("new"), 2, {"vault.hsm: exists already"});
    refuses(hsm("lock"), 1, {"holds no firmware key yet"});
    refuses(issue("a", uid_), 1, {"the HSM is OPEN"});
    works(hsm("provision", provisioning("1")));
    auto wanted = provisioning("7");
    wanted.emplace_back("--lock");
    EXPECT_THAT(works(hsm("provision", wanted)), HasSubstr("locked (OPERATIONAL)"));
    refuses(hsm("provision", provisioning("9")), 1, {"locked (OPERATIONAL): it is provisioned once"});
    refuses(hsm("lock"), 1, {"locked"});
    EXPECT_EQ(info().at("counter"), 7);
}

TEST_F(HsmVerbs, WrongPassphraseAndDamagedFiles) {
    operational("2");
    write("wrong", "incorrect horse");
    write("empty", "\n");
    refuses({"license", "hsm", "info", "vault.hsm", "--passphrase-file", "wrong"}, 2,
            {"vault.hsm: wrong passphrase, or a changed file"});
    refuses({"license", "hsm", "info", "vault.hsm", "--passphrase-file", "wrong", "--json"}, 2,
            {"wrong passphrase"});
    refuses({"license", "hsm", "info", "vault.hsm", "--passphrase-file", "empty"}, 2,
            {"empty: the passphrase is empty"});
    refuses({"license", "hsm", "info", "vault.hsm", "--passphrase-file", "none"}, 2, {"none: cannot open"});
    refuses({"license", "hsm", "info", "vault.hsm", "--passphrase-fd", "77"}, 2,
            {"--passphrase-fd 77: cannot read"});
    refuses({"license", "hsm", "lock", "vault.hsm"}, 2, {"--passphrase-file FILE or --passphrase-fd N"});
    refuses({"license", "hsm", "info", "vault.hsm", "--log"}, 2, {"--log needs"});
    Bytes damaged = read("vault.hsm");
    damaged[200] ^= 1;
    put_back(damaged);
    refuses(hsm("info"), 2, {"vault.hsm: wrong passphrase, or a changed file"});
    damaged.resize(90);
    put_back(damaged);
    refuses(hsm("info"), 2, {"vault.hsm: HSM file: byte 0x5A: the file is cut off"});
    refuses(issue("a", uid_), 2, {"the file is cut off"});
}

TEST_F(HsmVerbs, OptionsThatDoNotGoTogether) {
    operational("2");
    auto both = issue("a", uid_);
    both.insert(both.end(), {"--key", "key.bin"});
    refuses(both, 2, {"--hsm: key, nonce, CA, purpose"});
    refuses({"license", "issue", "--certificate", "a.cert", "--uid", uid_, "-o", "a.lic", "--test-ca"}, 2,
            {"--key and --nonce, or --hsm FILE"});
    refuses({"license", "issue", "--certificate", "a.cert", "--uid", uid_, "-o", "a.lic", "--test-ca",
             "--key", "key.bin", "--nonce", "nonce.bin", "--passphrase-file", "pass"},
            2, {"belong to --hsm FILE"});
    for (const char* input : {"vault.hsm", "pass", "a.cert"}) {
        auto over = issue("a", uid_);
        over.back() = input;
        refuses(over, 2, {input, "reads that file"});
    }
    refuses({"license", "hsm", "new", "other.hsm", "--passphrase-file", "pass", "--scrypt-cost", "9"}, 2,
            {"14 to 20"});
    refuses({"license", "hsm", "new", "other.hsm", "--passphrase-file", "pass", "--token", "t",
             "--pkcs11-module", "none.so"},
            2, {"none.so"});
}

TEST_F(HsmVerbs, ItsLicenseInstallsOnTheChip) {  // the whole way: HSM, package, chip
    operational("1");
    write("app.elf", some_elf());
    write("ob.csv", option_csv());
    works({"sfi", "pack", "app.elf", "-k", "key.bin", "-n", "nonce.bin", "--ob", "ob.csv", "--firmware-id",
           "app", "-o", "a.sfi"});
    works(issue("a", uid_));
    works({"sfi", "install", "a.h7", "a.sfi", "a.lic"});
}

TEST_F(HsmVerbs, ALiveLicenseCarriesTheSession) {  // 4.6
    operational("1");
    works(issue("a", uid_));
    const Bytes lic = read("a.lic");
    EXPECT_EQ(lic[0], 1U);
    auto live = issue("a", uid_);
    live.insert(live.end(), {"--session", "7"});
    works(live);
    EXPECT_EQ(read("a.lic")[0], 2U);
    EXPECT_EQ(read("a.lic")[4], 7U);
}

TEST_F(HsmVerbs, AnAnchorOfTheCommandLine) {
    const std::vector<std::string> anchor{"--counter-anchor", "anchor"};
    const auto with = [&](std::vector<std::string> words) {
        words.insert(words.end(), anchor.begin(), anchor.end());
        return words;
    };
    works(with(hsm("new", {"--scrypt-cost", "14"})));
    auto wanted = provisioning("2");
    wanted.emplace_back("--lock");
    works(with(hsm("provision", wanted)));
    const Bytes old = read("vault.hsm");
    refuses(issue("a", uid_), 2, {"--counter-anchor FILE"});
    works(with(issue("a", uid_)));
    put_back(old);
    refuses(with(issue("a", uid_)), 4, {"an older copy was put back"});
}

}  // namespace
}  // namespace h7::test

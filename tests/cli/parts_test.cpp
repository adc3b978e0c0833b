// Parts with one core on the command line. Decision 0170.
#include <sqlite3.h>

#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class OneCorePart : public CommandLine {
protected:
    static std::string elf(const std::string& name) {
        return std::string(H7RSS_FIXTURES_DIR) + "/" + name + ".elf";
    }
};

TEST_F(OneCorePart, HasTheOptionBytesOfOneCore) {  // F-149, decision 0170
    works({"chip", "new", "a.h7", "--part", "H743", "--seed", "1"});
    const std::string shown = works({"ob", "show", "a.h7"});
    EXPECT_THAT(shown, HasSubstr("BOOT_CM7_ADD0"));
    for (const char* absent : {"BCM4", "BCM7", "IWDG2_SW", "BOOT_CM4", "NRST_STOP_D2"})
        EXPECT_THAT(shown, Not(HasSubstr(absent)));
    EXPECT_EQ(json::parse(works({"chip", "show", "a.h7", "--json"}))["option_bytes"]["words"]["OPTSR"],
              "0x1006AAD0");
    EXPECT_THAT(works({"ob", "diff", "a.h7", "factory"}), HasSubstr("the same"));
    refuses({"ob", "set", "a.h7", "BCM4=0"}, 2, {"BCM4", "STM32H743", "no Cortex-M4"});
    refuses({"ob", "explain", "a.h7", "BOOT_CM4_ADD0=0x1000"}, 2, {"BOOT_CM4_ADD0", "no Cortex-M4"});
    works({"ob", "set", "a.h7", "RDP=0xBB"});
    EXPECT_THAT(works({"ob", "explain", "a.h7", "RDP=0xAA"}), Not(HasSubstr("CM4")));
    EXPECT_THAT(works({"ob", "solve", "a.h7", "--goal", "factory"}), HasSubstr("RDP=0xAA"));
    works({"chip", "new", "b.h7", "--part", "H750", "--seed", "1"});
    refuses({"ob", "set", "b.h7", "SWAP_BANK=1"}, 2, {"SWAP_BANK", "STM32H750", "one bank"});
}

TEST_F(OneCorePart, AFileThatSaysAnotherPartThanItsFlashHasIsRefused) {  // F-020: nothing is cut off
    works({"chip", "new", "a.h7", "--part", "H743", "--seed", "1"});
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file("a.h7").c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "UPDATE meta SET value = 'STM32H743G' WHERE key = 'part'", nullptr, nullptr,
                           nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    refuses({"run", "--chip", "a.h7"}, 2, {"a.h7", "STM32H743G has banks of 512 Kbytes", "1024"});
    refuses({"ob", "set", "a.h7", "RDP=0xBB"}, 2, {"a.h7", "banks of 512 Kbytes"});
}

TEST_F(OneCorePart, RunsTheCortexM7AndRefusesTheOther) {
    const json ran = json::parse(
        works({"run", "--part", "H743", "--m7", elf("hello_m7"), "--limit", "20ms", "--json"}, 42));
    EXPECT_THAT(ran["output"]["usart3"].get<std::string>(), HasSubstr("hello"));
    EXPECT_FALSE(ran["instructions"].contains("cm4"));
    refuses({"run", "--part", "H743", "--m7", elf("hello_m7"), "--m4", elf("hello_m4")}, 2,
            {"--m4", "STM32H743", "no Cortex-M4"});
    refuses({"run", "--part", "H743", "--m7", elf("hello_m7"), "--swo", "cm4=stdio"}, 2, {"no Cortex-M4"});
    refuses({"run", "--part", "H743", "--m7", elf("hello_m7"), "--gdb", "cm4:0"}, 2, {"no Cortex-M4"});
    works({"chip", "new", "a.h7", "--part", "H753", "--seed", "1"});
    refuses({"explain", "a.h7", "0x08000000", "--who", "cm4"}, 2, {"--who cm4", "no Cortex-M4"});
    EXPECT_THAT(works({"explain", "a.h7", "0x08000000"}), HasSubstr("done"));
}

TEST_F(OneCorePart, InstallsAnImageWithItsOwnOptionWords) {  // rss-sfi-bootloader.md 3.4 (the word of AN5054)
    write("app.elf", some_elf());
    write("ob.csv", option_csv(0x103E'BBD0));
    works({"chip", "new", "a.h7", "--part", "H753", "--seed", "1"});
    works({"sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin"});
    EXPECT_THAT(works({"sfi", "pack", "app.elf", "-k", "key.bin", "-n", "nonce.bin", "--ob", "ob.csv", "-o",
                       "image.sfi"}),
                HasSubstr("option words of a part with one core"));
    const std::string uid = works({"chip", "certificate", "a.h7", "-o", "cert.bin"}).substr(0, 24);
    works({"license", "issue", "--certificate", "cert.bin", "--uid", uid, "--key", "key.bin", "--nonce",
           "nonce.bin", "-o", "a.lic", "--test-ca"});
    EXPECT_THAT(works({"sfi", "install", "a.h7", "image.sfi", "a.lic"}), HasSubstr("SFI installed"));
    EXPECT_EQ(json::parse(works({"ob", "show", "a.h7", "--json"}))["RDP"]["value"], 0xBB);
    works({"chip", "new", "b.h7", "--part", "H743", "--seed", "1"});
    refuses({"sfi", "install", "b.h7", "image.sfi", "a.lic"}, 1, {"STM32H743"});
}

}  // namespace
}  // namespace h7::test

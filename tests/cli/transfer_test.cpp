// h7rss chip import and export, and the questions about an imported board.
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Transfer : public CommandLine {
protected:
    /// Flash that differs from word to word, with blanks between.
    static Bytes dump(std::size_t size) {
        Bytes bytes(size, 0xFF);
        for (std::size_t i = 0; i < size; ++i)
            if (i / 4096 % 3 != 1) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
        return bytes;
    }
    /// Flash and option bytes of a chip file, and nothing else of it.
    json contents(const std::string& chip) const {
        json all = json::parse(works({"chip", "show", chip, "--json"}));
        return {all["bank1"], all["bank2"], all["option_bytes"]["words"]};
    }
    std::vector<std::string> split(const std::string& text) const {
        std::istringstream words(text);
        return {std::istream_iterator<std::string>(words), {}};
    }
};

TEST_F(Transfer, ABoardGoesInAndComesOutTheSame) {  // D-31, F-121
    write("bank1.bin", dump(1U << 20));
    write("bank2.bin", dump(300'000));
    for (const char* swap : {"0", "1"}) {
        write("words.txt", std::string("RDP=0xBB\nnWRP4=0\nSWAP_BANK=") + swap +
                               "\nPROT_AREA_START1=0\nPROT_AREA_END1=0x1F\n");
        const std::string a = std::string("a") + swap + ".h7";
        works({"chip", "import", a, "--flash", "bank1.bin@0x08000000", "bank2.bin@0x08100000", "--options",
               "words.txt"});
        for (const bool binary : {false, true}) {
            const std::string directory = std::string("out") + swap + (binary ? "b" : "h");
            std::vector<std::string> command = {"chip", "export", a, "-o", directory, "--json"};
            if (binary) command.push_back("--bin");
            const json exported = json::parse(works(command));
            // The printed command, run in that directory.
            const std::vector<std::string> words = split(exported["import"]);
            std::vector<std::string> back;
            for (std::size_t i = 1; i < words.size(); ++i) {
                const bool file = words[i].find(".bin") != std::string::npos ||
                                  words[i].find(".hex") != std::string::npos ||
                                  words[i].find(".csv") != std::string::npos ||
                                  words[i].find(".txt") != std::string::npos;
                back.push_back(file ? directory + "/" + words[i] : words[i]);
            }
            back[2] = directory + ".h7";
            works(back);
            EXPECT_EQ(contents(directory + ".h7"), contents(a));
            works({"chip", "export", directory + ".h7", "-o", directory + "2"});
            if (!binary) {
                EXPECT_EQ(read(directory + "2/flash.hex"), read(directory + "/flash.hex"));
            }
        }
        EXPECT_EQ(read(std::string("out") + swap + "b/bank" + (swap[0] == '0' ? "1" : "2") + ".bin"),
                  dump(1U << 20));
    }
}

TEST_F(Transfer, ExportWritesNoSecretAndForItsOwnerOnly) {  // D-14
    works({"chip", "new", "a.h7", "--seed", "3"});
    works({"chip", "export", "a.h7", "-o", "out"});
    EXPECT_FALSE(std::filesystem::exists(file("out/flash.hex")));  // blank
    for (const char* name : {"out/options.txt", "out/options.csv"}) {
        struct stat info {};
        ASSERT_EQ(::stat(file(name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600U);
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file("out")), {}), 2);
}

TEST_F(Transfer, AnImportIsAnotherChipUnlessTold) {  // D-18
    works({"chip", "new", "a.h7"});
    write("words.txt", "RDP=0xAA\n");
    const json fresh = json::parse(works({"chip", "import", "b.h7", "--options", "words.txt", "--json"}));
    works({"chip", "import", "c.h7", "--options", "words.txt", "--identity-of", "a.h7"});
    EXPECT_NE(works({"chip", "certificate", "a.h7"}), works({"chip", "certificate", "b.h7"}));
    EXPECT_EQ(works({"chip", "certificate", "a.h7", "--json"}),
              works({"chip", "certificate", "c.h7", "--json"}));
    EXPECT_THAT(fresh["factory_values_for"], testing::Contains("SECURITY"));
}

TEST_F(Transfer, ALockedBoardIsAskedForItsWayBack) {  // F-160, F-202, D-03, F-087
    write("two.txt", "RDP=0xCC\n");
    works({"chip", "import", "two.h7", "--options", "two.txt"});
    const Outcome never = run({"ob", "solve", "two.h7"});
    EXPECT_EQ(never.exit, 1);
    EXPECT_THAT(never.out, HasSubstr("no way back"));
    EXPECT_EQ(run({"explain", "two.h7", "--who", "debugger", "0x08000000"}).exit, 1);
    write("sealed.txt", "SEC_AREA_START1=0\nSEC_AREA_END1=0x1F\n");
    works({"chip", "import", "sealed.h7", "--options", "sealed.txt"});
    EXPECT_THAT(run({"explain", "sealed.h7", "0x08000000"}).out, HasSubstr("D-03"));
    EXPECT_THAT(works({"ob", "solve", "sealed.h7"}), HasSubstr("SCAR_PRG1 = 0x800000FF"));
}

TEST_F(Transfer, MistakesLeaveNothingBehind) {
    write("words.txt", "RDP=0xAA\n");
    write("bad.txt", "RPD=0xAA\n");
    write("big.bin", Bytes((1U << 20) + 1, 0));
    write("states.txt", "0x08000000 rotten\n");
    refuses({"chip", "import", "a.h7"}, 2, {"--options"});
    refuses({"chip", "import", "a.h7", "--options", "bad.txt"}, 2, {"bad.txt: line 1", "RDP"});
    refuses({"chip", "import", "a.h7", "--options", "none.txt"}, 2, {"none.txt"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt", "--flash", "big.bin"}, 2,
            {"big.bin", "@0x08000000"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt", "--flash", "big.bin@0x08100000"}, 2,
            {"big.bin", "0x08200000"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt", "--flash", "big.bin@0x08000000",
             "big.bin@0x08000000"},
            2, {"both write"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt", "--word-states", "states.txt"}, 2,
            {"states.txt: line 1"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt", "--part", "F407"}, 2, {"F407"});
    refuses({"chip", "export", "none.h7", "-o", "out"}, 2, {"none.h7"});
    works({"chip", "import", "a.h7", "--options", "words.txt"});
    refuses({"chip", "import", "a.h7", "--options", "words.txt"}, 2, {"a.h7: exists already"});
    works({"chip", "export", "a.h7", "-o", "out/"});
    refuses({"chip", "export", "a.h7", "-o", "out"}, 2, {"out: exists already"});
    refuses({"chip", "export", "a.h7", "-o", "no/such/out"}, 2, {"no/such/out"});
}

}  // namespace
}  // namespace h7::test

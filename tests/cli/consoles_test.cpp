// Every way firmware has to speak, as a user asks for it: --swo, --rtt, --semihosting. docs/consoles.md.
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(H7RSS_FIXTURES_DIR) + "/" + name; }

class Consoles : public CommandLine {
protected:
    static std::vector<std::string> both(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"run", "--m7", fixture("debug_consoles_m7.elf"), "--m4",
                                   fixture("debug_consoles_m4.elf"), "--limit", "100ms"});
        return more;
    }
    std::string text(std::string_view name) const {
        const Bytes bytes = read(name);
        return {bytes.begin(), bytes.end()};
    }
    static std::string hundred(const std::string& core) {
        std::string all;
        for (int n = 0; n < 100; ++n) all += core + " by RTT, line " + std::to_string(n) + "\n";
        return all;
    }
};

TEST_F(Consoles, SwoOfBothCoresByPortAndAsPackets) {  // system.md 5.5
    works(both({"--swo", "cm7=file:m7", "--swo", "cm4=file:m4", "--swo", "cm7.3=file:m7.3", "--swo",
                "cm7.raw=file:raw"}),
          42);
    EXPECT_EQ(text("m7"), "CM7 by SWO\n");
    EXPECT_EQ(text("m4"), "CM4 by SWO\n");
    EXPECT_EQ(text("m7.3"), std::string("\1\0\0\0\2\0\0\0\3\0\0\0", 12));
    const std::string raw = text("raw");
    EXPECT_EQ(raw.substr(0, 10), std::string("\0\0\0\0\0\x80\x01"
                                             "C\x01"
                                             "M",
                                             10));
    EXPECT_EQ(raw.substr(raw.size() - 5), std::string("\x1B\3\0\0\0", 5));
}

TEST_F(Consoles, NobodyListensToSwoAndTheFirmwareIsSilent) { EXPECT_EQ(works(both(), 42), ""); }

TEST_F(Consoles, RttOfBothCores) {
    write("in", "good day\n");
    works(both({"--rtt", "cm7=file:m7", "--rtt", "cm4=file:m4", "--rtt-input", "cm7=in"}), 42);
    EXPECT_EQ(text("m7"), hundred("CM7") + "CM7 hears good day\n");
    EXPECT_EQ(text("m4"), hundred("CM4") + "CM4 hears ");
}

TEST_F(Consoles, RttDoesNotDependOnTheTurns) {  // D-28
    const auto trace = [&](const std::string& turn) {
        works(both({"--rtt", "cm7=file:m7", "--turn", turn, "--until-output", "line 99"}));
        return text("m7");
    };
    EXPECT_EQ(trace("1000"), trace("50000"));
}

TEST_F(Consoles, AnRttBlockWithoutASymbolIsSearchedFor) {
    const std::string out = works({"run", "--m7", fixture("debug_consoles_searched.elf"), "--rtt",
                                   "cm7=stdio", "--limit", "1s", "--until-output", "line 99\n"});
    EXPECT_THAT(out, HasSubstr(hundred("CM7")));
}

TEST_F(Consoles, WhoFindsNoRttBlockIsTold) {
    const auto notices = [&](std::vector<std::string> command) {
        command.insert(command.end(), {"--limit", "5ms", "--json"});
        return json::parse(run(command).out)["notices"].dump();
    };
    const std::string hello = fixture("hello_m7.elf");
    EXPECT_THAT(notices({"run", "--m7", hello, "--rtt", "cm7=stdio"}),
                HasSubstr("rtt.cm7: no control block was found in the RAM"));
    EXPECT_THAT(notices({"run", "--m7", hello, "--rtt", "cm7=stdio", "--rtt-block", "cm7=0x24000000"}),
                HasSubstr("rtt.cm7: there is no control block at 0x24000000"));
    EXPECT_THAT(notices({"run", "--m7", fixture("debug_consoles_m7.elf"), "--rtt", "cm7.7=stdio"}),
                HasSubstr("rtt.cm7: there is no up channel 7, only 1"));
}

TEST_F(Consoles, AProbeKeepsAwayFromAProtectedChip) {  // F-200, F-202, A-34
    for (const auto& [rdp, why] :
         {std::pair{"RDP=0xBB", "RDP is level 1, and a debugger that connects closes the user flash"},
          std::pair{"RDP=0xCC", "AP0: RDP level 2: debug is disabled for ever"}}) {
        const std::string board = std::string(rdp) + ".h7";
        works({"chip", "new", board});
        works({"run", "--chip", board, "--m7", fixture("debug_consoles_m7.elf"), "--limit", "1us"}, 42);
        works({"ob", "set", board, rdp});
        const json report = json::parse(run({"run", "--chip", board, "--rtt", "cm7=stdio", "--swo",
                                             "cm7=stdio", "--limit", "5ms", "--json"})
                                            .out);
        EXPECT_EQ(report["stop"], "limit") << "the firmware runs on: its flash stays open";
        EXPECT_THAT(report["notices"].dump(), HasSubstr(std::string("rtt.cm7: waits: ") + why));
        EXPECT_THAT(report["notices"].dump(), HasSubstr("swo.cm7: the firmware must enable the ITM itself"));
        EXPECT_EQ(report["output"]["rtt.cm7"], "");
    }
}

TEST_F(Consoles, SemihostingFilesStayInTheirFolder) {  // D-32
    std::filesystem::create_directory(file("box"));
    const std::vector<std::string> command = {
        "run", "--m7", fixture("newlib_files_m7.elf"), "--limit", "1s", "--semihosting", "file:said"};
    EXPECT_EQ(run(command).exit, 1);
    EXPECT_THAT(text("said"), HasSubstr("no file: EACCES"));
    auto allowed = command;
    allowed.insert(allowed.end(), {"--semihosting-folder", "box", "--guest-status"});
    EXPECT_EQ(run(allowed).exit, 3);
    EXPECT_THAT(text("said"), HasSubstr("CM7 reads 26 bytes back"));
    EXPECT_EQ(text("box/CM7.kept"), "kept by the CM7\n");
}

TEST_F(Consoles, BadOptions) {
    for (const char* text :
         {"cm7", "cm0=stdio", "cm7.=stdio", "cm7.32=stdio", "cm7.-1=stdio", "cm7.x=stdio", "=stdio"})
        refuses({"run", "--swo", text}, 2, {std::string("--swo ") + text, "CORE.raw"});
    for (const char* text : {"cm7", "cm7.64=stdio", "cm7.raw=stdio", "0x20000000=stdio"})
        refuses({"run", "--rtt", text}, 2, {std::string("--rtt ") + text, "CHANNEL"});
    refuses({"run", "--swo", "cm7=pigeon"}, 2, {"pigeon"});
    refuses({"run", "--swo", "cm7=stdio", "--swo", "cm7=file:x"}, 2, {"--swo cm7=file:x", "already"});
    refuses({"run", "--swo", "cm7=file:x", "--rtt", "cm7=file:x"}, 2, {"--rtt cm7=file:x", "already"});
    refuses({"run", "--rtt-block", "cm7=0x24000000"}, 2, {"--rtt-block", "--rtt"});
    refuses({"run", "--rtt", "cm7=stdio", "--rtt-block", "cm7=here"}, 2, {"--rtt-block cm7=here"});
    refuses({"run", "--rtt", "cm7=stdio", "--rtt-input", "cm7=none"}, 2, {"none"});
    refuses({"run", "--semihosting-folder", "none"}, 2, {"none", "cannot open the folder"});
    refuses({"run", "--semihosting", "pigeon"}, 2, {"pigeon"});
    const std::vector<std::string> said{"run", "--m7", fixture("newlib_files_m7.elf"), "-q", "--limit", "1s"};
    std::vector<std::string> named = said;
    named.insert(named.begin() + 1, "--semihosting");  // alone: stdio
    EXPECT_EQ(run(named).out, run(said).out);
    EXPECT_FALSE(run(named).out.empty());
}

}  // namespace
}  // namespace h7::test

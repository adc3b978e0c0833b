// h7rss run --scenario, and what a run tells at its ends: start-up and end-of-run summary, boards, pins,
// several files.
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"
#include "tests/support/text_file.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ScenarioVerb : public CommandLine {
protected:
    static std::string fixture(const std::string& name) {
        return std::string(H7RSS_FIXTURES_DIR) + "/" + name;
    }
    void scenario(const std::string& steps, const std::string& program = "echo_polling_m7") const {
        write("s.toml", "[run]\nm7 = \"" + fixture(program + ".elf") + "\"\n" + steps);
    }
};

constexpr const char* kOn = "[[step]]\npower = \"on\"\n";

TEST_F(ScenarioVerb, TheExampleOfTheManualPasses) {  // docs/scenarios.md
    std::filesystem::copy_file(fixture("echo_polling_m7.elf"), file("echo_polling_m7.elf"));
    const auto page = lines_between(H7RSS_SOURCE_DIR "/docs/scenarios.md", "```toml", "```");
    write("test.toml", page);
    const Outcome ran = run({"run", "--scenario", "test.toml", "--junit", "out.xml"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.err,
                AllOf(HasSubstr("[1/12] ok"), HasSubstr("[12/12] ok"), HasSubstr("the program greets")));
    const Bytes xml = read("out.xml");
    const std::string text(xml.begin(), xml.end());
    EXPECT_THAT(text,
                AllOf(HasSubstr("tests=\"12\" failures=\"0\""), HasSubstr("<testcase classname=\"echo\"")));
    EXPECT_EQ(run({"run", "--scenario", "test.toml", "-q"}).err, "");
}

TEST_F(ScenarioVerb, TheFirstFailureEndsItWithOne) {
    scenario(std::string(kOn) + "[[step]]\nexpect = \"never\"\ntimeout = \"2ms\"\n[[step]]\nrun = \"1ms\"\n");
    const Outcome ran = run({"run", "--scenario", "s.toml", "--junit", "out.xml"});
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.err, AllOf(HasSubstr("s.toml:5:1: expect 'never': usart3 said 'ready\\n'"),
                               HasSubstr("skipped run 1ms")));
    const json told = json::parse(works({"run", "--scenario", "s.toml", "--json"}, 1));
    EXPECT_EQ(told["scenario"][1]["result"], "FAILED");
    EXPECT_EQ(told["scenario"][2]["result"], "skipped");
    EXPECT_NEAR(told["scenario"][1]["took_ps"].get<double>(), 2e9, 1e7);
}

TEST_F(ScenarioVerb, MistakesEndItWithTwoBeforeAnythingRuns) {
    const auto mistake = [&](const std::string& steps, const std::vector<std::string>& parts) {
        scenario(steps);
        refuses({"run", "--scenario", "s.toml", "--trace", "trace.txt"}, 2, parts);
    };
    mistake("[[step]]\npower = \"up\"\n", {"s.toml:4:9", "\"on\", \"off\"", "'up'"});
    mistake("[[step]]\nwait-for = \"nowhere\"\n", {"s.toml:3:1", "wait-for nowhere", "symbol"});
    mistake("[[step]]\nexpect-pin = \"LED\"\nlevel = 1\n", {"s.toml:3:1", "PA0 to PK15"});
    mistake("[[step]]\nassert-register = \"RCC.CR.NOTHING\"\nequals = 1\n",
            {"s.toml:3:1", "BLOCK.REGISTER.FIELD"});
    mistake("[[step]]\nassert-register = \"cm7.r16\"\nequals = 1\n", {"r0 to r15"});
    mistake("[[step]]\nrestore = \"a\"\n", {"an earlier step makes"});
    write("s.toml",
          std::string("[run]\npart = \"H743\"\n") + "[[step]]\nassert-register = \"cm4.pc\"\nequals = 1\n");
    refuses({"run", "--scenario", "s.toml"}, 2, {"s.toml:3:1", "STM32H743", "no Cortex-M4"});
    refuses({"run", "--scenario", "nothing.toml"}, 2, {"nothing.toml"});
    refuses({"run", "--junit", "x.xml"}, 2, {"--junit"});
}

TEST_F(ScenarioVerb, RegistersMemoryPinsAndResets) {
    scenario(std::string(kOn) +
             "[[step]]\nassert-register = \"cm7.pc\"\nmask = 0xFF000000\nequals = 0x08000000\n"
             "[[step]]\nwait-for = \"main\"\n"
             "[[step]]\nassert-register = \"cm7.sp\"\nmask = 0xFFFE0000\nequals = 0x20000000\n"
             "[[step]]\nassert-register = \"RCC.CR.HSIRDY\"\nequals = 1\n"
             "[[step]]\nassert-memory = 0x1FF1E880\nsize = 2\nequals = 2048\n"
             "[[step]]\npin = \"PC13\"\nlevel = 1\n"
             "[[step]]\nreset = \"pin\"\n"
             "[[step]]\nassert-register = \"RCC.C1_RSR.PINRSTF\"\nequals = 1\n"
             "[[step]]\nassert-memory = 0x20000000\ncore = \"cm4\"\nequals = 0\n");
    const json told = json::parse(works({"run", "--scenario", "s.toml", "--json"}, 1));
    for (unsigned n = 0; n < 9; ++n)
        EXPECT_EQ(told["scenario"][n]["result"], "ok") << told["scenario"][n].dump();
    EXPECT_THAT(told["scenario"][9]["message"].get<std::string>(),
                HasSubstr("system.md 1.1"));  // DTCM: not for the CM4
    EXPECT_EQ(told["resets"]["NRST pin reset"], 1);
}

TEST_F(ScenarioVerb, ASnapshotIsComeBackTo) {
    scenario(std::string(kOn) +
             "[[step]]\nexpect = \"ready\\n\"\n[[step]]\nsnapshot = \"ready\"\n"
             "[[step]]\nsend = \"a\"\n[[step]]\nexpect = \"A\"\n"
             "[[step]]\nrestore = \"ready\"\n[[step]]\nexpect-not = \"A\"\ntimeout = \"2ms\"\n"
             "[[step]]\nsend = \"b\"\n[[step]]\nexpect = \"B\"\n");
    const Outcome ran = run({"run", "--scenario", "s.toml"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
}

TEST_F(ScenarioVerb, PowerIsCutInsideAFlashStep) {  // F-075
    scenario(std::string(kOn) + "[[step]]\ncut-power = 2\n" + kOn + "[[step]]\nrun = \"1us\"\n",
             "flash_fill");
    const json told = json::parse(works({"run", "--scenario", "s.toml", "--json"}));
    EXPECT_EQ(told["scenario"][1]["result"], "ok");
    EXPECT_EQ(told["resets"]["power-on reset"], 2);
}

TEST_F(ScenarioVerb, TheSupplyFallsBelowTheBrownOutLevel) {  // system.md 3.1, 3.2; decision 0243
    works({"chip", "new", "a.h7", "--seed", "1"});
    works({"ob", "set", "a.h7", "BOR_LEV=2"});
    write("s.toml", "[run]\nchip = \"a.h7\"\nm7 = \"" + fixture("reset_survivor_cm7.elf") + "\"\nm4 = \"" +
                        fixture("reset_survivor_cm4.elf") + "\"\n" + std::string(kOn) +
                        "[[step]]\nrun = \"1ms\"\n"
                        "[[step]]\npower = \"2.45V\"\n"  // above 2.4 V: nothing
                        "[[step]]\npower = \"2.35V\"\n"  // a brown-out
                        "[[step]]\nassert-register = \"RCC.C1_RSR.BORRSTF\"\nequals = 1\n"
                        "[[step]]\npower = \"brown-out\"\ntitle = \"mains hum\"\n"
                        "[[step]]\npower = \"1.5V\"\n"  // power-down
                        "[[step]]\nassert-register = \"RCC.C2_RSR\"\ncore = \"cm4\"\nequals = 0x00FE0000\n");
    const json told =
        json::parse(works({"run", "--scenario", "s.toml", "--discard", "--json", "--junit", "out.xml"}));
    EXPECT_EQ(told["resets"]["brown-out reset"], 2);
    EXPECT_EQ(told["resets"]["power-on reset"], 2);
    const Bytes xml = read("out.xml");
    EXPECT_THAT(std::string(xml.begin(), xml.end()),
                AllOf(HasSubstr("tests=\"8\" failures=\"0\""), HasSubstr("power dips to 2.35V"),
                      HasSubstr("mains hum")));
    for (const char* wrong : {"3.7V", "V", "2,1V", "1.2.3V", "low"}) {
        scenario("[[step]]\npower = \"" + std::string(wrong) + "\"\n");
        refuses({"run", "--scenario", "s.toml"}, 2, {"s.toml:4:9", "\"brown-out\"", "\"1.9V\"", wrong});
    }
}

TEST_F(ScenarioVerb, FirmwareThatEndsIsSeen) {
    const auto fails = [&](const std::vector<std::string>& parts) {
        const Outcome ran = run({"run", "--scenario", "s.toml", "-q"});
        EXPECT_EQ(ran.exit, 1);
        for (const std::string& part : parts) EXPECT_THAT(ran.err, HasSubstr(part));
    };
    scenario(std::string(kOn) + "[[step]]\nexpect-stop = \"exit\"\n", "semihosting_exit_0");
    works({"run", "--scenario", "s.toml", "-q"});
    scenario(std::string(kOn) + "[[step]]\nexpect-stop = \"exit\"\n", "semihosting_exit_7");
    fails({"s.toml:5:1", "status 7"});
    scenario(std::string(kOn) + "[[step]]\nexpect = \"x\"\n", "semihosting_exit_7");
    fails({"the firmware ended with status 7"});
    scenario("[[step]]\nrun = \"1us\"\n");
    refuses({"run", "--scenario", "s.toml", "-q"}, 1, {"the chip has no power"});
}

// --- what a run tells ---

TEST_F(ScenarioVerb, ARunTellsWhenItCountsInTheSlowWay) {
    const std::vector<std::string> words{"run", "--m7", fixture("hello_m7.elf"), "--until-output", "hello"};
    const Outcome fast = run(words);
    ::setenv("H7RSS_COUNTING", "by-hook", 1);
    const Outcome slow = run(words);
    ::setenv("H7RSS_COUNTING", "fast", 1);
    const Outcome refused = run(words);
    ::unsetenv("H7RSS_COUNTING");
    const std::string line = "h7rss: instructions are counted by a hook at each block";
    EXPECT_THAT(slow.err, HasSubstr(line));
    EXPECT_THAT(fast.err, Not(HasSubstr(line)));
    EXPECT_EQ(slow.out, fast.out);
    const auto end_of = [](const std::string& text) {
        return text.substr(text.find("of virtual time; CM7 "));
    };
    EXPECT_EQ(end_of(slow.err), end_of(fast.err));
    EXPECT_EQ(refused.exit, 2);
    EXPECT_THAT(refused.err, HasSubstr("H7RSS_COUNTING=fast is no way to count"));
}

TEST_F(ScenarioVerb, ARunTellsWhoBootsAndWhatHappened) {  // system.md 2.1, 2.2
    const std::string hello = fixture("hello_m7.elf");
    const Outcome ran = run({"run", "--m7", hello, "--until-output", "hello"});
    EXPECT_EQ(ran.exit, 0);
    EXPECT_THAT(ran.err,
                AllOf(HasSubstr("h7rss: STM32H755, RDP level 0, SECURITY 0, BOOT0 low\n"),
                      HasSubstr("h7rss: CM7 boots at 0x08000000: BOOT_CM7_ADD0, BOOT0 low\n"),
                      HasSubstr("of virtual time; CM7 "), HasSubstr("faults of the CM4: HardFault 1")));
    EXPECT_EQ(run({"run", "--m7", hello, "--until-output", "hello", "-q"}).err, "");
    works({"chip", "new", "a.h7", "--seed", "1"});
    works({"ob", "set", "a.h7", "BCM4=0", "BOOT_CM7_ADD1=0x0A00"});
    const json told = json::parse(
        works({"run", "--chip", "a.h7", "--discard", "--boot0", "1", "--limit", "1us", "--json"}, 3));
    EXPECT_THAT(told["start"]["cm7"]["why"].get<std::string>(),
                HasSubstr("names 0x0a000000, where nothing can boot"));
    EXPECT_EQ(told["start"]["cm4"]["runs"], false);
    EXPECT_THAT(told["start"]["cm4"]["why"].get<std::string>(), HasSubstr("BCM4 = 0; RCC_GCR.BOOT_C2"));
    EXPECT_EQ(told["resets"]["power-on reset"], 1);
}

TEST_F(ScenarioVerb, SeveralFilesAndSymbolsOfAnother) {
    // A raw image of the Cortex-M7's program and its symbols; the Cortex-M4's as a HEX file.
    const json told = json::parse(works(
        {"run", "--m7", fixture("dual_hello_cm7.bin") + "@0x08000000", "--m4", fixture("dual_hello_cm4.hex"),
         "--symbols", fixture("dual_hello_cm7.elf"), "--limit", "20ms", "--json"},
        42));
    EXPECT_THAT(told["output"]["usart3"].get<std::string>(), HasSubstr("CM7 line 0"));
    write("extra.bin", Bytes(32, 0x5A));
    works(
        {"run", "--m7", fixture("hello_m7.elf"), "--m7", "extra.bin@0x080E0000", "--until-output", "hello"});
    refuses({"run", "--m7", fixture("hello_m7.elf"), "--m7", fixture("hello_m7.hex")}, 2, {"hello_m7.hex"});
    refuses({"run", "--m7", fixture("hello_m7.elf"), "--symbols", fixture("hello_m7.hex")}, 2,
            {"no symbols"});
}

TEST_F(ScenarioVerb, ABoardBringsPartConsoleAndNames) {  // docs/boards.md
    const std::string hello = fixture("hello_m7.elf");
    EXPECT_THAT(run({"run", "--board", "NUCLEO-H743ZI2", "--m7", hello, "--until-output", "hello"}).err,
                HasSubstr("STM32H743, RDP level 0, BOOT0 low"));
    write("b.toml", std::string_view("part = \"STM32H745\"\n[hse]\nfreq = 1\n"));
    refuses({"run", "--board", "b.toml", "--m7", hello}, 2, {"b.toml:3:1", "hse.freq", "frequency"});
    refuses({"run", "--board", "NUCLEO-X", "--m7", hello}, 2, {"NUCLEO-X", "STM32H747I-DISCO"});
    refuses({"run", "--board", "NUCLEO-H743ZI2", "--part", "H755", "--m7", hello}, 2,
            {"--part H755", "STM32H743"});
    works({"chip", "new", "a.h7", "--seed", "1"});
    refuses({"run", "--board", "NUCLEO-H743ZI2", "--chip", "a.h7", "--m7", hello}, 2,
            {"STM32H743", "STM32H755"});
    refuses({"run", "--pin", "LED=1", "--m7", hello}, 2, {"--pin LED=1", "PA0 to PK15"});
    refuses({"run", "--pin", "PC13=2", "--m7", hello}, 2, {"the level is 0, 1 or z"});
}

}  // namespace
}  // namespace h7::test

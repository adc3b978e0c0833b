// h7rss run with real firmware: how runs end, what they leave behind, and what is refused before anything
// runs.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(H7RSS_FIXTURES_DIR) + "/" + name; }

class Run : public CommandLine {
protected:
    static std::vector<std::string> hello(std::vector<std::string> more = {}) {
        more.insert(more.begin(),
                    {"run", "--m7", fixture("hello_m7.elf"), "--limit", "1s", "--host-limit", "60s"});
        return more;
    }
};

TEST_F(Run, EndsWithZeroOnceTheTextWasSaid) {
    EXPECT_THAT(works(hello({"--until-output", "hello from the Cortex-M7"})),
                HasSubstr("hello from the Cortex-M7\n"));
}

TEST_F(Run, TheLineThatEndsTheRunIsWhole) {
    EXPECT_THAT(works(hello({"--until-output", "hello"})), HasSubstr("hello from the Cortex-M7\n"));
}

TEST_F(Run, EndsWithOneOnTheTextOfAFailure) {
    const Outcome outcome = run(hello({"--fail-output", "hello from"}));
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_THAT(outcome.err, HasSubstr("h7rss: usart3: said 'hello from' (--fail-output)\n"));
}

TEST_F(Run, AnInterruptSavesTheChipAndIsDeliveredAfterAll) {
    works({"chip", "new", "board.h7"});
    const Outcome outcome = interrupted(
        file("."), {"run", "--chip", "board.h7", "--m7", fixture("handshake_cm7.elf"), "--trace", "trace"},
        file("trace"), SIGINT);
    EXPECT_EQ(outcome.exit, 128 + SIGINT);
    EXPECT_THAT(outcome.out, testing::EndsWith("power removed\n"));
    EXPECT_THAT(works({"chip", "show", "board.h7"}), testing::Not(HasSubstr("bank 1       0 of")));
}

TEST_F(Run, EndsWith42AtTheLimit) {  // D-28
    const Outcome outcome = run(hello({"--until-output", "never said"}));
    EXPECT_EQ(outcome.exit, 42);
    EXPECT_THAT(outcome.err, HasSubstr("--limit 1s reached before 'never said' was said"));
}

TEST_F(Run, EndsWithThreeWhenNoCoreCanRunAgain) {           // D-30
    const Outcome outcome = run({"run", "--limit", "1s"});  // a blank chip
    EXPECT_EQ(outcome.exit, 3);
    EXPECT_THAT(outcome.err, HasSubstr("lock-up"));
}

TEST_F(Run, AFirmwaresExitStatusIsZeroOrOneUnlessPassedThrough) {  // D-32
    const auto ending = [](const std::string& program) -> std::vector<std::string> {
        return {"run", "--m7", fixture(program), "--limit", "1s", "--json"};
    };
    EXPECT_EQ(run(ending("semihosting_exit_0.elf")).exit, 0);
    auto seven = ending("semihosting_exit_7.elf");
    const Outcome outcome = run(seven);
    EXPECT_EQ(outcome.exit, 1);
    const json report = json::parse(outcome.out);
    EXPECT_EQ(report["stop"], "guest-exit");
    EXPECT_EQ(report["exit"], 1);
    EXPECT_EQ(report["guest_status"], 7);
    EXPECT_THAT(report["output"]["usart3"].get<std::string>(), HasSubstr("leaving with status 7"));
    seven.emplace_back("--guest-status");
    EXPECT_EQ(run(seven).exit, 7);
}

TEST_F(Run, BothCoresSpeak) {
    const std::string text =
        works({"run", "--m7", fixture("handshake_cm7.elf"), "--m4", fixture("handshake_cm4.elf"), "--limit",
               "100ms", "--json", "--trace", "t.txt", "--until-output", "never"},
              42);
    EXPECT_THAT(json::parse(text)["output"]["usart3"].get<std::string>(), HasSubstr("M4"));
}

TEST_F(Run, AnUnmodelledAccessIsNotedOnceAndIsAnErrorUnderStrict) {
    std::vector<std::string> touch = {"run",     "--m7", fixture("unmodelled_access.elf"),
                                      "--limit", "10ms", "--json"};
    const json report = json::parse(run(touch).out);
    ASSERT_GE(report["notices"].size(), 1U);
    EXPECT_THAT(report["notices"][0].get<std::string>(), HasSubstr("not modelled"));
    touch.emplace_back("--strict");
    const Outcome strict = run(touch);
    EXPECT_EQ(strict.exit, 3);
    EXPECT_THAT(strict.err, HasSubstr("--strict: not modelled: read of I2C1"));
    EXPECT_THAT(json::parse(strict.out)["output"]["usart3"], "") << "the run ends at the access";
}

TEST_F(Run, ALockUpIsNotedOnce) {  // D-30
    const json report = json::parse(run(hello({"--until-output", "never", "--json"})).out);
    EXPECT_EQ(report["notices"].size(), 1U) << report["notices"];
}

TEST_F(Run, AFullDiskUnderTheTraceIsToldAtTheEnd) {
    const Outcome outcome = run(hello({"--trace", "/dev/full", "--json"}));
    EXPECT_EQ(outcome.exit, 2);
    EXPECT_THAT(outcome.err, HasSubstr("h7rss: /dev/full: cannot write"));
}

TEST_F(Run, APortOrAFileIsTakenOnce) {
    refuses(hello({"--uart", "usart3=file:a", "--uart", "USART3=file:b"}), 2, {"USART3=file:b", "already"});
    refuses(hello({"--uart", "usart1=file:a", "--uart", "usart3=file:a"}), 2, {"usart3=file:a", "already"});
    refuses(hello({"--uart", "usart3=file:a", "--trace", "a"}), 2, {"usart3=file:a", "already"});
}

TEST_F(Run, SameInputSameTraceSameText) {  // D-28
    works(hello({"--until-output", "hello", "--trace", "a.txt", "--uart", "usart3=file:a.out"}));
    works(hello({"--until-output", "hello", "--trace", "b.txt", "--uart", "usart3=file:b.out"}));
    EXPECT_FALSE(read("a.txt").empty());
    EXPECT_EQ(read("a.txt"), read("b.txt"));
    EXPECT_EQ(read("a.out"), read("b.out"));
}

TEST_F(Run, TheChipKeepsWhatWasProgrammedUnlessDiscarded) {  // D-31
    works({"chip", "new", "a.h7"});
    const Bytes fresh = read("a.h7");
    works(hello({"--until-output", "hello", "--chip", "a.h7", "--discard"}));
    EXPECT_EQ(read("a.h7"), fresh);
    works(hello({"--until-output", "hello", "--chip", "a.h7"}));
    works({"run", "--chip", "a.h7", "--until-output", "hello", "--limit", "1s"});
}

TEST_F(Run, BadProgramsAreFoundBeforeTheChipIsTouched) {
    works({"chip", "new", "a.h7"});
    const auto bad = [&](const std::string& program, const std::vector<std::string>& parts) {
        refuses({"run", "--chip", "a.h7", "--m7", program}, 2, parts);
    };
    bad("none.elf", {"none.elf", "No such file"});
    write("sum.hex", ":020000040800F2\n:040000000011223397\n:00000001FF\n");
    bad("sum.hex", {"sum.hex:2", "checksum"});
    write("nowhere.elf", some_elf(0x6000'0000));
    bad("nowhere.elf", {"nowhere.elf", "0x60000000"});
    write("beyond.elf", some_elf(0x0820'0000));
    bad("beyond.elf", {"beyond.elf", "0x08200000"});
    write("app.elf", some_elf());
    write("co.elf", some_elf(0x0800'0020));
    refuses({"run", "--chip", "a.h7", "--m7", "app.elf", "--m4", "co.elf"}, 2,
            {"app.elf", "co.elf", "0x08000020"});
}

TEST_F(Run, BadOptions) {
    refuses({"run", "--limit", "2"}, 2, {"--limit 2", "2s"});
    refuses({"run", "--limit", "s"}, 2, {"--limit s"});
    refuses({"run", "--limit", "99999999999999999999s"}, 2, {"--limit"});
    refuses({"run", "--uart", "usart3"}, 2, {"--uart usart3"});
    refuses({"run", "--uart", "usart3=pigeon"}, 2, {"pigeon"});
    refuses({"run", "--uart", "usart9=stdio"}, 2, {"usart9"});
    refuses({"run", "--uart", "usart3=file:no/such/dir"}, 2, {"no/such/dir", "cannot create"});
    refuses({"run", "--trace", "no/such/dir"}, 2, {"no/such/dir", "cannot create"});
    refuses({"run", "--part", "STM32F407"}, 2, {"STM32F407", "STM32H755"});
    refuses({"run", "--boot0", "2"}, 2, {"--boot0"});
    refuses({"run", "--chip", "none.h7"}, 2, {"none.h7"});
    write("text.h7", "no chip\n");
    refuses({"run", "--chip", "text.h7"}, 2, {"text.h7", "not a chip file"});
}

TEST_F(Run, ProtectedFlashIsNotOverwritten) {  // D-31, F-191
    works({"chip", "new", "a.h7"});
    works({"ob", "set", "a.h7", "nWRP0=0"});
    write("app.elf", some_elf());
    refuses({"run", "--chip", "a.h7", "--m7", "app.elf"}, 1, {"app.elf", "F-191"});
    works({"chip", "new", "b.h7"});
    works({"ob", "set", "b.h7", "RDP=0xBB"});
    refuses({"run", "--chip", "b.h7", "--m7", "app.elf"}, 1, {"app.elf", "RDP"});
}

TEST_F(Run, AChipInUseIsRefused) {  // D-31
    works({"chip", "new", "a.h7"});
    // SQLite's own lock bytes: RESERVED, PENDING and the shared range, as an exclusive opener holds them.
    const int fd = open(file("a.h7").c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x4000'0000;
    lock.l_len = 512;
    ASSERT_EQ(fcntl(fd, F_SETLK, &lock), 0);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"run", "--chip", "a.h7"},
                                               {"chip", "show", "a.h7"},
                                               {"chip", "reset", "a.h7"},
                                               {"ob", "set", "a.h7", "BCM4=0"}}) {
        const Outcome outcome = run(command);
        EXPECT_EQ(outcome.exit, 2);
        EXPECT_THAT(outcome.err, HasSubstr("a.h7: in use"));
    }
    close(fd);
}

TEST_F(Run, ATurnHasBounds) {  // D-28
    for (const char* turn : {"0", "10000001", "99999999999999999999", "-1", "many"}) {
        const Outcome outcome = run(hello({"--turn", turn}));
        EXPECT_EQ(outcome.exit, 2) << turn;
        EXPECT_THAT(outcome.err, HasSubstr("--turn"));
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
    for (const char* turn : {"1", "10000000"}) works(hello({"--turn", turn, "--until-output", "hello"}));
}

TEST_F(Run, TheSummarySaysHowToHaveTheRunAgain) {  // 0120
    const std::vector<std::string> racy{
        "run",     "--m7", fixture("counter_racy_cm7.elf"), "--m4", fixture("counter_racy_cm4.elf"),
        "--limit", "1s"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), racy.begin(), racy.end());
        return run(more);
    };
    const json report = json::parse(
        with({"--interleave", "3", "--turn", "5000", "--seed", "9", "--until-output", "counted", "--json"})
            .out);
    EXPECT_EQ(report["repeat"], (json{{"turn", 5000}, {"seed", 9}, {"interleave", 3}}));
    const Outcome told = with({"--interleave", "3", "--fail-output", "counted"});
    EXPECT_EQ(told.exit, 1);
    EXPECT_THAT(told.err, HasSubstr("[the same again with --interleave 3 --turn 10000]\n"));
}

TEST_F(Run, CacheFindingsEndAGoodRunWithOne) {  // 0122
    const auto with = [&](const char* program, std::vector<std::string> more) {
        more.insert(more.begin(), {"run", "--m7", fixture(program), "--m4", fixture("caches_cm4.elf"),
                                   "--limit", "1s", "--until-output", "before"});
        return run(more);
    };
    const Outcome found = with("caches_bug_cm7.elf", {"--check-caches"});
    EXPECT_EQ(found.exit, 1);
    EXPECT_THAT(found.err, HasSubstr("(add_up"));
    EXPECT_THAT(found.err, HasSubstr("(fill_buffer"));
    EXPECT_THAT(found.err, HasSubstr("--check-caches: 2 pairs of writer and reader, 65 accesses"));
    const json report = json::parse(with("caches_bug_cm7.elf", {"--check-caches", "--json"}).out);
    EXPECT_EQ(report["stop"], "until-output");
    EXPECT_EQ(report["caches"].size(), 2U);
    EXPECT_EQ(report["caches"][0]["kind"], "not-cleaned");
    EXPECT_EQ(report["caches"][0]["count"], 64);
    EXPECT_EQ(with("caches_bug_cm7.elf", {}).exit, 0);
    EXPECT_EQ(with("caches_right_cm7.elf", {"--check-caches"}).exit, 0);
}

TEST_F(Run, AFileAloneIsThatOfTheCoreThatBootsThere) {  // system.md 2.1
    const json told = json::parse(works(
        {"run", fixture("dual_hello_cm4.hex"), fixture("dual_hello_cm7.elf"), "--limit", "20ms", "--json"},
        42));
    EXPECT_THAT(told["output"]["usart3"].get<std::string>(), HasSubstr("CM7 line 0"));
    EXPECT_EQ(told["start"]["cm4"]["runs"], true);
    works({"run", "--part", "H743", fixture("hello_m7.elf"), "--until-output", "hello", "--limit", "1s"});
    works({"run", "--limit", "1s", "--until-output", "hello", "--uart", "usart3=stdio",
           fixture("hello_m7.elf")});
    works({"run", fixture("hello_m7.bin") + "@0x08000000", "--until-output", "hello", "--limit", "1s"});
}

TEST_F(Run, AFileOfNoCoreMustSayWhose) {
    const std::string image = fixture("hello_m7.bin") + "@0x08040000";
    refuses({"run", image}, 2,
            {"begins at 0x08040000", "CM7: 0x08000000, CM4: 0x08100000", "--m7 " + image, "--m4 " + image});
    works({"chip", "new", "a.h7"});
    works({"ob", "set", "a.h7", "BOOT_CM7_ADD0=0x0804"});
    works({"run", "--chip", "a.h7", "--discard", image, "--limit", "1ms", "--json"},
          3);                                                                // linked elsewhere: lock-up
    works({"run", "--part", "H743", image, "--limit", "1ms", "--json"}, 3);  // nothing at 0x08000000: lock-up
    refuses({"run", "nobody.elf"}, 2, {"nobody.elf"});
}

}  // namespace
}  // namespace h7::test

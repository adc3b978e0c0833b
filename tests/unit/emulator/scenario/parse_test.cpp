// Scenario files: every mistake is told with line, column and what was expected; JUnit is well formed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/scenario/runner.hpp"

namespace h7::scenario {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string mistake_in(std::string_view text) {
    const auto parsed = parse_scenario(text, "s.toml");
    return parsed ? "none" : parsed.error().message;
}

TEST(ScenarioFile, StepsAreReadInOrderWithTheirTimes) {
    const auto parsed = parse_scenario(
        "name = \"n\"\ntimeout = \"1.5ms\"\n[run]\nm7 = [\"a\", \"b\"]\nm4 = \"c\"\nseed = 3\n"
        "[[step]]\npower = \"on\"\n[[step]]\nexpect = \"x\\n\"\n[[step]]\nexpect = \"y\"\ntimeout = \"2s\"\n"
        "uart = \"uart4\"\n[[step]]\nassert-memory = 0x24000000\nsize = 2\nequals = 0x12\nmask = 0xFF\ncore "
        "= \"cm4\"\n",
        "s.toml");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->setup.m7, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(parsed->setup.m4, (std::vector<std::string>{"c"}));
    EXPECT_TRUE(parsed->setup.has_seed);
    ASSERT_EQ(parsed->steps.size(), 4U);
    EXPECT_EQ(parsed->steps[1].time, 1'500 * kMicrosecond);
    EXPECT_EQ(parsed->steps[1].title, "expect 'x\\n'");
    EXPECT_EQ(parsed->steps[2].time, 2 * kSecond);
    EXPECT_EQ(parsed->steps[2].port, "uart4");
    EXPECT_EQ(parsed->steps[2].place.line, 11U);
    EXPECT_EQ(parsed->steps[3].core, Master::cm4);
    EXPECT_EQ(parsed->steps[3].address, 0x2400'0000U);
}

TEST(ScenarioFile, MistakesSayWhereAndWhatWasExpected) {
    EXPECT_THAT(mistake_in(""), HasSubstr("expected steps"));
    EXPECT_THAT(mistake_in("[[step]]\n"),
                AllOf(StartsWith("s.toml:1:"), HasSubstr("expected one of the keys power, reset")));
    EXPECT_THAT(mistake_in("[[step]]\npower = \"up\"\n"),
                StartsWith("s.toml:2:9: step.power: expected \"on\", \"off\", \"brown-out\" or"));
    EXPECT_THAT(mistake_in("[[step]]\npower = \"on\"\nsend = \"x\"\n"),
                HasSubstr("3:8: step.send: the step does 'power' already"));
    EXPECT_THAT(mistake_in("[[step]]\nexpect = \"x\"\ntimeout = \"50\"\n"),
                AllOf(StartsWith("s.toml:3:11: step.timeout: expected a time"), HasSubstr("found '50'")));
    EXPECT_THAT(mistake_in("[[step]]\nexpect = 5\n"),
                HasSubstr("2:10: step.expect: expected a text, found a whole number"));
    EXPECT_THAT(mistake_in("[[step]]\nexpect = \"x\"\nuart = \"com1\"\n"), HasSubstr("found 'com1'"));
    EXPECT_THAT(mistake_in("[[step]]\nexpect = \"x\"\nlevel = 1\n"),
                HasSubstr("3:1: step.level: no such key"));
    EXPECT_THAT(mistake_in("[[step]]\npin = \"PB0\"\n"), HasSubstr("expected the level"));
    EXPECT_THAT(mistake_in("[[step]]\npin = \"PB0\"\nlevel = 2\n"),
                HasSubstr("3:9: step.level: expected 0, 1 or \"z\""));
    EXPECT_THAT(mistake_in("[[step]]\nassert-memory = 0\nsize = 3\nequals = 1\n"),
                HasSubstr("3:8: step.size"));
    EXPECT_THAT(mistake_in("[[step]]\nassert-memory = 0\n"), HasSubstr("expected a value to compare with"));
    EXPECT_THAT(mistake_in("[[step]]\nassert-register = \"cm7.pc\"\nequals = 1\nnot-equals = 2\n"),
                HasSubstr("one comparison"));
    EXPECT_THAT(mistake_in("[[step]]\ncut-power = 0\n"), HasSubstr("0 is not the number of a flash step"));
    EXPECT_THAT(mistake_in("step = 3\n"), HasSubstr("1:8: step: expected tables, each written as [[step]]"));
    EXPECT_THAT(mistake_in("[run]\nm7 = 1\n"), HasSubstr("2:6: run.m7: expected the path of a file"));
    EXPECT_THAT(mistake_in("timeout = \"999999999999999999s\"\n"), HasSubstr("1:11: timeout"));
    EXPECT_THAT(mistake_in("[[step]]\nrun = \"-1s\"\n"), HasSubstr("expected a time"));
}

TEST(Junit, OneTestCaseAStepAndNothingUnescaped) {
    const auto parsed = parse_scenario(
        "name = \"a<b\"\n[[step]]\nexpect = \"\\\"&\\u0007\"\n[[step]]\nrun = \"1s\"\n", "s.toml");
    ASSERT_TRUE(parsed);
    const std::vector<Verdict> verdicts = {
        {Verdict::Kind::failed, parsed->steps[0].title, {2, 1}, 0, kMillisecond, "it said '<'"},
        {Verdict::Kind::skipped, parsed->steps[1].title, {4, 1}, 0, 0, ""}};
    const std::string xml = junit(*parsed, verdicts);
    EXPECT_THAT(
        xml,
        HasSubstr(
            "name=\"a&lt;b\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"0.001000000\""));
    EXPECT_THAT(xml, HasSubstr("name=\"1 expect '&quot;&amp;\\x07'\""));
    EXPECT_THAT(xml, HasSubstr("<failure message=\"it said '&lt;'\">s.toml:2: it said '&lt;'</failure>"));
    EXPECT_THAT(xml, HasSubstr("<skipped/>"));
}

}  // namespace
}  // namespace h7::scenario

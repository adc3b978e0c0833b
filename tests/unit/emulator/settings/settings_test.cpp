// Files that people write: every mistake is told with line, column and what was expected.
#include "emulator/settings/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace h7::settings {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Settings, AMistakeInTheTextHasItsPlace) {
    const auto bad = parse_document("a = 1\nb = = 2\n", "x.toml");
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().message, StartsWith("x.toml:2:"));
    EXPECT_EQ(bad.error().code, ExitCode::misuse);
    EXPECT_EQ(bad.error().message.find('\n'), std::string::npos);
    EXPECT_FALSE(parse_document(std::string(kLargestFile + 1, ' '), "x.toml"));
}

TEST(Settings, AWrongKindSaysWhatWasExpectedAndFound) {
    const Document document =
        *parse_document("speed = \"fast\"\n[hse]\nfrequency = 8.5\non = 1\nsub = 3\n", "x.toml");
    Section file(document);
    const auto speed = file.number("speed", 1, 9, "a number from 1 to 9");
    ASSERT_FALSE(speed);
    EXPECT_EQ(speed.error().message, "x.toml:1:9: speed: expected a number from 1 to 9, found a text");
    auto hse = **file.section("hse");
    EXPECT_EQ(hse.number("frequency", 1, 9, "a whole number").error().message,
              "x.toml:3:13: hse.frequency: expected a whole number, found a decimal number");
    EXPECT_EQ(hse.flag("on").error().message,
              "x.toml:4:6: hse.on: expected true or false, found a whole number");
    EXPECT_THAT(hse.section("sub").error().message, HasSubstr("expected a table"));
    EXPECT_THAT(hse.sections("sub").error().message, HasSubstr("[[hse.sub]]"));
    EXPECT_FALSE(*hse.text("nothing", "a text"));
}

TEST(Settings, ANumberOutsideItsLimitsIsRefused) {
    const Document document = *parse_document("a = 10\nb = -1\nc = 9\n", "x.toml");
    Section file(document);
    EXPECT_THAT(file.number("a", 1, 9, "1 to 9").error().message, HasSubstr("1:5: a: 10 is not 1 to 9"));
    EXPECT_FALSE(file.number("b", 0, 9, "0 to 9"));
    EXPECT_EQ(**file.number("c", 1, 9, "1 to 9"), 9U);
}

TEST(Settings, AKeyNobodyAskedForIsAMistake) {
    const Document document = *parse_document("part = \"x\"\nprat = \"y\"\n", "x.toml");
    Section file(document);
    ASSERT_TRUE(file.text("part", ""));
    ASSERT_TRUE(file.text("name", ""));
    EXPECT_EQ(file.finish().error().message, "x.toml:2:1: prat: no such key; expected one of part, name");
}

TEST(Settings, ListsOfTablesKeepTheirOrderAndPlace) {
    const Document document = *parse_document("[[step]]\nz = 1\na = 2\n[[step]]\nb = 3\n", "x.toml");
    Section file(document);
    auto steps = *file.sections("step");
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].entries()[0].key, "z");  // as written, not by name
    EXPECT_EQ(steps[1].place().line, 4U);
}

}  // namespace
}  // namespace h7::settings

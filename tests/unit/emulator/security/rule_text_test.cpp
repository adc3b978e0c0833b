#include "emulator/security/rule_text.hpp"

#include <gtest/gtest.h>

#include "emulator/security/access_policy.hpp"

namespace h7::security {
namespace {

TEST(RuleText, EveryRowOfThePolicyHasASentence) {
    for (const Rule& row : kFlashPolicy)
        EXPECT_FALSE(sentence_of(row.cite).empty()) << row.id << " cites " << row.cite;
}

TEST(RuleText, RulesOfTheManualNameTheirSection) {
    for (const Rule& row : kFlashPolicy)
        EXPECT_EQ(rule_text(row.cite).section.empty(), row.cite.starts_with("D-")) << row.cite;
    EXPECT_EQ(rule_text("F-191").section, "4.5.2");
    EXPECT_EQ(rule_text("D-08").section, "");
    EXPECT_EQ(rule_text("X-1").sentence, "");
}

}  // namespace
}  // namespace h7::security

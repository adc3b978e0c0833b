// What a rule says, in one sentence, and where ST says it: the words behind every refusal in traces, errors
// and `h7rss explain`. One place, so that they all say the same.
#pragma once

#include <string_view>

namespace h7::security {

struct RuleText {
    std::string_view rule;      // "F-191"
    std::string_view section;   // of RM0399 Rev 4, "4.5.2"; "" where the rule is a decision of ours
    std::string_view sentence;  // no full stop
};

/// The text of `rule` ("F-191", "D-08"). Unknown rules have an empty sentence.
RuleText rule_text(std::string_view rule);

inline std::string_view sentence_of(std::string_view rule) { return rule_text(rule).sentence; }

}  // namespace h7::security

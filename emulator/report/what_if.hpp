// "What would have to be different": facts are changed one at a time and the policy is asked again. No
// recipes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peripherals/flash/controller.hpp"

namespace h7::report {

/// One fact the policy looks at, changed.
struct WhatIf {
    std::string_view key;  // "who", "secure", "pcrop", "wrp", "intrusion", "rdp", "security", "action"
    std::string text;      // the state in words: "nWRP3 = 1"
    void (*apply)(security::Protection&, security::Place&, security::Request&);
};

/// The row that would decide with `changes` made.
const security::Rule& row_with(const flash::Judgement& now, std::span<const WhatIf* const> changes);

/// All changes that make sense for `now`, nearest first: who asks and when, before what the chip is set to.
std::vector<WhatIf> what_ifs(const flash::Judgement& now);

/// The fewest changes that lead to "done": every single change that does, or else one smallest set.
struct Ways {
    std::vector<const WhatIf*> changes;
    bool need_all = false;
};
Ways nearest_ways(const flash::Judgement& now, const std::vector<WhatIf>& candidates);

}  // namespace h7::report

// Which cases of a catalogue are run, and in which order: the same for images and modules.
#pragma once

#include <fmt/format.h>

#include "rss/host/torture/torture.hpp"

namespace h7::torture {

/// Error (misuse): no case is called `wish.only`.
template <class Bench, class Case>
Result<Report> run_cases(Bench& bench, const std::vector<Case>& all, const Wish& wish, std::size_t steps) {
    Report report{wish.seed, all.size(), steps, {}};
    std::vector<std::size_t> chosen;
    for (std::size_t n = 0; n < all.size(); ++n)
        if (wish.only.empty() ? n % wish.shard.of + 1 == wish.shard.number : all[n].name == wish.only)
            chosen.push_back(n);
    if (!wish.only.empty() && chosen.empty())
        return misuse(fmt::format("there is no case '{}' with this image, seed and effort", wish.only));
    for (const std::size_t n : chosen) {
        report.lines.push_back({n, all[n].name, all[n].group, all[n].run(bench)});
        if (wish.progress) wish.progress(report.lines.size(), chosen.size());
        if (wish.enough && wish.enough(report.lines.back())) break;
    }
    return report;
}

}  // namespace h7::torture

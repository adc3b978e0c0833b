// Chips that lack one rule each. What the RSS of such a chip would leave behind is put there after every
// power-up and every install; the RSS itself is the sound one, there is no switch in it. A run on one of them
// must end with exit 4, or the judge is blind (docs/rss/torture.md).
#pragma once

#include <span>
#include <string>

#include "rss/host/torture/torture.hpp"

namespace h7::torture {

struct Defect {
    std::string_view name;     // --break NAME
    std::string_view lacks;    // the rule
    std::string_view seen_as;  // in the words of the violation that must be told
    /// After the boot that followed a loss of power; `before`: the journal it found.
    void (*after_power_on)(Rig& rig, const std::optional<rss::JournalRecord>& before) = nullptr;
    /// After a reset with something staged; may change what the host's tool is told.
    void (*after_install)(Rig& rig, Served& served) = nullptr;
};

std::span<const Defect> defects();
/// Error (misuse): no defect of that name; the message lists them.
Result<const Defect*> find_defect(std::string_view name);

/// How the judge did on each of them.
struct Sighting {
    const Defect* defect = nullptr;
    std::string seen_in{};  // the first case whose violation says it; empty: nothing was seen
    std::string violation{};
};

/// Every defect in turn, each until it is seen. Errors: those of run().
Result<std::vector<Sighting>> self_test(const Subject& subject, std::uint64_t seed);

}  // namespace h7::torture

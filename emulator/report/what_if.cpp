#include "emulator/report/what_if.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace h7::report {
namespace {

using security::Action;
using security::Answer;
using security::By;
using security::Place;
using security::Protection;
using security::Request;
using security::SecureOnly;

bool allows(const flash::Judgement& now, std::span<const WhatIf* const> changes) {
    // Two answers to "who asks" are no state.
    const auto who = [](const WhatIf* change) { return change->key == "who"; };
    if (std::count_if(changes.begin(), changes.end(), who) > 1) return false;
    return row_with(now, changes).verdict.answer == Answer::done;
}

}  // namespace

const security::Rule& row_with(const flash::Judgement& now, std::span<const WhatIf* const> changes) {
    Protection chip = now.chip;
    Place place = now.place;
    Request request = now.request;
    for (const WhatIf* change : changes) change->apply(chip, place, request);
    return security::decided_rule(chip, place, request);
}

std::vector<WhatIf> what_ifs(const flash::Judgement& now) {
    const std::string_view which = now.bank == 0 ? "1" : "2";
    const bool user = now.place.region == security::Region::user, cm7 = now.request.by == By::cm7;
    const bool debugger = now.request.by == By::debugger;
    std::vector<WhatIf> all;
    if (now.request.action == Action::read)
        all.push_back(
            {"action", "the CM7 executes it instead of reading it", [](Protection&, Place&, Request& r) {
                 r = {Action::fetch, By::cm7, r.code};
             }});
    if (!cm7)
        all.push_back({"who", "the CM7 asks", [](Protection&, Place&, Request& r) {
                           r.by = By::cm7;
                           r.code = Context::application;
                       }});
    if (now.place.secure && now.request.code != Context::secure_user)
        all.push_back({"who",
                       "secure user software of the CM7 asks (before exitSecureArea, CONFSEC bit 1 open)",
                       [](Protection&, Place&, Request& r) {
                           r.by = By::cm7;
                           r.code = Context::secure_user;
                       }});
    if (now.chip.rdp == security::Rdp::level1 && now.chip.intrusion && !debugger)
        all.push_back({"intrusion", "no debugger since power-on, and both cores boot from user flash",
                       [](Protection& p, Place&, Request&) { p.intrusion = false; }});
    if (now.place.write_protected)
        all.push_back({"wrp", fmt::format("nWRP{} = 1", now.bank * 8 + now.offset / security::kSector),
                       [](Protection&, Place& p, Request&) { p.write_protected = false; }});
    if (now.place.pcrop)
        all.push_back({"pcrop",
                       fmt::format("no PCROP area there (PROT_AREA_START{0} > PROT_AREA_END{0})", which),
                       [](Protection&, Place& p, Request&) { p.pcrop = false; }});
    if (now.place.secure)
        all.push_back({"secure",
                       fmt::format("no secure-only area there (SEC_AREA_START{0} > SEC_AREA_END{0})", which),
                       [](Protection&, Place& p, Request&) { p.secure = false; }});
    if (now.place.secure && now.chip.secure_only == SecureOnly::sealed)
        all.push_back({"security", "SECURITY = 1 at the last reset",
                       [](Protection& p, Place&, Request&) { p.secure_only = SecureOnly::gated; }});
    if (user && now.chip.rdp != security::Rdp::level0)
        all.push_back({"rdp", "RDP = 0xAA, level 0 (a regression: it erases)",
                       [](Protection& p, Place&, Request&) { p.rdp = security::Rdp::level0; }});
    if (!(cm7 && now.request.code == Context::rss))
        all.push_back({"who", "ST's RSS asks", [](Protection&, Place&, Request& r) {
                           r.by = By::cm7;
                           r.code = Context::rss;
                       }});
    return all;
}

Ways nearest_ways(const flash::Judgement& now, const std::vector<WhatIf>& candidates) {
    Ways ways;
    for (const WhatIf& one : candidates)
        if (allows(now, std::array{&one})) ways.changes.push_back(&one);
    // A person cannot be the RSS: worth saying only where nothing else helps.
    if (ways.changes.size() > 1)
        std::erase_if(ways.changes, [](const WhatIf* w) { return w->text == "ST's RSS asks"; });
    if (!ways.changes.empty()) return ways;
    for (const WhatIf& a : candidates)
        for (const WhatIf& b : candidates)
            if (&a < &b && allows(now, std::array{&a, &b})) return {{&a, &b}, true};
    for (const WhatIf& a : candidates)
        for (const WhatIf& b : candidates)
            for (const WhatIf& c : candidates)
                if (&a < &b && &b < &c && allows(now, std::array{&a, &b, &c})) return {{&a, &b, &c}, true};
    return {};
}

}  // namespace h7::report

// Names that people type for masters, moments and actions.
#include <algorithm>
#include <array>
#include <cctype>

#include "emulator/report/explain.hpp"

namespace h7::report {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

constexpr std::array<std::string_view, 4> kMoments = {"boot", "secure", "after-exit", "rss"};

}  // namespace

std::optional<Who> who_called(std::string_view name) {
    const std::string wanted = lower(name);
    if (wanted == "debugger") return Who{Master::ap0};
    if (wanted == "cm7-secure") return Who{Master::cm7, true};
    for (unsigned i = 0; i < kMasters; ++i) {
        const auto master = static_cast<Master>(i);
        if (wanted == lower(name_of(master))) return Who{master};
    }
    return std::nullopt;
}

std::string known_actors() {
    std::string all = "cm7, cm7-secure";
    for (unsigned i = 1; i < kMasters; ++i) all += ", " + lower(name_of(static_cast<Master>(i)));
    return all + ", debugger (ap0)";
}

std::optional<Moment> moment_called(std::string_view name) {
    const auto found = std::ranges::find(kMoments, lower(name));
    if (found == kMoments.end()) return std::nullopt;
    return static_cast<Moment>(found - kMoments.begin());
}

std::optional<security::Action> action_called(std::string_view name) {
    using enum security::Action;
    for (const security::Action action : {read, fetch, program, erase, checksum})
        if (lower(name) == security::name_of(action)) return action;
    return std::nullopt;
}

}  // namespace h7::report

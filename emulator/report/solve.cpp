#include "emulator/report/solve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/options/option_names.hpp"
#include "emulator/report/moves.hpp"

namespace h7::report {
namespace {

constexpr std::size_t kMostStates = 5000;

struct Node {
    State state;
    Step step;
    std::size_t parent = 0;
    unsigned fields = 0;  // changed on the way here
};

Solution path_to(const std::vector<Node>& nodes, std::size_t at, const Subject& subject, bool firmware) {
    Solution solution;
    solution.possible = true;
    solution.needs_firmware = firmware;
    solution.erased = nodes[at].state.erased;
    solution.overwritten = nodes[at].state.overwritten();
    solution.data_lost = (nodes[at].state.lost() & sectors_in_use(subject.image)) != 0;
    for (; at != 0; at = nodes[at].parent) solution.steps.push_back(nodes[at].step);
    std::ranges::reverse(solution.steps);
    return solution;
}

/// Level by level; among the goals of the first level that has any: the least erased, then the fewest fields.
Solution search(Desk& desk, const Subject& subject, const Goal& goal, bool firmware) {
    Moves moves(desk, subject, goal, firmware);
    std::vector<Node> nodes = {{moves.power_on(subject.image.options, 0, subject.boot0), {}, 0, 0}};
    // States seen, less what was erased on the way; a state with more erased than an earlier one leads
    // nowhere new, unless everything is to be erased.
    std::map<decltype(nodes[0].state.key()), std::vector<Sectors>> seen;
    const auto fresh = [&](State state) {
        const Sectors erased = std::exchange(state.erased, 0);
        std::vector<Sectors>& before = seen[state.key()];
        const bool known = std::ranges::any_of(before, [&](Sectors other) {
            return goal.kind == Goal::Kind::factory ? (erased & ~other) == 0 : (other & ~erased) == 0;
        });
        if (!known) before.push_back(erased);
        return !known;
    };
    fresh(nodes[0].state);
    const Sectors used = sectors_in_use(subject.image);
    std::size_t level = 0, next_level = nodes.size();
    if (moves.reached(nodes[0].state)) return path_to(nodes, 0, subject, false);
    while (level < nodes.size() && nodes.size() < kMostStates) {
        std::vector<std::size_t> goals;
        for (; level < next_level; ++level)
            for (Next& next : moves.from(nodes[level].state)) {
                if (!fresh(next.state)) continue;
                if (moves.reached(next.state)) goals.push_back(nodes.size());
                nodes.push_back({next.state, std::move(next.step), level, nodes[level].fields + next.fields});
            }
        if (!goals.empty()) {
            const auto best = std::ranges::min_element(goals, {}, [&](std::size_t n) {
                return std::tuple(std::popcount(nodes[n].state.lost() & used),
                                  std::popcount(nodes[n].state.lost()), nodes[n].fields, n);
            });
            Solution solution = path_to(nodes, *best, subject, firmware);
            solution.states = nodes.size();
            return solution;
        }
        next_level = nodes.size();
    }
    Solution none;
    none.states = nodes.size();
    none.exhausted = level >= nodes.size();
    return none;
}

}  // namespace

std::optional<Goal> goal_called(std::string_view name) {
    const auto* found = std::ranges::find(kGoals, name, &GoalName::name);
    if (found == std::end(kGoals)) return std::nullopt;
    return Goal{static_cast<Goal::Kind>(found - std::begin(kGoals))};
}

Solution solve(Desk& desk, const Subject& subject, const Goal& wanted) {
    Goal goal = wanted;
    if (goal.kind == Goal::Kind::factory) goal.words = subject.part->factory_options();
    Solution alone = search(desk, subject, goal, false);
    if (alone.possible) return alone;
    Solution helped = search(desk, subject, goal, true);
    helped.exhausted = helped.exhausted && alone.exhausted;
    return helped;
}

Sectors sectors_in_use(const flash::Image& image) {
    constexpr std::size_t kWords = security::kSector / 32;
    Sectors used = 0;
    for (unsigned bank = 0; bank < 2; ++bank)
        for (std::size_t word = 0; word < image.user[bank].words.size(); ++word)
            if (image.user[bank].words[word] != flash::WordState::erased)
                used |= 1U << (bank * 8 + word / kWords);
    return used;
}

flash::Image with_erased(flash::Image image, Sectors sectors) {
    constexpr std::size_t kWords = security::kSector / 32;
    for (unsigned n = 0; n < 16; ++n) {
        flash::ArrayImage& bank = image.user[n / 8];
        if ((sectors >> n & 1U) == 0 || bank.data.size() < (n % 8 + 1) * std::size_t{security::kSector})
            continue;
        std::fill_n(bank.data.begin() + static_cast<std::ptrdiff_t>(n % 8 * security::kSector),
                    security::kSector, std::uint8_t{0xFF});
        std::fill_n(bank.words.begin() + static_cast<std::ptrdiff_t>(n % 8 * kWords), kWords,
                    flash::WordState::erased);
    }
    return image;
}

std::string sectors_text(Sectors sectors, unsigned sectors_per_bank) {
    const Sectors whole = (1U << sectors_per_bank) - 1;
    std::string text;
    for (unsigned bank = 0; bank < 2; ++bank) {
        const Sectors here = sectors >> (8 * bank) & whole;
        if (here == 0) continue;
        text += fmt::format("{}bank {}", text.empty() ? "" : " and ", bank + 1);
        if (here == whole) continue;
        std::string list;
        for (unsigned n = 0; n < sectors_per_bank; ++n)
            if ((here >> n & 1U) != 0) list += fmt::format("{}{}", list.empty() ? "" : ", ", n);
        text += fmt::format(" sector{} {}", std::popcount(here) > 1 ? "s" : "", list);
    }
    return text;
}

std::string changes_text(const flash::OptionWords& from, const flash::OptionWords& to) {
    std::string text;
    for (const options::Field& field : options::fields())
        if (field.get(from) != field.get(to))
            text += fmt::format("{}{}=0x{:X}", text.empty() ? "" : " ", field.name, field.get(to));
    return text;
}

std::string print(const Solution& solution) {
    if (!solution.possible)
        return solution.exhausted
                   ? fmt::format("no way back: none of the {} states that can be reached is the goal\n",
                                 solution.states)
                   : fmt::format("no way found within {} states\n", solution.states);
    if (solution.steps.empty()) return "nothing to do: the goal is reached when the chip has power\n";
    std::string text;
    std::size_t number = 0;
    for (const Step& step : solution.steps) {
        text += fmt::format("{}. {}\n", ++number, step.what);
        if (!step.command.empty()) text += fmt::format("     {}\n", step.command);
        if (!step.effect.empty()) text += fmt::format("     {}\n", step.effect);
    }
    if (solution.needs_firmware) text += "Needs firmware on the chip that does what is asked of it.\n";
    if (solution.erased == 0 && solution.overwritten == 0)
        text += "Nothing is erased.\n";
    else if (!solution.data_lost)
        text += "The erased sectors held nothing.\n";
    else if (solution.erased == 0)
        text += "What the overwritten area held is lost.\n";
    else
        text += "What the erased sectors held is lost.\n";
    return text;
}

std::string print_json(const Solution& solution) {
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    for (const Step& step : solution.steps)
        steps.push_back({{"what", step.what}, {"command", step.command}, {"effect", step.effect}});
    return nlohmann::ordered_json{{"possible", solution.possible},
                                  {"steps", steps},
                                  {"needs_firmware", solution.needs_firmware},
                                  {"erases", sectors_text(solution.erased, 8)},
                                  {"overwrites_in", sectors_text(solution.overwritten, 8)},
                                  {"data_lost", solution.data_lost},
                                  {"states", solution.states},
                                  {"exhausted", solution.exhausted}}
               .dump(2) +
           "\n";
}

}  // namespace h7::report

// Every state of the flash access policy against tests/policy/policy.csv, which a person reviews.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "emulator/security/access_policy.hpp"

namespace {

using namespace h7;
using namespace h7::security;

struct Who {
    std::string name;
    By by;
    Context code;
};
const std::vector<Who> kWho = {{"app", By::cm7, Context::application},
                               {"sec", By::cm7, Context::secure_user},
                               {"rss", By::cm7, Context::rss},
                               {"bl", By::cm7, Context::bootloader},
                               {"cm4", By::cm4, Context::application},
                               {"dma", By::dma, Context::application},
                               {"dbg", By::debugger, Context::application}};

struct Named {
    std::string name;
    Place place;
};
std::vector<Named> places() {
    std::vector<Named> all;
    for (unsigned bits = 0; bits < 8; ++bits) {
        const Place place{Region::user, (bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0};
        all.push_back({std::string{place.pcrop ? 'P' : '-', place.secure ? 'S' : '-',
                                   place.write_protected ? 'W' : '-'},
                       place});
    }
    all.push_back({"rss1", {Region::rss1}});
    all.push_back({"system1", {Region::system1}});
    all.push_back({"system2", {Region::system2}});
    all.push_back({"reserved", {Region::reserved}});
    return all;
}

struct State {
    std::vector<std::string> words;  // place, action, who, intruded, secure: as in the file
    Protection chip;
    Place place;
    Request request;
};
std::vector<State> every_state() {
    std::vector<State> all;
    for (const Named& at : places())
        for (const Action action :
             {Action::read, Action::fetch, Action::program, Action::erase, Action::checksum})
            for (const Who& who : kWho)
                for (const bool intruded : {false, true})
                    for (const auto& [mode, name] :
                         {std::pair{SecureOnly::without_effect, "none"},
                          std::pair{SecureOnly::sealed, "sealed"}, std::pair{SecureOnly::gated, "gated"}})
                        all.push_back(
                            {{at.name, std::string(name_of(action)), who.name, intruded ? "y" : "n", name},
                             {intruded ? Rdp::level1 : Rdp::level0, intruded, mode},
                             at.place,
                             {action, who.by, who.code}});
    return all;
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) parts.push_back(part);
    return parts;
}

bool fits(const std::string& pattern, const std::string& word) {
    if (pattern == "*") return true;
    for (const std::string& one : split(pattern, '|')) {
        if (one.size() != word.size()) continue;
        bool same = true;
        for (std::size_t i = 0; i < one.size(); ++i) same = same && (one[i] == '?' || one[i] == word[i]);
        if (same) return true;
    }
    return false;
}

std::vector<std::vector<std::string>> reviewed() {
    std::ifstream file(H7_POLICY_CSV);
    std::vector<std::vector<std::string>> rows;
    bool heading = true;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        if (!heading) rows.push_back(split(line, ','));
        heading = false;
    }
    return rows;
}

std::string answer_name(Answer answer) {
    switch (answer) {
        case Answer::done:
            return "done";
        case Answer::zero:
            return "zero";
        case Answer::dropped:
            return "dropped";
        case Answer::bus_error:
            return "error";
    }
    return "";
}

std::string text(const State& state) {
    std::string all;
    for (const std::string& word : state.words) all += word + " ";
    return all;
}

TEST(Policy,
     DecidesEveryStateAsReviewed) {  // F-236 F-237 F-238 F-194 F-219 F-220 F-221 F-224 F-228 R-008 R-009
    const auto rows = reviewed();
    ASSERT_GT(rows.size(), 60U) << H7_POLICY_CSV;
    for (const auto& row : rows) ASSERT_EQ(row.size(), 9U) << row.front();
    std::vector<unsigned> hits(rows.size());
    for (const State& state : every_state()) {
        std::size_t found = rows.size();
        unsigned matches = 0;
        for (std::size_t n = 0; n < rows.size(); ++n) {
            bool all = true;
            for (std::size_t column = 0; column < 5; ++column)
                all = all && fits(rows[n][column], state.words[column]);
            if (!all) continue;
            found = n;
            ++matches;
            ++hits[n];
        }
        ASSERT_EQ(matches, 1U) << "lines of policy.csv for: " << text(state);
        const Rule& rule = rule_for(state.chip, state.place, state.request);
        const std::string flag(name_of(rule.verdict.flag));
        EXPECT_EQ(answer_name(rule.verdict.answer), rows[found][5]) << text(state);
        EXPECT_EQ(flag.empty() ? "-" : flag, rows[found][6]) << text(state);
        EXPECT_EQ(rule.id, rows[found][7]) << text(state);
        EXPECT_EQ(rule.cite, rows[found][8]) << text(state);
    }
    for (std::size_t n = 0; n < rows.size(); ++n)
        EXPECT_GT(hits[n], 0U) << "dead line: " << rows[n][0] << ' ' << rows[n][1];
}

TEST(Policy, HasNoDeadRow) {
    std::set<std::string_view> used;
    for (const State& state : every_state()) used.insert(rule_for(state.chip, state.place, state.request).id);
    for (const Rule& rule : kFlashPolicy) EXPECT_EQ(used.count(rule.id), 1U) << rule.id;
}

TEST(Policy, TheCompiledTableSaysTheSame) {
    for (const State& state : every_state())
        EXPECT_EQ(decided_rule(state.chip, state.place, state.request).id,
                  rule_for(state.chip, state.place, state.request).id)
            << text(state);
}

TEST(Policy, NeverRefusesAWriteByABusError) {  // F-068
    for (const State& state : every_state()) {
        if (state.request.action != Action::program && state.request.action != Action::erase) continue;
        const Answer answer = decide(state.chip, state.place, state.request).answer;
        EXPECT_TRUE(answer == Answer::done || answer == Answer::dropped) << text(state);
    }
}

TEST(Policy, LooksAtTheContextOfTheCm7Only) {  // D-21
    for (State state : every_state()) {
        if (state.request.by == By::cm7) continue;
        const Verdict plain = decide(state.chip, state.place, state.request);
        for (const Context code : {Context::secure_user, Context::rss, Context::bootloader}) {
            state.request.code = code;
            EXPECT_EQ(decide(state.chip, state.place, state.request), plain) << text(state);
        }
    }
}

TEST(Policy, LevelTwoAndZeroAreNotIntruded) {  // F-197 F-202
    for (State state : every_state()) {
        if (!state.chip.intrusion) continue;
        for (const Rdp level : {Rdp::level0, Rdp::level2}) {
            state.chip.rdp = level;
            const std::string_view id = rule_for(state.chip, state.place, state.request).id;
            EXPECT_FALSE(id.starts_with("level1")) << text(state);
        }
    }
}

}  // namespace

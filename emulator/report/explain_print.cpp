// An explanation as text for people and as JSON for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/report/explain.hpp"

namespace h7::report {
namespace {

std::string cited(const Explanation& e) {
    std::string text = fmt::format("{} ({}", e.row, e.rule);
    if (!e.section.empty()) text += fmt::format(", RM0399 {}", e.section);
    return text + ")";
}

}  // namespace

std::string print(const Explanation& e) {
    std::string text = e.question + "\n";
    text += fmt::format("  verdict     {}{}{}\n", e.verdict, e.flag.empty() ? "" : ", ", e.flag);
    text += fmt::format("  rule        {}\n", cited(e));
    text += fmt::format("  because     {}\n", e.sentence);
    if (!e.place.empty()) text += fmt::format("  place       {}\n", e.place);
    std::string_view label = "state";
    for (const Fact& fact : e.facts) {
        text += fmt::format("  {:<11} {} {} = {}{}{}\n", label, fact.decides ? '*' : ' ', fact.name,
                            fact.value, fact.meaning.empty() ? "" : "  (" + fact.meaning + ")",
                            fact.where.empty() ? "" : "  " + fact.where);
        label = "";
    }
    label = e.ways_need_all ? "needs all of" : "allowed if";
    for (const std::string& way : e.ways) {
        text += fmt::format("  {:<11} {}\n", label, way);
        label = e.ways_need_all ? "and" : "or if";
    }
    if (!e.allowed && e.ways.empty()) text += "  allowed if  never: no single state of this chip allows it\n";
    return text;
}

std::string print_json(const Explanation& e) {
    nlohmann::ordered_json facts = nlohmann::ordered_json::array();
    for (const Fact& fact : e.facts)
        facts.push_back({{"name", fact.name},
                         {"value", fact.value},
                         {"meaning", fact.meaning},
                         {"register", fact.where},
                         {"decides", fact.decides}});
    return nlohmann::ordered_json{
               {"question", e.question}, {"verdict", e.verdict},  {"allowed", e.allowed},
               {"flag", e.flag},         {"row", e.row},          {"rule", e.rule},
               {"section", e.section},   {"because", e.sentence}, {"place", e.place},
               {"facts", facts},         {"allowed_if", e.ways},  {"needs_all", e.ways_need_all}}
               .dump(2) +
           "\n";
}

}  // namespace h7::report

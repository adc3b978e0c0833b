// h7rss policy: who may do what with flash contents, printed from the table the chip decides by.
#include <fmt/format.h>

#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/security/access_policy.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

using namespace security;

struct Options {
    bool json = false;
};

std::string_view name_of(Where where) {
    switch (where) {
        case Where::user:
            return "user flash";
        case Where::pcrop:
            return "PCROP area";
        case Where::secure:
            return "secure-only area";
        case Where::wrp_sector:
            return "write-protected sector";
        case Where::bank1_system:
            return "system flash bank 1";
        case Where::rss_memory:
            return "RSS memory";
        case Where::system2:
            return "system flash bank 2";
        case Where::system:
            return "system flash";
        case Where::reserved:
            return "reserved";
        case Where::any:
            return "anywhere";
    }
    return "?";
}

std::string_view name_of(By by) {
    switch (by) {
        case By::cm7:
            return "CM7";
        case By::cm4:
            return "CM4";
        case By::dma:
            return "DMA";
        case By::debugger:
            return "debugger";
        case By::any:
            return "anyone";
    }
    return "?";
}

std::string_view name_of(Condition condition) {
    struct Name {
        Condition condition;
        std::string_view name;
    };
    static constexpr Name kNames[] = {
        {when::always, "always"},
        {when::intruded, "RDP level 1 and intrusion"},
        {when::sealed, "SECURITY is 0"},
        {when::in_effect, "secure areas have effect"},
        {when::rss, "RSS"},
        {when::not_rss, "not the RSS"},
        {when::not_st_code, "not ST's code"},
        {when::secure_code, "secure code"},
        {when::not_secure_code, "not secure code"},
    };
    for (const Name& name : kNames)
        if (name.condition == condition) return name.name;
    return "?";
}

std::string verdict_text(Verdict verdict) {
    const std::string_view flag = security::name_of(verdict.flag);
    const std::string with = flag.empty() ? "" : fmt::format(", {}", flag);
    switch (verdict.answer) {
        case Answer::done:
            return "done";
        case Answer::zero:
            return "zeros" + with;
        case Answer::dropped:
            return "dropped" + with;
        case Answer::bus_error:
            return "bus error" + with;
    }
    return "?";
}

Result<ExitCode> policy(const Options& options) {
    Json json = Json::array();
    std::string text = fmt::format("{:<20} {:<24} {:<9} {:<9} {:<26} {:<20} {}\n", "id", "where", "action",
                                   "by", "when", "answer", "rule");
    for (const Rule& rule : kFlashPolicy) {
        const std::string_view action = security::name_of(rule.action);
        const std::string answer = verdict_text(rule.verdict);
        json.push_back({{"id", rule.id},
                        {"where", name_of(rule.where)},
                        {"action", action},
                        {"by", name_of(rule.by)},
                        {"when", name_of(rule.when)},
                        {"answer", answer},
                        {"rule", rule.cite}});
        text += fmt::format("{:<20} {:<24} {:<9} {:<9} {:<26} {:<20} {}\n", rule.id, name_of(rule.where),
                            action, name_of(rule.by), name_of(rule.when), answer, rule.cite);
    }
    if (options.json)
        print_json("policy", Json{{"rows", json}});
    else
        print(text);
    return ExitCode::done;
}

}  // namespace

void add_policy(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &policy);
    add_json(command, options->json);
    command.footer("The first row that fits decides.");
}

}  // namespace h7::cli

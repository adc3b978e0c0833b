// The report of an option change as text for people and as JSON for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/options/option_names.hpp"
#include "emulator/report/option_report.hpp"
#include "emulator/security/rule_text.hpp"

namespace h7::report {
namespace {

using Json = nlohmann::ordered_json;

std::string cited(std::string_view rule) {
    const std::string_view section = security::rule_text(rule).section;
    return section.empty() ? std::string(rule) : fmt::format("{}, RM0399 {}", rule, section);
}

std::string answer_to(const Attempt& attempt) {
    if (!attempt.can_ask) return "cannot ask: " + attempt.why_not;
    if (attempt.trial.accepted) return "accepted";
    const flash::Refusal& refusal = *attempt.trial.refusal;
    return fmt::format("refused{}{}: {}: {} ({})", refusal.flag.empty() ? "" : ", ", refusal.flag, refusal.id,
                       refusal.why, cited(refusal.rule));
}

std::string start_text(const CoreStart& core) {
    if (!core.runs) return "held";
    return fmt::format("vectors at 0x{:08x}{}", core.vectors,
                       core.blank ? ", which is blank: it locks up at once" : "");
}

std::string port_text(const chip::PortState& port) {
    return port.open ? "open" : fmt::format("closed: {} ({})", port.why, port.rule);
}

}  // namespace

std::string print(const OptionReport& r) {
    std::string text = "change\n";
    for (const options::Field& field : options::fields()) {
        const std::uint32_t from = field.get(r.before), to = field.get(r.wanted);
        if (from == to) continue;
        const std::string was = field.meaning(from), is = field.meaning(to);
        text += fmt::format("  {:<16} 0x{:X}{} -> 0x{:X}{}\n", field.name, from,
                            was.empty() ? "" : " (" + was + ")", to, is.empty() ? "" : " (" + is + ")");
    }
    if (r.before == r.wanted) text += "  none: the option bytes have these values already\n";
    text += fmt::format("who asks, BOOT0 {}\n", r.boot0 ? "high" : "low");
    for (const Attempt& attempt : r.attempts)
        text += fmt::format("  {:<34} {}\n", attempt.who.name, answer_to(attempt));
    if (r.done() == nullptr)
        return text + "verdict\n  refused: nobody on this chip can make this change now\n";

    const Trial& trial = r.done()->trial;
    text += "erased\n";
    if (trial.erased == 0)
        text += "  nothing\n";
    else
        text += fmt::format("  {}{}{}\n", sectors_text(trial.erased, 8),
                            trial.secured_regions_erased ? ", backup SRAM, RTC backup registers" : "",
                            r.data_lost ? "" : " (they hold nothing)");
    if (!r.at_next_reset.empty()) {
        text += "acts at the next reset only\n ";
        for (const std::string& name : r.at_next_reset) text += " " + name;
        text += "\n";
    }
    text += fmt::format("after the next power-on, BOOT0 {}\n", r.boot0 ? "high" : "low");
    for (const std::string& line : r.boot.story) text += fmt::format("  {}\n", line);
    text += fmt::format("  CM7: {}\n", start_text(r.boot.cm7));
    if (r.cm4) text += fmt::format("  CM4: {}\n", start_text(r.boot.cm4));
    text += fmt::format("  AP0: {}\n  AP1: {}\n", port_text(r.boot.ap0), port_text(r.boot.ap1));
    if (r.cm4) text += fmt::format("  AP3: {}\n", port_text(r.boot.ap3));
    for (const Reach& reach : r.debugger)
        text += fmt::format("  a debugger reads 0x{:08x}-0x{:08x}: {} ({}, {})\n", reach.first, reach.last,
                            reach.verdict, reach.row, reach.rule);
    text += "way back to the present option bytes\n" + print(r.undo);
    if (r.data_lost) text += "What the change itself erases does not come back.\n";
    return text;
}

std::string print_json(const OptionReport& r) {
    Json fields = Json::array(), attempts = Json::array(), reach = Json::array();
    for (const options::Field& field : options::fields())
        if (field.get(r.before) != field.get(r.wanted))
            fields.push_back(
                {{"name", field.name}, {"from", field.get(r.before)}, {"to", field.get(r.wanted)}});
    for (const Attempt& attempt : r.attempts) {
        Json one{{"who", attempt.who.id},
                 {"can_ask", attempt.can_ask},
                 {"accepted", attempt.can_ask && attempt.trial.accepted},
                 {"answer", answer_to(attempt)}};
        if (attempt.can_ask && !attempt.trial.accepted)
            one.update({{"field", attempt.trial.refusal->id}, {"rule", attempt.trial.refusal->rule}});
        attempts.push_back(one);
    }
    Json json{
        {"changes", fields}, {"boot0", r.boot0}, {"attempts", attempts}, {"accepted", r.done() != nullptr}};
    if (r.done() == nullptr) return json.dump(2) + "\n";
    for (const Reach& range : r.debugger)
        reach.push_back({{"first", range.first},
                         {"last", range.last},
                         {"answer", range.verdict},
                         {"row", range.row},
                         {"rule", range.rule}});
    const auto core = [](const CoreStart& start) {
        return Json{{"runs", start.runs}, {"vectors", start.vectors}, {"blank", start.blank}};
    };
    json.update({{"erases", sectors_text(r.done()->trial.erased, 8)},
                 {"data_lost", r.data_lost},
                 {"at_next_reset", r.at_next_reset},
                 {"boot", r.boot.story},
                 {"cm7", core(r.boot.cm7)},
                 {"cm4", core(r.boot.cm4)},
                 {"ap0", port_text(r.boot.ap0)},
                 {"ap1", port_text(r.boot.ap1)},
                 {"ap3", port_text(r.boot.ap3)},
                 {"debugger_reads", reach},
                 {"way_back", Json::parse(print_json(r.undo))}});
    if (!r.cm4) {
        json.erase("cm4");
        json.erase("ap3");
    }
    return json.dump(2) + "\n";
}

}  // namespace h7::report

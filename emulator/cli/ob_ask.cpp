// h7rss ob diff | explain | solve: questions about option bytes. No chip file is changed.
#include <fmt/format.h>

#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/subject.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/options/option_names.hpp"
#include "emulator/report/option_report.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string chip, other, goal = "unlocked";
    std::vector<std::string> changes;
    bool boot0 = false, json = false;
};

Result<ChipContents> contents_of(const std::string& path) {
    const auto file = TRY(ChipFile::open(path, ChipFile::Use::look));
    return file.load();
}

Result<ExitCode> diff(const Options& options) {
    const ChipContents chip = TRY(contents_of(options.chip));
    const flash::OptionWords& a = chip.image.options;
    const bool factory = options.other == "factory";
    const ChipContents other = factory ? ChipContents{} : TRY(contents_of(options.other));
    const flash::OptionWords b = factory ? TRY(part_called(chip.part))
    ->factory_options() : other.image.options;
    Json json = Json::array();
    std::string text;
    for (const options::Field& field : options::fields()) {
        const std::uint32_t left = field.get(a), right = field.get(b);
        if (left == right) continue;
        json.push_back({{"name", field.name},
                        {"a", left},
                        {"a_meaning", field.meaning(left)},
                        {"b", right},
                        {"b_meaning", field.meaning(right)}});
        const auto value = [&](std::uint32_t number) {
            const std::string meaning = field.meaning(number);
            return fmt::format("0x{:X}{}", number, meaning.empty() ? "" : "  (" + meaning + ")");
        };
        text += fmt::format("  {:<16} : {}\n  {:<16}   {}\n", field.name, value(left), "", value(right));
    }
    if (options.json) {
        print_json("ob diff", Json{{"differences", json}});
    } else if (json.empty()) {
        print("The option bytes are the same.\n");
    } else {
        print(fmt::format("{}, below it {}\n\n", options.chip, factory ? "factory values" : options.other) +
              text);
    }
    return ExitCode::done;
}

Result<ExitCode> explain(const Options& options) {
    const std::vector<options::Change> changes = TRY(options::parse_changes(options.changes));
    TRY(check_exist(TRY(contents_of(options.chip)), changes));
    report::Subject subject = TRY(subject_in(options.chip));
    subject.boot0 = options.boot0;
    report::Desk desk = TRY(desk_for(options.chip, subject));
    const report::OptionReport answer =
        report::report_change(desk, subject, options::with_changes(subject.image.options, changes));
    if (options.json)
        print_json_text("ob explain", report::print_json(answer));
    else
        print(report::print(answer));
    return answer.done() != nullptr ? ExitCode::done : ExitCode::refused;
}

/// Goals and what they mean, for the help and for messages.
std::string goals_text() {
    std::string text;
    for (const report::GoalName& goal : report::kGoals)
        text += fmt::format("{}{:<16}{}\n", text.empty() ? "Goals: " : "       ", goal.name, goal.meaning);
    return text + "       NAME=VALUE[,..] these option bytes, everything else as it is\n";
}

Result<report::Goal> goal_in(const std::string& text, const flash::OptionWords& now) {
    if (text.find('=') != std::string::npos) {
        std::vector<std::string> changes(1);
        for (const char c : text)
            if (c == ',' || c == ' ')
                changes.emplace_back();
            else
                changes.back() += c;
        std::erase(changes, "");
        return report::Goal {
            report::Goal::Kind::options, options::with_changes(now, TRY(options::parse_changes(changes)))
        };
    }
    if (const auto goal = report::goal_called(text)) return *goal;
    std::string known;
    for (const report::GoalName& goal : report::kGoals) known += fmt::format("{}, ", goal.name);
    return misuse(fmt::format("--goal {}: one of {}or option bytes as NAME=VALUE", text, known));
}

Result<ExitCode> solve(const Options& options) {
    const report::Subject subject = TRY(subject_in(options.chip));
    report::Desk desk = TRY(desk_for(options.chip, subject));
    const report::Goal goal = TRY(goal_in(options.goal, subject.image.options));
    const report::Solution answer = report::solve(desk, subject, goal);
    if (options.json)
        print_json_text("ob solve", report::print_json(answer));
    else
        print(report::print(answer));
    return answer.possible ? ExitCode::done : ExitCode::refused;
}

std::shared_ptr<Options> add(CLI::App& command, Action& chosen, const char* name, const char* help,
                             Result<ExitCode> (*act)(const Options&), const std::string& footer) {
    CLI::App* verb = command.add_subcommand(name, help);
    auto options = options_of<Options>(*verb, chosen, act);
    verb->add_option("chip", options->chip, "chip file; it is not changed")->required();
    add_json(*verb, options->json);
    verb->footer(footer);
    return options;
}

}  // namespace

void add_ob_questions(CLI::App& command, Action& chosen) {
    const auto of = [&](const char* name) { return command.get_subcommand(name); };
    {
        auto options =
            add(command, chosen, "diff", "print which option bytes of two chips differ", &diff,
                "Each field that differs: its value in the first chip, below it that of the other.");
        of("diff")->add_option("other", options->other, "another chip file, or the word factory")->required();
    }
    {
        auto options = add(
            command, chosen, "explain", "what an option change would do, before it is done", &explain,
            "Tries the change on the flash interface of a copy of the chip: as a debugger, as non-secure "
            "and\n"
            "secure firmware of the CM7, as firmware of the CM4. Prints who is refused and by which rule, "
            "what\n"
            "is erased, which fields act at the next reset only, who boots what afterwards, what a debugger\n"
            "still reaches and reads, and the shortest way back to the present option bytes, if there is "
            "one.\n"
            "Exit code: 0 somebody may make the change, 1 the chip refuses it.");
        of("explain")
            ->add_option("changes", options->changes,
                         "NAME=VALUE, for instance RDP=0xBB BOR_LEV=2; one change")
            ->required();
        of("explain")->add_flag("--boot0", options->boot0, "BOOT0 is high");
    }
    {
        auto options = add(command, chosen, "solve",
                           "the shortest legal way to a goal, as steps a person can do", &solve,
                           "Searches the states of the real model, step by step: option changes, erases with "
                           "protection removal\n"
                           "and RSS services through the debug port, the ROM bootloader where the port is "
                           "closed, resets, power\n"
                           "cycles with BOOT0 low or high; where none of these leads there, also with the "
                           "help of firmware that\n"
                           "is on the chip. Among ways of equal length the one that erases least.\n" +
                               goals_text() + "Exit code: 0 there is a way, 1 there is none.");
        of("solve")
            ->add_option("--goal", options->goal, "what the chip should become")
            ->capture_default_str();
    }
}

}  // namespace h7::cli

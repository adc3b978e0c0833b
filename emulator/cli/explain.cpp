// h7rss explain: why an access to a chip gets the answer it gets.
#include <fmt/format.h>

#include "emulator/base/hex.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/subject.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/report/explain_erase.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string chip, address, who = "cm7", op = "read", state;
    bool debugger = false, boot0 = false, remove_protections = false, json = false;

    bool mass() const { return op == "mass-erase"; }
    bool bank() const { return op == "bank-erase" || mass(); }
};

/// Who, when and where; an erase of banks takes of it what it needs.
Result<report::Question> question_of(const Options& options) {
    const auto who = report::who_called(options.who);
    if (!who)
        return misuse(
            fmt::format("--who {}: no such master; known are {}", options.who, report::known_actors()));
    const auto action = report::action_called(options.bank() ? "erase" : options.op);
    if (!action)
        return misuse(fmt::format(
            "--op {}: one of read, fetch, program, erase, bank-erase, mass-erase, checksum", options.op));
    if (options.remove_protections && !options.bank())
        return misuse("--remove-protections: belongs to --op bank-erase or mass-erase (F-087)");
    if (options.address.empty() && !options.mass())
        return misuse(fmt::format("--op {} needs an address", options.op));
    const auto address = parse_number(options.address.empty() ? "0" : options.address);
    if (!address) return misuse(fmt::format("address {}: {}", options.address, address.error().message));
    std::string state = options.state.empty() ? (who->secure ? "secure" : "boot") : options.state;
    const auto moment = report::moment_called(state);
    if (!moment) return misuse(fmt::format("--state {}: one of boot, secure, after-exit, rss", state));
    if (who->secure && *moment != report::Moment::secure)
        return misuse(fmt::format(
            "--who cm7-secure and --state {}: secure user software runs in --state secure", state));
    return report::Question{who->master, *action, *address, *moment, options.debugger};
}

Result<ExitCode> explain(const Options& options) {
    const report::Question question = TRY(question_of(options));
    report::Subject subject = TRY(subject_in(options.chip));
    if (!subject.part->cm4 && (question.master == Master::cm4 || question.master == Master::ap3))
        return misuse(fmt::format("--who {}: {} has no Cortex-M4", options.who, subject.part->name));
    subject.boot0 = options.boot0;
    report::Desk desk = TRY(desk_for(options.chip, subject));
    const auto answer =
        options.bank()
            ? report::explain_erase(desk, subject,
                                    {question.master, options.mass(), question.address,
                                     options.remove_protections, question.moment, question.debugger_seen})
            : report::explain(desk, subject, question);
    if (!answer) return in_file(options.chip, answer.error());
    if (options.json)
        print_json_text("explain", report::print_json(*answer));
    else
        print(report::print(*answer));
    return answer->allowed ? ExitCode::done : ExitCode::refused;
}

}  // namespace

void add_explain(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &explain);
    command.add_option("chip", options->chip, "chip file; it is not changed")->required();
    command.add_option("address", options->address,
                       "address as the master puts it on the bus, 0x08000000; not for --op mass-erase");
    command
        .add_option(
            "--who", options->who,
            "who asks: cm7, cm7-secure (secure user software), cm4, mdma, dma1, dma2, bdma, dma2d, ..,\n"
            "ap0 (the CM7 as a debugger sees it; also: debugger), ap1 (D3 domain), ap2 (debug bus), ap3 "
            "(CM4)")
        ->capture_default_str();
    command
        .add_option("--op", options->op,
                    "read, fetch, program, erase (its sector), bank-erase, mass-erase, checksum (CRC unit)")
        ->capture_default_str();
    command.add_flag("--remove-protections", options->remove_protections,
                     "bank-erase and mass-erase: with protection removal (F-087)");
    command.add_option(
        "--state", options->state,
        "boot: as the chip stands after power-on (default); secure: secure user software runs;\n"
        "after-exit: it has ended with exitSecureArea; rss: ST's own code runs");
    command.add_flag("--debugger", options->debugger,
                     "a debugger was connected since power-on (an intrusion at RDP level 1)");
    command.add_flag("--boot0", options->boot0, "BOOT0 is high");
    add_json(command, options->json);
    command.footer(
        "Powers a copy of the chip on, asks the policy the chip decides by, and prints the verdict, the "
        "flag,\n"
        "the row (see h7rss policy) with rule and section of RM0399, the option bytes and states it looked "
        "at\n"
        "(* = another value would lead to another row), and the nearest states that would allow the access:\n"
        "each alone, or, where none is enough, the fewest together.\n"
        "Exit code: 0 allowed, 1 refused by the chip.");
}

}  // namespace h7::cli

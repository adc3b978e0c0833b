// A verb of the command line: what it parses and what it does. One file a verb; verbs.cpp is the table of
// them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "emulator/base/result.hpp"

namespace h7::cli {

/// What the chosen verb does once the command line was parsed: its exit code, or the user's mistake.
using Action = std::function<Result<ExitCode>()>;

/// Puts the options of one verb under `command` and sets `chosen` from its callback. The options live as long
/// as the action: an add_.. function keeps them in a shared_ptr that both lambdas hold.
using AddVerb = void (*)(CLI::App& command, Action& chosen);

struct Verb {
    std::string_view name;
    std::string_view help;
    AddVerb add;
};

/// A verb's options, made once and shared by parser and action.
///
///   auto options = options_of<ShowOptions>(command, chosen, &show);
///   command.add_option("chip", options->path, "..")->required();
template <class Options>
std::shared_ptr<Options> options_of(CLI::App& command, Action& chosen,
                                    Result<ExitCode> (*act)(const Options&)) {
    auto options = std::make_shared<Options>();
    command.callback([&chosen, options, act] { chosen = [options, act] { return act(*options); }; });
    return options;
}

/// Adds "--json".
void add_json(CLI::App& command, bool& json);

/// Writes to standard output.
void print(std::string_view text);

/// The user's mistake or the chip's refusal: one line on standard error and, with --json, an object with
/// "exit" and "error" on standard output. The exit code.
int fail(const Error& error, bool json);
/// The line on standard error alone, for a verb whose JSON text has told the rest. Control characters become
/// '?'.
void tell(std::string_view line);

}  // namespace h7::cli

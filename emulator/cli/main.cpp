// h7rss: one binary, one verb per job. Errors are one line on standard error; the exit codes are one table
// for all verbs.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "emulator/cli/st_names.hpp"
#include "emulator/cli/verbs.hpp"

namespace {

using namespace h7;

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused by the chip, or an assertion failed; 2 misuse or bad input;\n"
    "3 emulation fault (lock-up, unmodelled access under --strict); 4 security rule violated; 42 time limit "
    "reached.";

/// Asked of the words, because what cannot be parsed has no options.
bool wants_json(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc, [](std::string_view word) { return word == "--json"; });
}

/// An empty value is a variable that a script did not set; the next option in the place of a value is one
/// that was forgotten. Nothing is left out by either.
void refuse_missing_values(CLI::App& app) {
    for (CLI::Option* option : app.get_options())
        option->check([&app](const std::string& value) -> std::string {
            if (value.empty()) return "the value is empty; give one, or leave it out";
            const std::string name = value.substr(0, value.find('='));  // "--m4=b.elf" too
            if (name.size() > 1 && name.front() == '-' && app.get_option_no_throw(name) != nullptr)
                return fmt::format("the value is missing: '{}' is an option; a file of that name is ./{}",
                                   name, value);
            return {};
        });
    for (CLI::App* verb : app.get_subcommands({})) refuse_missing_values(*verb);
}

/// CLI11 names the option and the reason; ours adds a verb that does not exist, and where the manual is.
int misuse_of(CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    CLI::App* at = &app;
    std::string command = "h7rss", what = error.what();
    for (int i = 1; i < argc && !at->get_subcommands({}).empty(); ++i) {
        if (argv[i][0] == '-') continue;
        const auto found = at->get_subcommands([&](const CLI::App* sub) { return sub->check_name(argv[i]); });
        if (found.empty()) {
            what = fmt::format("'{}': no such verb", argv[i]);
            break;
        }
        at = found.front();
        command += " " + at->get_name();
    }
    return cli::fail(misuse(fmt::format("{}; see: {} --help", what, command)), wants_json(argc, argv));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A dual-core STM32H7 with its Root Security Services, on the desk, that you cannot brick.",
                 "h7rss");
    app.require_subcommand(1);
    app.footer(kFooter);
    cli::Action chosen;
    for (const cli::Verb& verb : cli::verbs())
        verb.add(*app.add_subcommand(std::string(verb.name), std::string(verb.help)), chosen);

    refuse_missing_values(app);

    auto words = cli::in_our_names({argv + 1, argv + argc});
    if (!words) return cli::fail(words.error(), wants_json(argc, argv));
    try {
        std::ranges::reverse(*words);  // as CLI11 takes them
        app.parse(std::move(*words));
    } catch (const CLI::Success& asked) {
        return app.exit(asked);  // --help
    } catch (const CLI::ParseError& error) {
        return misuse_of(app, error, argc, argv);
    }

    const Result<ExitCode> done = chosen();
    if (!done) return cli::fail(done.error(), wants_json(argc, argv));
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return cli::fail(misuse(fmt::format("standard output: cannot write: {}", std::strerror(errno))),
                         false);
    return static_cast<int>(*done);
}

// h7rss: one binary, one verb per job. Errors are one line on standard error; the exit codes are one table
// for all verbs.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "emulator/cli/verbs.hpp"

namespace {

using namespace h7;

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused by the chip, or an assertion failed; 2 misuse or bad input;\n"
    "3 emulation fault (lock-up, unmodelled access under --strict); 4 security rule violated; 42 time limit "
    "reached.";

int fail(const Error& error) {
    std::string line = error.message;  // one line, whatever a file name contained
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20) c = '?';
    fmt::print(stderr, "h7rss: {}\n", line);
    return static_cast<int>(error.code);
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
    return fail(misuse(fmt::format("{}; see: {} --help", what, command)));
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

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);  // --help
    } catch (const CLI::ParseError& error) {
        return misuse_of(app, error, argc, argv);
    }

    const Result<ExitCode> done = chosen();
    if (!done) {
        std::fflush(stdout);
        return fail(done.error());
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return fail(misuse(fmt::format("standard output: cannot write: {}", std::strerror(errno))));
    return static_cast<int>(*done);
}

#include "emulator/cli/verbs.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "emulator/cli/json.hpp"

namespace h7::cli {
namespace {

// clang-format off
constexpr Verb kVerbs[] = {
    {"run",       "run firmware on both cores",                                            add_run},
    {"chip",      "make and look at chip files: what a chip keeps without power",          add_chip},
    {"ob",        "show or change option bytes, by ST's names",                            add_ob},
    {"sfi",       "pack, inspect and install encrypted firmware images",                   add_sfi},
    {"smi",       "pack and inspect encrypted modules for protected areas",                add_smi},
    {"license",   "give one chip the key of a firmware image",                             add_license},
    {"registers", "print the registers that are modelled, field by field",                 add_registers},
    {"explain",   "why an access is refused: rule, bits that decide, nearest way",         add_explain},
    {"policy",    "print who may do what with flash contents, and which rule says so",     add_policy},
    {"kernels",   "print the AES-GCM implementations this machine can run",                add_kernels},
    {"version",   "print the versions of this program and of the files it writes",         add_version},
};
// clang-format on

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

void add_json(CLI::App& command, bool& json) { command.add_flag("--json", json, "print JSON"); }

namespace {

std::string one_line(std::string_view text) {  // whatever a file name contained
    std::string line(text);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20) c = '?';
    return line;
}

}  // namespace

void tell(std::string_view line) { fmt::print(stderr, "h7rss: {}\n", one_line(line)); }

int fail(const Error& error, bool json) {
    const int code = static_cast<int>(error.code);
    if (json) print_json("", {{"exit", code}, {"error", one_line(error.message)}});
    std::fflush(stdout);
    tell(error.message);
    return code;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace h7::cli

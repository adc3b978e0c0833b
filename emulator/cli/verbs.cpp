#include "emulator/cli/verbs.hpp"

#include <cstdio>

namespace h7::cli {
namespace {

// clang-format off
constexpr Verb kVerbs[] = {
    {"run",       "run firmware on both cores",                                            add_run},
    {"chip",      "make and look at chip files: what a chip keeps without power",          add_chip},
    {"ob",        "show or change option bytes, by ST's names",                            add_ob},
    {"sfi",       "pack, inspect and install encrypted firmware images",                   add_sfi},
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

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace h7::cli

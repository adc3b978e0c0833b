// h7rss license ledger list | export | verify
#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/license_server/ledger.hpp"

namespace h7::cli {
namespace {

namespace server = license_server;
using server::Entry;
using server::Ledger;

struct Options {
    std::string path, out, head;
    std::uint64_t last = 50;
    bool csv = false, json = false;
};

Result<ExitCode> list(const Options& options) {
    const Ledger ledger = TRY(Ledger::open(options.path, Ledger::Use::look));
    const std::vector<Entry> newest = TRY(ledger.page(0, options.last));
    std::string text;
    auto entries = nlohmann::ordered_json::array();
    for (auto at = newest.rbegin(); at != newest.rend(); ++at)
        if (options.json)
            entries.push_back(nlohmann::ordered_json::parse(server::json_of(*at)));
        else
            text += fmt::format("{:>8}  {}  {:<20} {:<16} {}\n", at->sequence, server::utc(at->milliseconds),
                                at->subject.product, at->operator_name, to_hex(at->subject.uid));
    if (options.json)
        print_json("license ledger list", {{"entries", entries}});
    else
        print(text);
    return ExitCode::done;
}

Result<ExitCode> export_all(const Options& options) {
    if (options.csv == options.json) return misuse("give one of --csv and --json");
    const Ledger ledger = TRY(Ledger::open(options.path, Ledger::Use::look));
    std::string text = options.csv ? server::csv_header() + "\r\n" : "";
    // JSON: one object a line, so that a long ledger can be read in pieces.
    TRY(ledger.walk([&](const Entry& entry) -> Result<void> {
        text += options.csv ? server::csv_of(entry) + "\r\n" : server::json_of(entry) + "\n";
        if (options.out.empty() && text.size() > (1U << 16)) {
            print(text);
            text.clear();
        }
        return {};
    }));
    if (options.out.empty())
        print(text);
    else
        TRY(write_file(options.out,
                       ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
    return ExitCode::done;
}

Result<ExitCode> verify(const Options& options) {
    const Ledger ledger = TRY(Ledger::open(options.path, Ledger::Use::look));
    // A cut-off end leaves a chain that holds: only somebody who remembers a head can miss what came before.
    bool seen = options.head.empty();
    const server::Totals totals = TRY(ledger.walk([&](const Entry& entry) -> Result<void> {
        seen = seen || to_hex(entry.chain) == options.head;
        return {};
    }));
    if (!seen && to_hex(totals.head) != options.head)
        return Error{ExitCode::rule_violated,
                     fmt::format("{}: no entry has the hash {}: entries were cut off, or this is another "
                                 "ledger; restore a copy that has it",
                                 options.path, options.head)};
    if (options.json)
        print_json("license ledger verify", {{"entries", totals.entries},
                                             {"head", to_hex(totals.head)},
                                             {"products", totals.by_product},
                                             {"operators", totals.by_operator}});
    else
        print(fmt::format("{}: {} licenses, the chain holds; head {}\n", options.path, totals.entries,
                          to_hex(totals.head)));
    return ExitCode::done;
}

}  // namespace

void add_license_ledger(CLI::App& command, Action& chosen) {
    CLI::App* group =
        command.add_subcommand("ledger", "look at the ledger of a license server, also while it runs");
    group->require_subcommand(1);
    const auto verb = [&](const char* name, const char* help, Result<ExitCode> (*act)(const Options&)) {
        CLI::App* made = group->add_subcommand(name, help);
        auto options = options_of<Options>(*made, chosen, act);
        made->add_option("ledger", options->path, "the ledger's file")->required();
        add_json(*made, options->json);
        return std::pair(made, options);
    };
    const auto [lists, list_options] = verb("list", "the last licenses, oldest first", &list);
    lists->add_option("--last", list_options->last, "how many (default 50)")->check(CLI::Range(1, 1'000'000));
    const auto [exports, export_options] =
        verb("export", "every license as CSV, or as JSON, one object a line; checks the chain", &export_all);
    exports->add_flag("--csv", export_options->csv, "comma-separated values (RFC 4180)");
    exports->add_option("-o,--output", export_options->out, "a file (default: standard output)");
    const auto [verifies, verify_options] =
        verb("verify", "check every hash: exit 4 when an entry was changed or removed", &verify);
    verifies->add_option("--head", verify_options->head,
                         "a hash that must be in the chain, as noted earlier");
}

}  // namespace h7::cli

// h7rss license serve, h7rss license token
#include <fmt/format.h>

#include <csignal>

#include "emulator/base/hex.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/license_server/http.hpp"

namespace h7::cli {
namespace {

namespace server = license_server;

struct ServeOptions {
    std::string file;
    bool check = false, json = false;
};

struct TokenOptions {
    std::string name, role = "operator";
    bool json = false;
};

/// SIGTERM and SIGINT are waited for, never handled: blocked here, before the first thread starts.
sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an answer to a client, not our end
    return set;
}

/// "\n  gear: HSM gear.hsm, opened by a passphrase, 5000 licenses left" for every product with an HSM.
std::string hsms_of(const server::Configuration& configuration) {
    std::string lines;
    for (const auto& product : configuration.products)
        if (const auto left = product->keys->left())
            lines +=
                fmt::format("\n  {}: {}, {} licenses left", product->id, product->keys->describe(), *left);
    return lines;
}
nlohmann::ordered_json hsms_json(const server::Configuration& configuration) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& product : configuration.products)
        if (const auto left = product->keys->left())
            list.push_back({{"product", product->id}, {"keys", product->keys->describe()}, {"left", *left}});
    return list;
}

void say(const ServeOptions& options, const nlohmann::ordered_json& json, std::string_view text) {
    if (options.json)
        print_json("license serve", json);
    else
        print(std::string(text) + "\n");
    std::fflush(stdout);
}

/// What HSMs counted and nobody got goes back to their counters.
Result<void> end_stores(const server::Configuration& configuration, server::Audit& audit) {
    Result<void> result;
    for (const auto& product : configuration.products) {
        if (!product->keys->left()) continue;
        const auto returned = product->keys->close();
        if (returned)
            audit.write(
                "hsm-closed",
                {{"product", product->id}, {"returned", *returned}, {"left", *product->keys->left()}});
        else
            result = returned.error();
    }
    return result;
}

Result<ExitCode> serve(const ServeOptions& options) {
    const sigset_t signals = stop_signals();
    const server::Configuration configuration = TRY(
        server::read_configuration(options.file, options.check ? server::Use::check : server::Use::serve));
    if (options.check) {
        say(options,
            {{"file", options.file},
             {"products", configuration.products.size()},
             {"operators", configuration.operators.size()},
             {"hsms", hsms_json(configuration)}},
            fmt::format("{}: {} products, {} operators{}", options.file, configuration.products.size(),
                        configuration.operators.size(), hsms_of(configuration)));
        return ExitCode::done;
    }
    server::Ledger ledger = TRY(server::Ledger::open(configuration.ledger, server::Ledger::Use::serve));
    const server::Totals totals = TRY(ledger.walk());
    const auto audit = TRY(server::Audit::open(configuration.audit));
    server::Metrics metrics;
    server::Desk desk(ledger, totals, *audit);
    server::Api api(configuration, desk, *audit, metrics);
    auto http = TRY(server::Http::start(configuration.listen, api, metrics));

    const std::string url = fmt::format("{}://{}:{}", configuration.listen.tls() ? "https" : "http",
                                        configuration.listen.address, http->port());
    audit->write("start", {{"url", url},
                           {"entries", totals.entries},
                           {"head", to_hex(totals.head)},
                           {"hsms", hsms_json(configuration)}});
    say(options,
        {{"url", url},
         {"entries", totals.entries},
         {"head", to_hex(totals.head)},
         {"hsms", hsms_json(configuration)}},
        fmt::format("{}: {} licenses in the ledger; SIGTERM stops{}", url, totals.entries,
                    hsms_of(configuration)));

    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    int signal = -1;
    while (http->running() && signal < 0) signal = sigtimedwait(&signals, nullptr, &second);
    http.reset();  // answers what is under way
    const auto ended = end_stores(configuration, *audit);
    const auto last = ledger.page(0, 1);
    const bool empty = !last || last->empty();
    audit->write("stop", {{"signal", signal},
                          {"entries", empty ? 0 : last->front().sequence},
                          {"head", to_hex(empty ? totals.head : last->front().chain)}});
    TRY(ended);
    if (signal < 0) return refused(fmt::format("{}: the server ended by itself", url));
    return ExitCode::done;
}

Result<ExitCode> token(const TokenOptions& options) {
    if (!server::role_of(options.role))
        return misuse(fmt::format("--role {}: there are operator, auditor and admin", options.role));
    if (!server::plain_name(options.name))
        return misuse(fmt::format("'{}' cannot be a name: {}", options.name, server::kPlainName));
    const std::string fresh = TRY(server::fresh_token());
    const std::string hash = to_hex(server::hash_of(fresh));
    if (options.json)
        print_json(
            "license token",
            {{"name", options.name}, {"role", options.role}, {"token", fresh}, {"token_sha256", hash}});
    else
        print(
            fmt::format("# the token, shown only now: {}\n[[operator]]\nname = \"{}\"\nrole = \"{}\"\n"
                        "token_sha256 = \"{}\"\n",
                        fresh, options.name, options.role, hash));
    return ExitCode::done;
}

}  // namespace

void add_license_serve(CLI::App& command, Action& chosen) {
    CLI::App* verb =
        command.add_subcommand("serve", "give licenses over HTTP(S), each one in a ledger first");
    auto options = options_of<ServeOptions>(*verb, chosen, &serve);
    verb->add_option("file", options->file, "the server's TOML file (docs/rss/license-server.md)")
        ->required();
    verb->add_flag("--check", options->check, "read the file and every key it names, then end");
    add_json(*verb, options->json);

    CLI::App* make = command.add_subcommand("token", "make a token for the license server");
    auto about = options_of<TokenOptions>(*make, chosen, &token);
    make->add_option("name", about->name, "who will use it")->required();
    make->add_option("--role", about->role, "operator (default), auditor or admin");
    add_json(*make, about->json);
}

}  // namespace h7::cli

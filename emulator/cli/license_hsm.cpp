// h7rss license hsm new | info | provision | lock
#include <fmt/format.h>

#include <ctime>

#include "emulator/base/hex.hpp"
#include "emulator/cli/hsm_access.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct HsmOptions {
    HsmAccess access;
    std::uint32_t scrypt_log2 = crypto::ScryptCost{}.log2_n;
    std::string key, nonce, name;
    Authority authority;
    std::uint32_t counter = 0;
    bool module = false, lock = false, log = false, json = false;
};

std::string_view name_of(hsm::Purpose purpose) {
    switch (purpose) {
        case hsm::Purpose::none:
            return "none";
        case hsm::Purpose::sfi:
            return "SFI";
        case hsm::Purpose::smi:
            return "SMI";
    }
    return "none";
}

std::string utc(std::uint64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    if (::gmtime_r(&time, &parts) == nullptr) return std::to_string(seconds);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Json json_of(const hsm::Header& header) {
    Json json{{"hsm_id", to_hex(header.id)},
              {"opened_by", header.opener == hsm::Opener::pkcs11 ? "pkcs11" : "passphrase"}};
    if (header.opener == hsm::Opener::passphrase)
        json["scrypt"] = {{"log2_n", header.cost.log2_n}, {"r", header.cost.r}, {"p", header.cost.p}};
    return json;
}

Json json_of(const hsm::LogEntry& entry) {
    Json json{{"sequence", entry.sequence},  {"time", utc(entry.time)}, {"event", describe(entry.event)},
              {"amount", entry.amount},      {"left", entry.left},      {"subject", to_hex(entry.subject)},
              {"chain", to_hex(entry.chain)}};
    if (entry.type != 0) {
        json["type"] = entry.type;
        json["uid"] = to_hex(entry.uid);
        json["session"] = entry.session;
    }
    return json;
}

Json json_of(const hsm::Info& info, bool with_log) {
    Json json = json_of(info.header);
    json["state"] = describe(info.log.state());
    json["purpose"] = name_of(info.purpose);
    json["firmware_id"] = info.name;
    json["product_id"] = info.product_id;
    json["ca"] = info.log.provisioned() ? to_hex(info.ca) : "";
    json["counter"] = info.log.counter();
    json["left"] = info.log.left();
    json["reserved"] = info.log.reserved();
    json["anchored"] = info.anchored;
    json["log_entries"] = info.log.entries().size();
    json["log_head"] = to_hex(info.log.head());
    if (!with_log) return json;
    json["log"] = Json::array();
    for (const hsm::LogEntry& entry : info.log.entries()) json["log"].push_back(json_of(entry));
    return json;
}

void print_info(const hsm::Info& info, bool with_log) {
    const hsm::Log& log = info.log;
    print(fmt::format("id           {}\nopened by    {}\nstate        {}\n", to_hex(info.header.id),
                      info.opened_by, describe(log.state())));
    if (log.provisioned()) {
        print(fmt::format("licenses     {}: {} left of {}, {} reserved for servers\n", name_of(info.purpose),
                          log.left(), log.counter(), log.reserved()));
        print(fmt::format("firmware id  {}\nproduct id   {}\nCA           {}{}\n",
                          info.name.empty() ? "(any image)" : info.name, info.product_id, to_hex(info.ca),
                          info.ca == license::test_ca_point() ? " (TEST CA: proves nothing)" : ""));
    }
    print(fmt::format("anchor       {}\nlog          {} entries, chain verified, head {}\n",
                      info.anchored ? "needed" : "none: an old copy of the file is not noticed",
                      log.entries().size(), to_hex(log.head())));
    if (!with_log) return;
    for (const hsm::LogEntry& entry : log.entries())
        print(fmt::format("{:>6}  {}  {:<11}  {:>8}  left {:>8}  {}\n", entry.sequence, utc(entry.time),
                          describe(entry.event), entry.amount, entry.left,
                          entry.type != 0 ? to_hex(entry.uid) : std::string()));
}

Result<ExitCode> report(std::string_view verb, const HsmOptions& options, const hsm::Hsm& vault,
                        std::string_view what) {
    if (options.json) {
        Json json = json_of(vault.info(), false);
        json["file"] = options.access.file;
        print_json(verb, json);
    } else {
        print(fmt::format("{}: {}\n", options.access.file, what));
    }
    return ExitCode::done;
}

Result<ExitCode> make(const HsmOptions& options) {
    if (options.scrypt_log2 < 14 || options.scrypt_log2 > 20)
        return misuse("--scrypt-cost: 14 to 20 (16 MiB to 1 GiB of memory for each guess)");
    const auto keys = TRY(keys_of(options.access, {options.scrypt_log2, 8, 1}));
    const auto vault = TRY(hsm::Hsm::create(options.access.file, keys, options_of_hsm(options.access)));
    return report("license hsm new", options, *vault,
                  fmt::format("new HSM, OPEN, opened by {}", keys->describe()));
}

Result<ExitCode> provision(const HsmOptions& options) {
    Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
    Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    hsm::Provisioning wanted;
    wanted.firmware = {crypto::Secret<16>(key), crypto::Secret<12>(nonce)};
    wipe(key);
    wipe(nonce);
    wanted.name = options.name;
    wanted.ca = TRY(point_of(options.authority));
    wanted.counter = options.counter;
    wanted.purpose = options.module ? hsm::Purpose::smi : hsm::Purpose::sfi;
    const auto vault = TRY(open_hsm(options.access, false));
    TRY(vault->provision(wanted));
    if (options.lock) TRY(vault->lock());
    return report("license hsm provision", options, *vault,
                  fmt::format("{} licenses; {}", options.counter,
                              options.lock ? "locked (OPERATIONAL)" : "still OPEN: license hsm lock"));
}

Result<ExitCode> lock(const HsmOptions& options) {
    const auto vault = TRY(open_hsm(options.access, false));
    TRY(vault->lock());
    return report("license hsm lock", options, *vault,
                  fmt::format("locked (OPERATIONAL), {} licenses to give", vault->info().log.left()));
}

Result<ExitCode> info(const HsmOptions& options) {
    const bool closed = options.access.passphrase_file.empty() && options.access.passphrase_fd < 0;
    if (closed && options.log)
        return misuse("--log needs --passphrase-file or --passphrase-fd: the log is sealed");
    if (closed) {
        const hsm::Header header = TRY(hsm::peek(options.access.file));
        if (options.json) {
            print_json("license hsm info", json_of(header));
            return ExitCode::done;
        }
        const bool token = header.opener == hsm::Opener::pkcs11;
        print(fmt::format("id           {}\nopened by    {}\nThe rest is sealed: --passphrase-file FILE{}.\n",
                          to_hex(header.id),
                          token ? std::string("a PKCS#11 token")
                                : fmt::format("a passphrase (scrypt N=2^{}, r={}, p={})", header.cost.log2_n,
                                              header.cost.r, header.cost.p),
                          token ? " (the PIN) and --token LABEL" : ""));
        return ExitCode::done;
    }
    const auto vault = TRY(open_hsm(options.access, true));
    if (options.json)
        print_json("license hsm info", json_of(vault->info(), options.log));
    else
        print_info(vault->info(), options.log);
    return ExitCode::done;
}

std::shared_ptr<HsmOptions> add_verb(CLI::App& hsm, Action& chosen, const char* name, const char* help,
                                     Result<ExitCode> (*act)(const HsmOptions&), CLI::App** made = nullptr) {
    CLI::App* verb = hsm.add_subcommand(name, help);
    auto options = options_of<HsmOptions>(*verb, chosen, act);
    verb->add_option("file", options->access.file, "the HSM file")->required();
    add_hsm_access(*verb, options->access);
    add_json(*verb, options->json);
    if (made != nullptr) *made = verb;
    return options;
}

}  // namespace

void add_license_hsm(CLI::App& command, Action& chosen) {
    CLI::App* hsm =
        command.add_subcommand("hsm", "a software HSM: a firmware key and how many licenses it may give");
    hsm->require_subcommand(1);
    CLI::App* verb = nullptr;
    auto options = add_verb(*hsm, chosen, "new", "make an empty HSM file (state OPEN)", &make, &verb);
    verb->add_option("--scrypt-cost", options->scrypt_log2,
                     "log2 of scrypt's N, 14 to 20 (default 17: 128 MiB)");

    options = add_verb(*hsm, chosen, "provision", "put a firmware key and a counter into an OPEN HSM",
                       &provision, &verb);
    verb->add_option("--key", options->key, "firmware key, 16 bytes")->required();
    verb->add_option("--nonce", options->nonce, "nonce, 12 bytes")->required();
    verb->add_option("--counter", options->counter, "how many licenses it may give")->required();
    verb->add_option("--firmware-id", options->name,
                     "bind its licenses to images packed with this identifier");
    verb->add_flag("--module", options->module, "licenses for a module (SMI) instead of an image");
    verb->add_flag("--lock", options->lock, "and lock it");
    add_authority(*verb, options->authority);

    add_verb(*hsm, chosen, "lock", "make it OPERATIONAL: from now on it gives licenses and takes nothing",
             &lock);

    options = add_verb(*hsm, chosen, "info", "what it holds, except keys; its log is checked", &info, &verb);
    verb->add_flag("--log", options->log, "and every entry of the log");
}

}  // namespace h7::cli

// h7rss license issue; the others of `license` are in license_hsm.cpp, license_serve.cpp and
// license_ledger.cpp
#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/cli/hsm_access.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/crypto/firmware_id.hpp"
#include "rss/host/license/issue.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string certificate, uid, key, nonce, firmware_id, out;
    Authority authority;
    HsmAccess hsm;
    std::uint32_t session = 0;
    bool module = false, json = false;
};

/// From an HSM file: counted there before the license exists as a file.
Result<ExitCode> issue_from_hsm(const Options& options) {
    if (!options.key.empty() || !options.nonce.empty() || !options.authority.ca.empty() ||
        options.authority.test_ca || options.module || !options.firmware_id.empty())
        return misuse(
            "--hsm: key, nonce, CA, purpose and firmware identifier are in the HSM file; leave --key, "
            "--nonce, "
            "--ca, --test-ca, --module and --firmware-id out");
    TRY(not_an_input(
        "--output", options.out,
        {options.certificate, options.hsm.file, options.hsm.passphrase_file, options.hsm.anchor}));
    const Bytes certificate = TRY(read_file(options.certificate, 4096));
    const Bytes uid = TRY(license::parse_uid(options.uid));
    const auto vault = TRY(open_hsm(options.hsm, false));
    const auto issued = vault->issue({certificate, uid, options.session});
    if (!issued) return issued.error();
    if (const auto written = write_file(options.out, issued->license); !written)
        return misuse(
            fmt::format("{} (the HSM has counted it; the same chip gets it again without being counted)",
                        written.error().message));
    // Which chips those were stands in the servers' ledgers (0285).
    const std::uint32_t reserved = vault->info().log.reserved();
    std::string note;
    if (issued->again)
        note = " (this chip had one: not counted again)";
    else if (reserved != 0)
        note = fmt::format(
            " ({} went to license servers: a chip that has one of those was counted again; ask its server "
            "first, or h7rss license ledger list)",
            reserved);
    if (options.json)
        print_json("license issue", Json{{"file", options.out},
                                         {"bytes", issued->license.size()},
                                         {"uid", to_hex(uid)},
                                         {"again", issued->again},
                                         {"left", issued->left},
                                         {"reserved", reserved}});
    else
        print(fmt::format("{}: license for the chip with UID {}; {} left{}\n", options.out, to_hex(uid),
                          issued->left, note));
    return ExitCode::done;
}

Result<ExitCode> issue(const Options& options) {
    if (!options.hsm.file.empty()) return issue_from_hsm(options);
    if (options.key.empty() || options.nonce.empty())
        return misuse("give --key and --nonce, or --hsm FILE that holds them");
    TRY(no_hsm_options(options.hsm));
    TRY(not_an_input("--output", options.out,
                     {options.certificate, options.key, options.nonce, options.authority.ca}));
    const Bytes certificate = TRY(read_file(options.certificate, 4096));
    const Bytes uid = TRY(license::parse_uid(options.uid));
    Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
    Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    license::Request request {
        .certificate = certificate, .uid = uid, .ca = TRY(point_of(options.authority))
        , .firmware = { crypto::Secret<16>(key), crypto::Secret<12>(nonce) }
    };
    wipe(key);
    wipe(nonce);
    if (options.module && !options.firmware_id.empty())
        return misuse("--firmware-id: a module has none; leave it out with --module (4.10)");
    if (options.module) request.type = image::LicenseType::smi_static;
    if (options.session != 0 && !options.module) request.type = image::LicenseType::sfi_live;
    request.session = options.session;
    if (!options.firmware_id.empty()) request.firmware_id = crypto::firmware_id(options.firmware_id);
    const auto license = license::issue(request);
    if (!license) return in_file(options.certificate, license.error());
    TRY(write_file(options.out, *license));
    if (options.json)
        print_json("license issue",
                   Json{{"file", options.out}, {"bytes", license->size()}, {"uid", to_hex(uid)}});
    else
        print(fmt::format("{}: license for the chip with UID {}\n", options.out, to_hex(uid)));
    return ExitCode::done;
}

}  // namespace

void add_license(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    CLI::App* verb =
        command.add_subcommand("issue", "wrap a firmware key for one chip (LIC-1, a format of our own)");
    auto options = options_of<Options>(*verb, chosen, &issue);
    verb->add_option("--certificate", options->certificate,
                     "the chip's certificate: h7rss chip certificate -o")
        ->required();
    verb->add_option("--uid", options->uid, "the chip's UID, 24 hexadecimal digits")->required();
    verb->add_option("--key", options->key, "firmware key, 16 bytes");
    verb->add_option("--nonce", options->nonce, "nonce, 12 bytes");
    verb->add_option("-o,--output", options->out, "the license, 136 bytes")->required();
    add_authority(*verb, options->authority);
    verb->add_option("--firmware-id", options->firmware_id,
                     "bind the license to images packed with this identifier");
    verb->add_flag("--module", options->module, "for a module (SMI) instead of an image");
    verb->add_option("--session", options->session, "a live license: the chip's session number");
    verb->add_option("--hsm", options->hsm.file, "take key, nonce and the right to issue from this HSM file");
    add_hsm_access(*verb, options->hsm);
    add_json(*verb, options->json);
    add_license_hsm(command, chosen);
    add_license_serve(command, chosen);
    add_license_ledger(command, chosen);
}

}  // namespace h7::cli

// h7rss license issue
#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/crypto/firmware_id.hpp"
#include "rss/host/license/issue.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string certificate, uid, key, nonce, ca, firmware_id, out;
    bool module = false, test_ca = false, json = false;
};

Result<crypto::PublicKey> authority(const Options& options) {
    if (options.test_ca == !options.ca.empty())
        return misuse(
            "give either --ca FILE, or --test-ca for chips signed by the built-in TEST CA (its key is "
            "public: "
            "such a certificate proves nothing)");
    if (options.test_ca) return license::test_ca_point();
    const Bytes file = TRY(read_file(options.ca, 4096));
    auto point = license::parse_ca_point(file);
    if (!point) return in_file(options.ca, point.error());
    return point;
}

Result<ExitCode> issue(const Options& options) {
    TRY(not_an_input("--output", options.out, {options.certificate, options.key, options.nonce, options.ca}));
    const Bytes certificate = TRY(read_file(options.certificate, 4096));
    const Bytes uid = TRY(license::parse_uid(options.uid));
    Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
    Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    license::Request request {
        .certificate = certificate, .uid = uid, .ca = TRY(authority(options))
        , .firmware = { crypto::Secret<16>(key), crypto::Secret<12>(nonce) }
    };
    wipe(key);
    wipe(nonce);
    if (options.module && !options.firmware_id.empty())
        return misuse("--firmware-id: a module has none; leave it out with --module (4.10)");
    if (options.module) request.type = image::LicenseType::smi_static;
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
    verb->add_option("--key", options->key, "firmware key, 16 bytes")->required();
    verb->add_option("--nonce", options->nonce, "nonce, 12 bytes")->required();
    verb->add_option("-o,--output", options->out, "the license, 136 bytes")->required();
    verb->add_option("--ca", options->ca,
                     "key of the CA that must have signed the certificate: 64 bytes X||Y, or its "
                     "private key, raw or in hex");
    verb->add_flag("--test-ca", options->test_ca, "accept certificates of the built-in TEST CA");
    verb->add_option("--firmware-id", options->firmware_id,
                     "bind the license to images packed with this identifier");
    verb->add_flag("--module", options->module, "for a module (SMI) instead of an image");
    add_json(*verb, options->json);
}

}  // namespace h7::cli

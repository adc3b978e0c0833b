// h7rss smi pack | inspect | verify | install
#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/package_inputs.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/package/module.hpp"
#include "rss/host/package/nonce_registry.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PackOptions {
    std::vector<std::string> firmware;
    std::string key, nonce, out, registry, padding, security_version = "0";
    bool insecure_test = false, json = false;
};

struct ReadOptions {
    std::string module, key, nonce;
    bool json = false;
};

/// "3", "1.2" or "1.2.3.4": up to four numbers.
Result<std::array<std::uint32_t, 4>> security_version_of(const std::string& text) {
    std::array<std::uint32_t, 4> version{};
    std::string_view left = text;
    for (std::size_t i = 0;; ++i) {
        const std::size_t end = std::min(left.find('.'), left.size());
        const auto number = parse_number(left.substr(0, end));
        if (!number || i == version.size())
            return misuse(fmt::format("--security-version {}: up to four numbers, 1.0.0.0", text));
        version[i] = *number;
        if (end == left.size()) return version;
        left.remove_prefix(end + 1);
    }
}

Result<ExitCode> pack(const PackOptions& options) {
    const std::string registry = options.registry.empty() ? options.key + ".nonces" : options.registry;
    std::vector<std::string> inputs = {options.key, options.nonce, registry};
    inputs.insert(inputs.end(), options.firmware.begin(), options.firmware.end());
    TRY(not_an_input("--output", options.out, inputs));
    if (options.nonce.empty()) TRY(not_an_input("--output", options.out + ".nonce", inputs));
    package::ModuleRecipe recipe;
    recipe.pieces = TRY(segments_of(options.firmware));
    recipe.key = TRY(read_secret(options.key, 16, "a firmware key"));
    recipe.security_version = TRY(security_version_of(options.security_version));
    recipe.padding = TRY(padding_of(options.padding));
    recipe.insecure_test = options.insecure_test;
    const SpentNonce nonce = TRY(SpentNonce::of(options.nonce, options.out));
    recipe.nonce.assign(nonce.bytes().begin(), nonce.bytes().end());
    const Bytes file = TRY(package::pack_module(recipe));
    if (!options.insecure_test)
        TRY(package::claim_nonce(registry, recipe.key, recipe.nonce, crypto::sha256(file)));
    wipe(recipe.key);
    wipe(recipe.nonce);
    TRY(nonce.write());
    TRY(write_file(options.out, file));
    const auto module = image::parse_smi(file);
    assert(module);
    if (options.json) {
        Json json{{"file", options.out}, {"bytes", file.size()}};
        if (!nonce.written_to().empty()) json["nonce"] = nonce.written_to();
        json.update(package::describe_json(*module, false));
        print_json("smi pack", json);
        return ExitCode::done;
    }
    print(fmt::format("{}: {} bytes; module for {}\n", options.out, file.size(),
                      image::to_string(module->header.extent())));
    if (!nonce.written_to().empty())
        print(fmt::format("{}: its nonce, for the license\n", nonce.written_to()));
    return ExitCode::done;
}

Result<bool> check_tag(const ReadOptions& options, const image::Module& module) {
    if (options.key.empty()) return false;
    Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
    Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    auto opened = package::open_module(module, key, nonce);
    wipe(key);
    wipe(nonce);
    if (!opened) return in_file(options.module, opened.error());
    wipe(*opened);
    return true;
}

Result<ExitCode> show(const ReadOptions& options, std::string_view verb) {
    if (options.key.empty() != options.nonce.empty()) return misuse("--key and --nonce belong together");
    const Bytes file = TRY(read_file(options.module, image::kModuleHeaderBytes + image::kMaxModuleBytes));
    const auto module = image::parse_smi(file);
    if (!module) return image::to_error(module.error(), options.module);
    const bool checked = TRY(check_tag(options, *module));
    if (options.json)
        print_json(verb, package::describe_json(*module, checked));
    else
        print(package::describe(*module, checked));
    return ExitCode::done;
}

Result<ExitCode> inspect(const ReadOptions& options) { return show(options, "smi inspect"); }
Result<ExitCode> verify(const ReadOptions& options) { return show(options, "smi verify"); }

void add_reader(CLI::App& command, Action& chosen, const char* name, const char* help,
                Result<ExitCode> (*act)(const ReadOptions&), bool needs_key) {
    CLI::App* verb = command.add_subcommand(name, help);
    auto options = options_of<ReadOptions>(*verb, chosen, act);
    verb->add_option("module", options->module, "SMI-1 file")->required();
    verb->add_option("--key,-k", options->key, "firmware key of the module, 16 bytes")->required(needs_key);
    verb->add_option("--nonce,-n", options->nonce, "nonce, 12 bytes")->required(needs_key);
    add_json(*verb, options->json);
}

}  // namespace

void add_smi(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    command.footer(
        "A module is installed into a protected (PCROP) area, with a license of its own: h7rss license issue "
        "--module.\n"
        "The container is our own (SMI-1): ST's .smi files cannot be read.");
    CLI::App* verb = command.add_subcommand("pack", "encrypt a module for a protected (PCROP) area");
    auto options = options_of<PackOptions>(*verb, chosen, &pack);
    verb->add_option("firmware,--firmware", options->firmware,
                     "the module: ELF, Intel HEX, S-record, or file.bin@0x08020000 (-fir, -elf)");
    verb->add_option("--key,-k", options->key, "firmware key of the module, 16 bytes")->required();
    verb->add_option(
        "--nonce,-n", options->nonce,
        "nonce, 12 bytes, low byte 0; spent by this module. Default: a fresh one, written to OUTPUT.nonce");
    verb->add_option("--security-version", options->security_version, "up to four numbers, 1.0.0.0 (-sv)")
        ->capture_default_str();
    verb->add_option("--output,--outfile,-o", options->out, "the module file")->required();
    verb->add_option("--registry", options->registry,
                     "which nonces this key has spent, in images too (default: KEYFILE.nonces)");
    verb->add_option("--padding", options->padding, "byte that fills gaps and the end (default 0xFF)");
    verb->add_flag("--insecure-test", options->insecure_test, "test vectors: any key and nonce");
    add_json(*verb, options->json);
    add_reader(command, chosen, "inspect", "print what a module file says; with its key, check the tag",
               &inspect, false);
    add_reader(command, chosen, "verify", "check a module file with its key", &verify, true);
    add_smi_torture(
        *command.add_subcommand("torture", "cut, tamper with and misuse a module install everywhere"),
        chosen);
    add_smi_install(*command.add_subcommand("install", "install a module through the RSS of a chip"), chosen);
}

}  // namespace h7::cli

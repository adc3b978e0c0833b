// h7rss sfi keygen | pack. (inspect and verify are in sfi_inspect.cpp, install in sfi_install.cpp)
#include <fmt/format.h>

#include <filesystem>

#include "emulator/base/file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/package_inputs.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/package/nonce_registry.hpp"
#include "rss/host/package/pack.hpp"

namespace h7::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct KeyOptions {
    std::string key, nonce;
    bool json = false;
};

struct PackOptions {
    std::vector<std::string> firmware, modules;
    std::string key, nonce, obfile, firmware_id, out, registry, ram_size, token, padding, device;
    std::uint32_t version = 0;
    bool hash = false, keep_flash = false, leave_readable = false, force = false, insecure_test = false,
         json = false;
};

Result<ExitCode> keygen(const KeyOptions& options) {
    if (!options.nonce.empty() &&
        fs::absolute(options.key).lexically_normal() == fs::absolute(options.nonce).lexically_normal())
        return misuse(fmt::format("{}: --key and --nonce are the same file", options.key));
    for (const std::string& path : {options.key, options.nonce})
        if (!path.empty() && fs::exists(path))
            return misuse(fmt::format("{}: exists already; a key is never replaced", path));
    Bytes key = TRY(package::fresh_key());
    TRY(write_file(options.key, key, Mode::secret));
    wipe(key);
    if (!options.nonce.empty()) TRY(write_file(options.nonce, TRY(package::fresh_nonce()), Mode::secret));
    if (options.json) {
        Json json{{"key", options.key}};
        if (!options.nonce.empty()) json["nonce"] = options.nonce;
        print_json("sfi keygen", json);
        return ExitCode::done;
    }
    print(fmt::format("{}: firmware key, 16 bytes\n", options.key));
    if (!options.nonce.empty()) print(fmt::format("{}: nonce, 12 bytes\n", options.nonce));
    return ExitCode::done;
}

Result<void> check_device(const PackOptions& options) {
    const std::uint32_t device = TRY(number_of("--deviceid", options.device, image::kDeviceId));
    if (device == image::kDeviceId) return {};
    return misuse(fmt::format(
        "--deviceid 0x{:X}: images are for device 0x450, STM32H745/755/747/757 and H742/743/750/753",
        device));
}

Result<package::Recipe> recipe_of(const PackOptions& options) {
    package::Recipe recipe;
    TRY(check_device(options));
    recipe.firmware = TRY(segments_of(options.firmware));
    Modules modules = TRY(modules_of(options.modules));
    recipe.modules = std::move(modules.plain);
    recipe.wrapped_modules = std::move(modules.wrapped);
    recipe.options = TRY(option_words_of(options.obfile));
    recipe.key = TRY(read_secret(options.key, 16, "a firmware key"));
    recipe.image_version = options.version;
    recipe.firmware_id = options.firmware_id;
    recipe.ram_size = TRY(number_of("--ram-size", options.ram_size, package::kDefaultRamSize));
    recipe.token_address = TRY(number_of("--token-address", options.token, 0));
    recipe.padding = TRY(padding_of(options.padding));
    recipe.hash = options.hash;
    recipe.keep_flash = options.keep_flash;
    recipe.consents = {.leave_readable = options.leave_readable, .force = options.force};
    recipe.insecure_test = options.insecure_test;
    return recipe;
}

Result<ExitCode> pack(const PackOptions& options) {
    const std::string registry = options.registry.empty() ? options.key + ".nonces" : options.registry;
    std::vector<std::string> inputs = {options.key, options.nonce, options.obfile, registry};
    inputs.insert(inputs.end(), options.firmware.begin(), options.firmware.end());
    inputs.insert(inputs.end(), options.modules.begin(), options.modules.end());
    TRY(not_an_input("--output", options.out, inputs));
    if (options.nonce.empty()) TRY(not_an_input("--output", options.out + ".nonce", inputs));
    package::Recipe recipe = TRY(recipe_of(options));
    const SpentNonce nonce = TRY(SpentNonce::of(options.nonce, options.out));
    recipe.nonce.assign(nonce.bytes().begin(), nonce.bytes().end());
    const package::Packed packed = TRY(package::pack(recipe));
    // The nonce is spent before the image exists anywhere. A test image may repeat one.
    if (!options.insecure_test)
        TRY(package::claim_nonce(registry, recipe.key, recipe.nonce, crypto::sha256(packed.file)));
    wipe(recipe.key);
    wipe(recipe.nonce);
    TRY(nonce.write());
    TRY(write_file(options.out, packed.file));
    if (options.json) {
        Json json{{"file", options.out},
                  {"bytes", packed.file.size()},
                  {"areas", packed.areas},
                  {"parts", packed.parts},
                  {"notes", packed.notes}};
        if (!nonce.written_to().empty()) json["nonce"] = nonce.written_to();
        print_json("sfi pack", json);
        return ExitCode::done;
    }
    print(fmt::format("{}: {} bytes\n", options.out, packed.file.size()));
    if (!nonce.written_to().empty())
        print(fmt::format("{}: its nonce, for the license\n", nonce.written_to()));
    for (const std::string& note : packed.notes) print(fmt::format("  {}\n", note));
    return ExitCode::done;
}

void add_inputs(CLI::App& verb, PackOptions& options) {
    verb.add_option("firmware,--firmware", options.firmware,
                    "ELF, Intel HEX, S-record, or file.bin@0x08000000; several (-fir)");
    verb.add_option(
        "--module", options.modules,
        "a module for a protected (PCROP) area: as firmware, or an .smi of h7rss smi pack, which opens\n"
        "with a license of its own; several (-m)");
    verb.add_option("--key,-k", options.key, "firmware key, 16 bytes")->required();
    verb.add_option(
        "--nonce,-n", options.nonce,
        "nonce, 12 bytes, low byte 0; spent by this image. Default: a fresh one, written to OUTPUT.nonce");
    verb.add_option("--obfile,--ob", options.obfile,
                    "option bytes: CSV of nine rows as STM32 Trusted Package Creator takes it, or names and\n"
                    "addresses in a file.toml (-ob)");
    verb.add_option("--version,--ver,-v", options.version,
                    "image version, 0 to 255; a chip refuses a lower one than it has")
        ->check(CLI::Range(0, 255))
        ->capture_default_str();
    verb.add_option("--output,--outfile,-o", options.out, "the image")->required();
    verb.add_option("--firmware-id", options.firmware_id, "identifier that licenses may be bound to");
    verb.add_option("--deviceid", options.device, "0x450, the only one (-devid)");
}

void add_settings(CLI::App& verb, PackOptions& options) {
    verb.add_option("--registry", options.registry,
                    "which nonces this key has spent (default: KEYFILE.nonces)");
    verb.add_option("--ram-size,--ramsize,--rs", options.ram_size,
                    "most bytes of records in one part; more are split (default 0x4EFC0; -rs)");
    verb.add_option(
        "--token-address,--token,--ct", options.token,
        "where a split image keeps its continuation token; default: a sector it leaves free (-ct)");
    verb.add_option("--padding", options.padding, "byte that fills up the last flash word (default 0xFF)");
    verb.add_flag("--hash", options.hash, "let the chip compare its flash with a hash at the end");
    verb.add_flag("--keep-flash", options.keep_flash, "no mass erase: every target must be blank");
    verb.add_flag("--leave-readable", options.leave_readable,
                  "allow an image that ends at RDP level 0 with no "
                  "protected area: anybody can read the firmware");
    verb.add_flag("--force", options.force,
                  "allow option bytes that start watchdogs, stop the Cortex-M7 or lock the "
                  "chip for ever");
    verb.add_flag("--insecure-test", options.insecure_test, "test vectors: any key, nonce and option bytes");
}

}  // namespace

void add_sfi(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    command.footer(
        "The container is our own (SFI-1): ST never published the bytes of its .sfi files, and they cannot "
        "be read.");
    {
        CLI::App* verb = command.add_subcommand("keygen", "make a firmware key, and a nonce (mode 0600)");
        auto options = options_of<KeyOptions>(*verb, chosen, &keygen);
        verb->add_option("--key", options->key, "file for the key, 16 bytes")->required();
        verb->add_option("--nonce", options->nonce,
                         "file for a nonce, 12 bytes; sfi pack makes one by itself");
        add_json(*verb, options->json);
    }
    {
        CLI::App* verb = command.add_subcommand("pack", "encrypt firmware and option bytes into an image");
        auto options = options_of<PackOptions>(*verb, chosen, &pack);
        add_inputs(*verb, *options);
        add_settings(*verb, *options);
        add_json(*verb, options->json);
        verb->footer(
            "ST's names work too: -sfi -fir app.bin 0x08000000 -k key.bin -n nonce.bin -ob ob.csv -v 1 -rs "
            "0x1E000\n"
            "-ct 0x080FF000 -hash 1 -o app.sfi. The same inputs and nonce give the same bytes; without -n "
            "every\n"
            "image is another one.");
    }
    add_sfi_inspect(command, chosen);
    add_sfi_install(*command.add_subcommand("install", "install an image through the RSS of a chip"), chosen);
    add_sfi_torture(
        *command.add_subcommand("torture", "cut, tamper and misuse an install everywhere; nothing may break"),
        chosen);
}

}  // namespace h7::cli

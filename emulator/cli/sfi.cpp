// h7rss sfi keygen | pack | inspect. (install is in sfi_install.cpp)
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/loader/loader.hpp"
#include "rss/host/package/inspect.hpp"
#include "rss/host/package/nonce_registry.hpp"
#include "rss/host/package/pack.hpp"
#include "rss/image/option_csv.hpp"

namespace h7::cli {
namespace {

namespace fs = std::filesystem;

struct KeyOptions {
    std::string key, nonce;
    bool json = false;
};

struct PackOptions {
    std::vector<std::string> firmware, modules;
    std::string key, nonce, obfile, firmware_id, out, registry, ram_size, token, padding;
    std::uint32_t version = 0;
    bool hash = false, keep_flash = false, leave_readable = false, force = false, insecure_test = false,
         json = false;
};

struct InspectOptions {
    std::string image, key, nonce;
    bool json = false;
};

Result<ExitCode> keygen(const KeyOptions& options) {
    if (fs::absolute(options.key).lexically_normal() == fs::absolute(options.nonce).lexically_normal())
        return misuse(fmt::format("{}: --key and --nonce are the same file", options.key));
    for (const std::string& path : {options.key, options.nonce})
        if (fs::exists(path)) return misuse(fmt::format("{}: exists already; a key is never replaced", path));
    Bytes key = TRY(package::fresh_key());
    const image::Nonce nonce = TRY(package::fresh_nonce());
    TRY(write_file(options.key, key, Mode::secret));
    wipe(key);
    TRY(write_file(options.nonce, nonce, Mode::secret));
    if (options.json)
        print(nlohmann::ordered_json{{"key", options.key}, {"nonce", options.nonce}}.dump(2) + "\n");
    else
        print(fmt::format("{}: firmware key, 16 bytes\n{}: nonce, 12 bytes\n", options.key, options.nonce));
    return ExitCode::done;
}

Result<std::vector<package::Segment>> segments_of(const std::vector<std::string>& arguments) {
    std::vector<loader::Program> programs;
    for (const std::string& argument : arguments) programs.push_back(TRY(loader::load_argument(argument)));
    TRY(loader::check_disjoint(programs));
    std::vector<package::Segment> segments;
    for (loader::Program& program : programs)
        for (loader::Segment& segment : program.segments)
            segments.push_back({segment.address, std::move(segment.bytes),
                                fmt::format("{}: {}", program.path, segment.origin)});
    return segments;
}

Result<std::optional<image::OptionWords>> option_words(const std::string& path) {
    if (path.empty()) return std::optional<image::OptionWords>();
    const Bytes file = TRY(read_file(path, 1U << 16));
    const auto words = image::parse_option_csv({reinterpret_cast<const char*>(file.data()), file.size()});
    if (!words) return image::to_error(words.error(), path);
    return std::optional<image::OptionWords>(*words);
}

Result<std::uint32_t> number(std::string_view option, const std::string& text, std::uint32_t otherwise) {
    if (text.empty()) return otherwise;
    auto value = parse_number(text);
    if (!value) return misuse(fmt::format("{}: {}", option, value.error().message));
    return value;
}

Result<ExitCode> pack(const PackOptions& options) {
    const std::string registry = options.registry.empty() ? options.key + ".nonces" : options.registry;
    std::vector<std::string> inputs = {options.key, options.nonce, options.obfile, registry};
    inputs.insert(inputs.end(), options.firmware.begin(), options.firmware.end());
    inputs.insert(inputs.end(), options.modules.begin(), options.modules.end());
    TRY(not_an_input("--output", options.out, inputs));
    package::Recipe recipe;
    recipe.firmware = TRY(segments_of(options.firmware));
    recipe.modules = TRY(segments_of(options.modules));
    recipe.options = TRY(option_words(options.obfile));
    recipe.key = TRY(read_secret(options.key, 16, "a firmware key"));
    recipe.nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    recipe.image_version = options.version;
    recipe.firmware_id = options.firmware_id;
    recipe.ram_size = TRY(number("--ramsize", options.ram_size, package::kDefaultRamSize));
    recipe.token_address = TRY(number("--token", options.token, 0));
    const std::uint32_t padding = TRY(number("--padding", options.padding, 0xFF));
    if (padding > 0xFF) return misuse(fmt::format("--padding 0x{:X}: one byte is needed", padding));
    recipe.padding = static_cast<std::uint8_t>(padding);
    recipe.hash = options.hash;
    recipe.keep_flash = options.keep_flash;
    recipe.consents = {.leave_readable = options.leave_readable, .force = options.force};
    recipe.insecure_test = options.insecure_test;
    const package::Packed packed = TRY(package::pack(recipe));
    // The nonce is spent before the image exists anywhere. A test image may repeat one.
    if (!options.insecure_test)
        TRY(package::claim_nonce(registry, recipe.key, recipe.nonce, crypto::sha256(packed.file)));
    TRY(write_file(options.out, packed.file));
    wipe(recipe.key);
    wipe(recipe.nonce);
    if (options.json) {
        print(nlohmann::ordered_json{
                  {"file", options.out}, {"bytes", packed.file.size()}, {"notes", packed.notes}}
                  .dump(2) +
              "\n");
        return ExitCode::done;
    }
    print(fmt::format("{}: {} bytes\n", options.out, packed.file.size()));
    for (const std::string& note : packed.notes) print(fmt::format("  {}\n", note));
    return ExitCode::done;
}

Result<ExitCode> inspect(const InspectOptions& options) {
    if (options.key.empty() != options.nonce.empty()) return misuse("--key and --nonce belong together");
    const Bytes file = TRY(read_file(options.image, image::kMaxFileBytes));
    const auto container = image::parse_sfi(file);
    if (!container) return image::to_error(container.error(), options.image);
    std::optional<package::Opened> opened;
    if (!options.key.empty()) {
        const Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
        const Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
        auto verified = package::verify(*container, file, key, nonce);
        if (!verified) return in_file(options.image, verified.error());
        opened = std::move(*verified);
    }
    const package::Opened* inside = opened ? &*opened : nullptr;
    print(options.json ? package::describe_json(*container, inside).dump(2) + "\n"
                       : package::describe(*container, inside));
    return ExitCode::done;
}

}  // namespace

void add_sfi(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    command.footer(
        "The container is our own (SFI-1): ST never published the bytes of its .sfi files, and they cannot "
        "be read.");
    {
        CLI::App* verb = command.add_subcommand("keygen", "make a firmware key and a nonce (mode 0600)");
        auto options = options_of<KeyOptions>(*verb, chosen, &keygen);
        verb->add_option("--key", options->key, "file for the key, 16 bytes")->required();
        verb->add_option("--nonce", options->nonce, "file for the nonce, 12 bytes")->required();
        add_json(*verb, options->json);
    }
    {
        CLI::App* verb = command.add_subcommand("pack", "encrypt firmware and option bytes into an image");
        auto options = options_of<PackOptions>(*verb, chosen, &pack);
        verb->add_option("firmware,--firmware", options->firmware,
                         "ELF, Intel HEX, S-record, or file.bin@0x08000000; several")
            ->required();
        verb->add_option("--module", options->modules, "a module for a protected (PCROP) area; several");
        verb->add_option("--key,-k", options->key, "firmware key, 16 bytes")->required();
        verb->add_option("--nonce,-n", options->nonce, "nonce, 12 bytes, low byte 0; spent by this image")
            ->required();
        verb->add_option("--obfile,--ob", options->obfile,
                         "option bytes, CSV of nine rows as STM32 Trusted Package Creator "
                         "takes it");
        verb->add_option("--ver,-v", options->version,
                         "image version, 0 to 255; a chip refuses a lower one than it has")
            ->check(CLI::Range(0, 255))
            ->capture_default_str();
        verb->add_option("--output,--outfile,-o", options->out, "the image")->required();
        verb->add_option("--firmware-id", options->firmware_id, "identifier that licenses may be bound to");
        verb->add_option("--registry", options->registry,
                         "which nonces this key has spent (default: KEYFILE.nonces)");
        verb->add_option("--ramsize,--rs", options->ram_size,
                         "bytes of records the chip takes in one run (default 0x4EFC0)");
        verb->add_option("--token,--ct", options->token,
                         "address of the continuation token (with --insecure-test only)");
        verb->add_option("--padding", options->padding,
                         "byte that fills up the last flash word (default 0xFF)");
        verb->add_flag("--hash", options->hash, "let the chip compare its flash with a hash at the end");
        verb->add_flag("--keep-flash", options->keep_flash, "no mass erase: every target must be blank");
        verb->add_flag("--leave-readable", options->leave_readable,
                       "allow an image that ends at RDP level 0 with no "
                       "protected area: anybody can read the firmware");
        verb->add_flag("--force", options->force,
                       "allow option bytes that start watchdogs, stop the Cortex-M7 or lock the "
                       "chip for ever");
        verb->add_flag("--insecure-test", options->insecure_test,
                       "test vectors: any key, nonce and option bytes");
        add_json(*verb, options->json);
    }
    {
        CLI::App* verb =
            command.add_subcommand("inspect", "print what an image says; with its key, check every tag");
        auto options = options_of<InspectOptions>(*verb, chosen, &inspect);
        verb->add_option("image", options->image, "SFI-1 file")->required();
        verb->add_option("--key,-k", options->key, "firmware key, 16 bytes");
        verb->add_option("--nonce,-n", options->nonce, "nonce, 12 bytes");
        add_json(*verb, options->json);
    }
    add_sfi_install(*command.add_subcommand("install", "install an image through the RSS of a chip"), chosen);
}

}  // namespace h7::cli

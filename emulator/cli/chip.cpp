// h7rss chip new | show | certificate | reset | copy
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/options/option_names.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/host/license/authority.hpp"
#include "rss/host/provisioning/identity.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string path, to, part = "STM32H755", ca, out;
    std::optional<std::uint64_t> seed;
    bool json = false, new_identity = false;
};

struct Authority {
    std::string name;
    crypto::PrivateKey key;
};

Result<Authority> authority(const Options& options) {
    if (options.ca.empty()) return Authority{"the built-in TEST CA", license::test_ca_key()};
    const Bytes file = TRY(read_file(options.ca, 4096));
    const auto key = license::parse_ca_key(file);
    if (!key) return in_file(options.ca, key.error());
    return Authority{options.ca, *key};
}

Result<std::uint64_t> ram_seed(const Options& options) {
    if (options.seed) return *options.seed;
    std::uint8_t bytes[8];
    TRY(crypto::random_bytes(bytes));
    return load_le<std::uint64_t>(bytes);
}

flash::Image factory_image(const chip::Part& part) {
    return blank_image(part.sectors_per_bank * (128U << 10));
}

bool signed_by_test_ca(const rss::Identity& identity) {
    return static_cast<bool>(license::check_certificate(identity.certificate, license::test_ca_point()));
}

std::string product_id(const rss::Identity& identity) {
    std::string text(identity.certificate.begin(), identity.certificate.begin() + 8);
    for (char& c : text)
        if (c < 0x20 || c > 0x7E) c = '?';
    return text;
}

struct Use {
    std::size_t programmed = 0, bad = 0, words = 0;
};
Use use_of(const flash::ArrayImage& array) {
    Use use{.words = array.words.size()};
    for (const flash::WordState state : array.words) {
        use.programmed += state != flash::WordState::erased ? 1 : 0;
        use.bad += state == flash::WordState::ecc_double ? 1 : 0;
    }
    return use;
}

Result<ExitCode> make(const Options& options) {
    const chip::Part& part = *TRY(part_called(options.part));
    const Authority ca = TRY(authority(options));
    const ChipContents contents {
        .part = std::string(part.name), .image = factory_image(part),
        .identity = TRY(provisioning::draw_identity(ca.key, options.seed))
        , .ram_seed = TRY(ram_seed(options))
    };
    TRY(ChipFile::create(options.path, contents));
    const std::string uid = to_hex(contents.identity.uid);
    if (options.json)
        print(Json{{"file", options.path}, {"part", part.name}, {"uid", uid}, {"ca", ca.name}}.dump(2) +
              "\n");
    else
        print(
            fmt::format("{}: {}, UID {}, certificate signed by {}\n", options.path, part.name, uid, ca.name));
    return ExitCode::done;
}

Result<ExitCode> show(const Options& options) {
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    const ChipContents chip = TRY(file.load());
    const std::string uid = to_hex(chip.identity.uid);
    const bool test = signed_by_test_ca(chip.identity),
               whole = static_cast<bool>(provisioning::check_identity(chip.identity));
    const Use bank1 = use_of(chip.image.user[0]), bank2 = use_of(chip.image.user[1]),
              journal = use_of(chip.image.system2);
    if (options.json) {
        const auto bank = [](const Use& use) {
            return Json{{"flash_words", use.words}, {"programmed", use.programmed}, {"ecc_double", use.bad}};
        };
        print(Json{{"file", options.path},
                   {"part", chip.part},
                   {"uid", uid},
                   {"product_id", product_id(chip.identity)},
                   {"signed_by_test_ca", test},
                   {"device_key_fits", whole},
                   {"ram_seed", chip.ram_seed},
                   {"bank1", bank(bank1)},
                   {"bank2", bank(bank2)},
                   {"journal", bank(journal)},
                   {"option_bytes", Json::parse(options::print_json(chip.image.options))}}
                  .dump(2) +
              "\n");
        return ExitCode::done;
    }
    const auto bank = [](const Use& use) {
        return fmt::format("{} of {} flash words programmed{}", use.programmed, use.words,
                           use.bad == 0 ? "" : fmt::format(", {} with a double ECC error", use.bad));
    };
    print(fmt::format(
        "part         {}\nUID          {}\nproduct id   {}\ncertificate  {}\ndevice key   {}\n"
        "RAM seed     {}\nbank 1       {}\nbank 2       {}\nRSS journal  {}\n\n{}",
        chip.part, uid, product_id(chip.identity),
        test ? "signed by the built-in TEST CA" : "not signed by the built-in TEST CA",
        whole ? "belongs to the certificate" : "DOES NOT BELONG to the certificate", chip.ram_seed,
        bank(bank1), bank(bank2), bank(journal), options::print(chip.image.options)));
    return ExitCode::done;
}

Result<ExitCode> certificate(const Options& options) {
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    const ChipContents chip = TRY(file.load());
    std::error_code ignored;
    if (std::filesystem::equivalent(options.path, options.out, ignored))
        return misuse(fmt::format("--output {}: that is the chip file itself", options.out));
    if (!options.out.empty()) TRY(write_file(options.out, chip.identity.certificate));
    const std::string uid = to_hex(chip.identity.uid);
    if (options.json)
        print(Json{{"uid", uid},
                   {"product_id", product_id(chip.identity)},
                   {"certificate", to_hex(chip.identity.certificate)},
                   {"signed_by_test_ca", signed_by_test_ca(chip.identity)}}
                  .dump(2) +
              "\n");
    else
        print(uid + "\n");
    return ExitCode::done;
}

Result<ExitCode> reset(const Options& options) {
    auto file = TRY(ChipFile::open(options.path, ChipFile::Use::change));
    ChipContents chip = TRY(file.load());
    const chip::Part& part = *TRY(part_called(chip.part));
    chip.image = factory_image(part);
    TRY(file.save(chip));
    if (options.json)
        print(Json{{"file", options.path}, {"part", chip.part}, {"uid", to_hex(chip.identity.uid)}}.dump(2) +
              "\n");
    else
        print(fmt::format("{}: factory state, same identity (UID {})\n", options.path,
                          to_hex(chip.identity.uid)));
    return ExitCode::done;
}

Result<ExitCode> copy(const Options& options) {
    if (!options.new_identity && (options.seed || !options.ca.empty()))
        return misuse("--seed and --ca belong to --new-identity: a plain copy has the same identity");
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    ChipContents chip = TRY(file.load());
    if (options.new_identity) {
        const Authority ca = TRY(authority(options));
        chip.identity = TRY(provisioning::draw_identity(ca.key, options.seed));
        chip.ram_seed = TRY(ram_seed(options));
    }
    TRY(ChipFile::create(options.to, chip));
    const std::string uid = to_hex(chip.identity.uid);
    if (options.json)
        print(Json{{"file", options.to},
                   {"part", chip.part},
                   {"uid", uid},
                   {"new_identity", options.new_identity}}
                  .dump(2) +
              "\n");
    else
        print(fmt::format("{}: {} of {}, UID {}\n", options.to,
                          options.new_identity ? "another chip with the contents" : "a copy", options.path,
                          uid));
    return ExitCode::done;
}

void add_identity_options(CLI::App& command, Options& options) {
    command.add_option("--ca", options.ca,
                       "private key of the CA that signs the certificate: 32 bytes or 64 hex digits "
                       "(default: the built-in TEST CA, whose key is public: it proves nothing)");
    command.add_option("--seed", options.seed,
                       "take UID, device key and RAM contents from this number: for tests only");
}

}  // namespace

void add_chip(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    const auto sub = [&](const char* name, const char* help, Result<ExitCode> (*act)(const Options&)) {
        CLI::App* verb = command.add_subcommand(name, help);
        auto options = options_of<Options>(*verb, chosen, act);
        verb->add_option("chip", options->path, "chip file")->required();
        add_json(*verb, options->json);
        return std::pair{verb, options};
    };
    {
        auto [verb, options] = sub("new", "make a factory-fresh chip with an identity of its own", &make);
        verb->add_option("--part", options->part, "STM32H755, STM32H745, STM32H757 or STM32H747")
            ->capture_default_str();
        add_identity_options(*verb, *options);
    }
    sub("show", "print part, identity, use of the flash and option bytes; never a secret", &show);
    {
        auto [verb, options] =
            sub("certificate", "write the chip's certificate (136 bytes) and print its UID", &certificate);
        verb->add_option("-o,--output", options->out, "file for the certificate");
    }
    sub("reset", "back to factory state (flash, option bytes, RSS journal), same identity", &reset);
    {
        auto [verb, options] = sub("copy", "copy a chip, identity included", &copy);
        verb->add_option("to", options->to, "new chip file")->required();
        verb->add_flag("--new-identity", options->new_identity,
                       "the copy is another chip: new UID, key and certificate");
        add_identity_options(*verb, *options);
    }
}

}  // namespace h7::cli

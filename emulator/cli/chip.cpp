// h7rss chip new | show | certificate | reset | copy; chip_transfer.cpp has import | export
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/identity.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/readings.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/options/option_names.hpp"
#include "rss/host/license/authority.hpp"
#include "rss/host/provisioning/identity.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string path, to, part = "STM32H755", out;
    NewIdentity identity;
    std::vector<std::string> readings;
    bool json = false, new_identity = false;
};

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

/// Every reading with the value the chip has, as the file keeps it.
Json readings_json(const ChipContents& chip) {
    Json json = Json::object();
    for (const chip::Reading& reading : chip::all_readings())
        json[std::string(reading.name)] = reading.values[0];
    for (const auto& [name, value] : chip.readings) json[name] = value;
    return json;
}
std::string readings_text(const ChipContents& chip) {
    std::string text;
    for (const auto& [name, value] : chip.readings)
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value);
    return text.empty() ? "the default ones" : text;
}

Result<ExitCode> make(const Options& options) {
    const chip::Part& part = *TRY(part_called(options.part));
    const auto readings = TRY(with_readings({}, options.readings));
    const Drawn drawn = TRY(draw(options.identity));
    const ChipContents contents{.part = std::string(part.name),
                                .image = part.factory_image(),
                                .identity = drawn.identity,
                                .ram_seed = drawn.ram_seed,
                                .readings = readings};
    TRY(ChipFile::create(options.path, contents));
    const std::string uid = to_hex(contents.identity.uid);
    if (options.json)
        print_json("chip new", Json{{"file", options.path},
                                    {"part", part.name},
                                    {"uid", uid},
                                    {"ca", drawn.ca_name},
                                    {"readings", readings_json(contents)}});
    else
        print(fmt::format("{}: {}, UID {}, certificate signed by {}\n", options.path, part.name, uid,
                          drawn.ca_name));
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
        print_json("chip show", Json{{"file", options.path},
                                     {"part", chip.part},
                                     {"uid", uid},
                                     {"product_id", product_id(chip.identity)},
                                     {"signed_by_test_ca", test},
                                     {"device_key_fits", whole},
                                     {"ram_seed", chip.ram_seed},
                                     {"readings", readings_json(chip)},
                                     {"bank1", bank(bank1)},
                                     {"bank2", bank(bank2)},
                                     {"journal", bank(journal)},
                                     {"option_bytes",
                                      Json::parse(options::print_json(chip.image.options, cores_of(chip)))}});
        return ExitCode::done;
    }
    const auto bank = [](const Use& use) {
        return fmt::format("{} of {} flash words programmed{}", use.programmed, use.words,
                           use.bad == 0 ? "" : fmt::format(", {} with a double ECC error", use.bad));
    };
    print(fmt::format(
        "part         {}\nUID          {}\nproduct id   {}\ncertificate  {}\ndevice key   {}\n"
        "RAM seed     {}\nreadings     {}\nbank 1       {}\nbank 2       {}\nRSS journal  {}\n\n{}",
        chip.part, uid, product_id(chip.identity),
        test ? "signed by the built-in TEST CA" : "not signed by the built-in TEST CA",
        whole ? "belongs to the certificate" : "DOES NOT BELONG to the certificate", chip.ram_seed,
        readings_text(chip), bank(bank1), bank(bank2), bank(journal),
        options::print(chip.image.options, cores_of(chip))));
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
        print_json("chip certificate", Json{{"uid", uid},
                                            {"product_id", product_id(chip.identity)},
                                            {"certificate", to_hex(chip.identity.certificate)},
                                            {"signed_by_test_ca", signed_by_test_ca(chip.identity)}});
    else
        print(uid + "\n");
    return ExitCode::done;
}

Result<ExitCode> reset(const Options& options) {
    auto file = TRY(ChipFile::open(options.path, ChipFile::Use::change));
    ChipContents chip = TRY(file.load());
    const chip::Part& part = *TRY(part_called(chip.part));
    chip.image = part.factory_image();
    TRY(file.save(chip));
    if (options.json)
        print_json("chip reset",
                   Json{{"file", options.path}, {"part", chip.part}, {"uid", to_hex(chip.identity.uid)}});
    else
        print(fmt::format("{}: factory state, same identity (UID {})\n", options.path,
                          to_hex(chip.identity.uid)));
    return ExitCode::done;
}

Result<ExitCode> copy(const Options& options) {
    if (!options.new_identity && (options.identity.seed || !options.identity.ca.empty()))
        return misuse("--seed and --ca belong to --new-identity: a plain copy has the same identity");
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    ChipContents chip = TRY(file.load());
    chip.readings = TRY(with_readings(std::move(chip.readings), options.readings));
    if (options.new_identity) {
        const Drawn drawn = TRY(draw(options.identity));
        chip.identity = drawn.identity;
        chip.ram_seed = drawn.ram_seed;
    }
    TRY(ChipFile::create(options.to, chip));
    const std::string uid = to_hex(chip.identity.uid);
    if (options.json)
        print_json("chip copy", Json{{"file", options.to},
                                     {"part", chip.part},
                                     {"uid", uid},
                                     {"new_identity", options.new_identity}});
    else
        print(fmt::format("{}: {} of {}, UID {}\n", options.to,
                          options.new_identity ? "another chip with the contents" : "a copy", options.path,
                          uid));
    return ExitCode::done;
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
        verb->add_option(
                "--part", options->part,
                "STM32H755, H745, H757, H747; with one core H753, H743, H742, H750; of 1 Mbyte H745G, H747G, "
                "H743G, H742G")
            ->capture_default_str();
        add_identity_options(*verb, options->identity);
        add_readings(*verb, options->readings);
    }
    sub("show", "print part, identity, readings, use of the flash and option bytes; never a secret", &show);
    {
        auto [verb, options] =
            sub("certificate", "write the chip's certificate (136 bytes) and print its UID", &certificate);
        verb->add_option("-o,--output", options->out, "file for the certificate");
    }
    sub("reset", "back to factory state (flash, option bytes, RSS journal), same identity and readings",
        &reset);
    {
        auto [verb, options] = sub("copy", "copy a chip, identity included", &copy);
        verb->add_option("to", options->to, "new chip file")->required();
        verb->add_flag("--new-identity", options->new_identity,
                       "the copy is another chip: new UID, key and certificate");
        add_identity_options(*verb, options->identity);
        add_readings(*verb, options->readings);
    }
    add_chip_transfer(command, chosen);
}

}  // namespace h7::cli

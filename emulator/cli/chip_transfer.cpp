// h7rss chip import | export: a board's dump and option bytes become a chip file, and back.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/chip_file/dump.hpp"
#include "emulator/cli/identity.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/readings.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/loader/loader.hpp"
#include "emulator/loader/write_hex.hpp"
#include "emulator/options/words_file.hpp"

namespace h7::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestText = 4U << 20;
constexpr const char *kHex = "flash.hex", *kNames = "options.txt", *kCsv = "options.csv",
                     *kStates = "word-states.txt";

struct ImportOptions {
    std::string chip, part = "STM32H755", options, states, identity_of;
    std::vector<std::string> flash, readings;
    NewIdentity identity;
    bool json = false;
};
struct ExportOptions {
    std::string chip, directory;
    bool binary = false, json = false;
};

std::string_view text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Result<void> load_flash(flash::Image& image, const ImportOptions& options) {
    std::vector<loader::Program> programs;
    for (const std::string& argument : options.flash)
        programs.push_back(TRY(loader::load_argument(argument)));
    TRY(loader::check_disjoint(programs));
    for (const loader::Program& program : programs) TRY(place_dump(image, program));
    if (options.states.empty()) return {};
    const Bytes file = TRY(read_file(options.states, kLargestText));
    return apply_word_states(image, text_of(file), options.states);
}

Result<void> choose_identity(ChipContents& chip, const ImportOptions& options) {
    if (options.identity_of.empty()) {
        const Drawn drawn = TRY(draw(options.identity));
        chip.identity = drawn.identity;
        chip.ram_seed = drawn.ram_seed;
        return {};
    }
    if (options.identity.seed || !options.identity.ca.empty())
        return misuse("--identity-of: the identity is that chip's; leave out --seed and --ca");
    const auto file = TRY(ChipFile::open(options.identity_of, ChipFile::Use::look));
    const ChipContents other = TRY(file.load());
    chip.identity = other.identity;
    chip.ram_seed = other.ram_seed;
    return {};
}

std::size_t words_in_use(const flash::Image& image) {
    std::size_t used = 0;
    for (const flash::ArrayImage& bank : image.user)
        for (const flash::WordState state : bank.words) used += state != flash::WordState::erased ? 1 : 0;
    return used;
}

Result<ExitCode> import(const ImportOptions& options) {
    const chip::Part& part = *TRY(part_called(options.part));
    ChipContents chip;
    chip.part = part.name;
    chip.image = part.factory_image();
    const Bytes file = TRY(read_file(options.options, kLargestText));
    const options::WordsFile words = TRY(options::parse_words_file(text_of(file), options.options));
    chip.image.options = words.words;
    chip.readings = TRY(with_readings({}, options.readings));
    TRY(load_flash(chip.image, options));
    TRY(choose_identity(chip, options));
    TRY(ChipFile::create(options.chip, chip));
    const std::string uid = to_hex(chip.identity.uid);
    const std::size_t used = words_in_use(chip.image);
    if (options.json) {
        print_json("chip import", Json{{"file", options.chip},
                                       {"part", chip.part},
                                       {"uid", uid},
                                       {"flash_words", used},
                                       {"factory_values_for", words.missing}});
        return ExitCode::done;
    }
    print(fmt::format("{}: {}, UID {}, {} flash words programmed\n", options.chip, chip.part, uid, used));
    if (!words.missing.empty()) {
        std::string names;
        for (const std::string_view name : words.missing) names += fmt::format(" {}", name);
        print(fmt::format("{} does not name{}: factory values\n", options.options, names));
    }
    return ExitCode::done;
}

/// All files appear under their directory at once, or none does.
class Delivery {
public:
    static Result<Delivery> into(const fs::path& directory) {
        std::error_code error;
        if (fs::exists(directory, error) &&
            !(fs::is_directory(directory, error) && fs::is_empty(directory, error)))
            return misuse(
                fmt::format("{}: exists already and is not an empty directory", directory.string()));
        fs::path target = directory;  // "dump/" and "dump" are the same
        if (!target.has_filename()) target = target.parent_path();
        std::string temporary = target.string() + ".XXXXXX";
        if (::mkdtemp(temporary.data()) == nullptr)  // mode 0700
            return misuse(fmt::format("{}: cannot create: {}", directory.string(), std::strerror(errno)));
        return Delivery(temporary, target);
    }
    Delivery(Delivery&& other) noexcept
        : temporary_(std::move(other.temporary_)), target_(std::move(other.target_)), open_(other.open_) {
        other.open_ = false;
    }
    Delivery& operator=(Delivery&&) = delete;
    ~Delivery() {
        std::error_code ignored;
        if (open_) fs::remove_all(temporary_, ignored);
    }

    Result<void> add(const std::string& name, ByteView bytes) {
        TRY(write_file(temporary_ / name, bytes, Mode::secret));
        names_.push_back(name);
        return {};
    }
    Result<std::vector<std::string>> finish() {
        std::error_code error;
        fs::rename(temporary_, target_, error);
        if (error) return misuse(fmt::format("{}: cannot create: {}", target_.string(), error.message()));
        open_ = false;
        return names_;
    }

private:
    Delivery(fs::path temporary, fs::path target)
        : temporary_(std::move(temporary)), target_(std::move(target)) {}
    fs::path temporary_, target_;
    std::vector<std::string> names_;
    bool open_ = true;
};

Result<ExitCode> export_chip(const ExportOptions& options) {
    const auto file = TRY(ChipFile::open(options.chip, ChipFile::Use::look));
    const ChipContents chip = TRY(file.load());
    Delivery delivery = TRY(Delivery::into(options.directory));
    std::string hint = fmt::format("h7rss chip import NEW.h7 --part {} --options {}", chip.part, kCsv);
    if (options.binary) {
        const bool swapped = test_bit(chip.image.options[flash::kOptsr], 31);
        for (unsigned bank = 0; bank < 2; ++bank) {
            const std::string name = fmt::format("bank{}.bin", bank + 1);
            TRY(delivery.add(name, chip.image.user[bank].data));
            hint += fmt::format(" --flash {}@0x{:08X}", name,
                                (bank == 1) != swapped ? 0x0810'0000U : 0x0800'0000U);
        }
    } else if (const auto segments = dump_of(chip.image); !segments.empty()) {
        TRY(delivery.add(kHex, bytes_of(loader::intel_hex(segments))));
        hint += fmt::format(" --flash {}", kHex);
    }
    if (const std::string states = word_states(chip.image); !states.empty()) {
        TRY(delivery.add(kStates, bytes_of(states)));
        hint += fmt::format(" --word-states {}", kStates);
    }
    TRY(delivery.add(kNames, bytes_of(options::words_text(chip.image.options))));
    TRY(delivery.add(kCsv, bytes_of(options::words_csv(chip.image.options))));
    const std::vector<std::string> names = TRY(delivery.finish());
    if (options.json) {
        print_json("chip export", Json{{"directory", options.directory}, {"files", names}, {"import", hint}});
        return ExitCode::done;
    }
    std::string text = fmt::format("{}:", options.directory);
    for (const std::string& name : names) text += " " + name;
    print(text + "\nback: " + hint + "\n");
    return ExitCode::done;
}

}  // namespace

void add_chip_transfer(CLI::App& command, Action& chosen) {
    {
        CLI::App* verb =
            command.add_subcommand("import", "make a chip from a board's flash dump and option bytes");
        auto options = options_of<ImportOptions>(*verb, chosen, &import);
        verb->add_option("chip", options->chip, "new chip file; one that exists is never replaced")
            ->required();
        verb->add_option("--flash", options->flash,
                         "dump of user flash: ELF, Intel HEX, S-record, or file.bin@0x08000000; several");
        verb->add_option("--options", options->options,
                         "option bytes: what STM32CubeProgrammer -ob displ or h7rss ob show prints (text or\n"
                         "JSON), lines NAME=VALUE or OPTSR=0x17C6AAF0, or a CSV of nine rows")
            ->required();
        verb->add_option("--word-states", options->states,
                         "flash words whose state their bytes do not tell, as chip export writes them");
        verb->add_option("--part", options->part, "STM32H755, H745, H757, H747, or H745G, H747G of 1 Mbyte")
            ->capture_default_str();
        verb->add_option("--identity-of", options->identity_of,
                         "take UID, device key, certificate and RAM seed from this chip file");
        add_identity_options(*verb, options->identity);
        add_readings(*verb, options->readings);
        add_json(*verb, options->json);
        verb->footer(
            "Addresses are those of the bus while the board was read: with SWAP_BANK set, 0x08000000 is bank "
            "2.\n"
            "Option bytes named by number belong to the physical bank. A flash word of ones only counts as\n"
            "erased. A board never tells its device key: the chip gets a new identity, unless "
            "--identity-of.\n"
            "Any state may be imported, locked ones too: then ask h7rss ob solve for the way back.");
    }
    {
        CLI::App* verb = command.add_subcommand("export", "write flash and option bytes of a chip as files");
        auto options = options_of<ExportOptions>(*verb, chosen, &export_chip);
        verb->add_option("chip", options->chip, "chip file; it is not changed")->required();
        verb->add_option("-o,--output", options->directory,
                         "new or empty directory; all files appear at once")
            ->required();
        verb->add_flag("--bin", options->binary,
                       "bank1.bin and bank2.bin, whole banks, instead of flash.hex");
        add_json(*verb, options->json);
        verb->footer(
            "Writes flash.hex (nothing for blank flash), options.txt (ST's names), options.csv (the nine "
            "words;\n"
            "A is bank 1) and, where bytes do not tell everything, word-states.txt (bad ECC). chip import "
            "makes\n"
            "the same flash and option bytes of them again. Protected areas are written too, whatever RDP "
            "says:\n"
            "the file is its owner's. The device key and the journal of the RSS are never written.\n"
            "Files are readable by their owner only.");
    }
}

}  // namespace h7::cli

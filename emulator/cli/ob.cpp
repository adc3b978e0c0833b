// h7rss ob show | set; ob_ask.cpp has diff | explain | solve
#include <fmt/format.h>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/options/option_names.hpp"
#include "rss/host/flasher/option_change.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string path;
    std::vector<std::string> changes;
    bool json = false;
};

void show_words(const Options& options, const ChipContents& contents, std::string_view verb) {
    const flash::OptionWords& words = contents.image.options;
    if (options.json)
        print_json_text(verb, options::print_json(words, cores_of(contents)));
    else
        print(options::print(words, cores_of(contents)));
}

Result<ExitCode> show(const Options& options) {
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    const ChipContents contents = TRY(file.load());
    show_words(options, contents, "ob show");
    return ExitCode::done;
}

/// Fields that the part stores and never looks at.
std::string without_effect(const chip::Part& part, const std::vector<options::Change>& changes) {
    std::string secure, sectors;
    for (const options::Change& change : changes) {
        const std::string_view name = change.field->name;
        const auto add = [&](std::string& list) {
            list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
        };
        if (!part.security &&
            (name.starts_with("SEC_AREA") || name.starts_with("DMES") || name == "ST_RAM_SIZE"))
            add(secure);
        if (name.starts_with("nWRP") && change.field->lsb >= part.sectors_per_bank) add(sectors);
    }
    std::string text;
    if (!secure.empty())
        text += fmt::format(
            "note: {} without effect: {} has no secure access mode (D-02, D-03); STM32H755 and STM32H757 "
            "have "
            "it\n",
            secure, part.name);
    if (!sectors.empty())
        text += fmt::format("note: {} without effect: {} has sectors 0 to {} in each bank (F-020)\n", sectors,
                            part.name, part.sectors_per_bank - 1);
    return text;
}

/// The hardware's own rules decide, not this verb: the change goes through the debug port and the registers.
Result<ExitCode> set(const Options& options) {
    const std::vector<options::Change> changes = TRY(options::parse_changes(options.changes));
    ChipFile file = TRY(ChipFile::open(options.path, ChipFile::Use::change));
    ChipContents contents = TRY(file.load());
    TRY(check_exist(contents, changes));
    // BOOT0 high starts the bootloader, which leaves the debug port open (D-16).
    const auto chip = TRY(power_up(options.path, contents, {.image = {}, .identity = {}, .boot0 = true}));
    flasher::DebugLink link(*chip);
    const auto changed =
        flasher::change_options(link, options::with_changes(contents.image.options, changes));
    if (!changed)
        return Error{changed.error().code, fmt::format("{}: {}; the option bytes are unchanged", options.path,
                                                       changed.error().message)};
    chip->power_off();
    if (*changed) {
        contents.image = chip->image();
        TRY(file.save(contents));
    } else if (!options.json) {
        print("Option bytes are unchanged.\n");
    }
    if (!options.json) print(without_effect(chip->part(), changes));
    show_words(options, contents, "ob set");
    return ExitCode::done;
}

}  // namespace

void add_ob(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    {
        CLI::App* verb = command.add_subcommand("show", "print the option bytes as STM32CubeProgrammer does");
        auto options = options_of<Options>(*verb, chosen, &show);
        verb->add_option("chip", options->path, "chip file")->required();
        add_json(*verb, options->json);
    }
    {
        CLI::App* verb =
            command.add_subcommand("set", "change option bytes in one change, through the debug port");
        auto options = options_of<Options>(*verb, chosen, &set);
        verb->add_option("chip", options->path, "chip file")->required();
        verb->add_option("changes", options->changes, "NAME=VALUE, for instance RDP=0xBB BOR_LEV=2")
            ->required();
        add_json(*verb, options->json);
        verb->footer(
            "nWRP0 to nWRP7 are the sectors of bank 1, nWRP8 to nWRP15 those of bank 2; names of areas end "
            "in the\n"
            "number of the bank. The chip is powered with BOOT0 high and decides: what it refuses ends with "
            "exit code 1 and names the "
            "rule.");
    }
    add_ob_questions(command, chosen);
}

}  // namespace h7::cli

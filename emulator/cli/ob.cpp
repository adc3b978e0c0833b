// h7rss ob show | set
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/options/option_names.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string path;
    bool json = false;
};

Result<ExitCode> show(const Options& options) {
    const auto file = TRY(ChipFile::open(options.path, ChipFile::Use::look));
    const ChipContents chip = TRY(file.load());
    print(options.json ? options::print_json(chip.image.options) : options::print(chip.image.options));
    return ExitCode::done;
}

}  // namespace

void add_ob(CLI::App& command, Action& chosen) {
    command.require_subcommand(1);
    CLI::App* verb = command.add_subcommand("show", "print the option bytes as STM32CubeProgrammer does");
    auto options = options_of<Options>(*verb, chosen, &show);
    verb->add_option("chip", options->path, "chip file")->required();
    add_json(*verb, options->json);
}

}  // namespace h7::cli

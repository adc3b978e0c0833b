#include <fmt/format.h>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    bool json = false;
};

Result<ExitCode> version(const Options& options) {
    if (options.json)
        print_json("version", Json{{"version", H7RSS_VERSION},
                                   {"chip_file", kChipFileVersion},
                                   {"container", "SFI-1"},
                                   {"license", "LIC-1"}});
    else
        print(fmt::format("h7rss {}\nchip files of version {}, image container SFI-1, licenses LIC-1\n",
                          H7RSS_VERSION, kChipFileVersion));
    return ExitCode::done;
}

}  // namespace

void add_version(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &version);
    add_json(command, options->json);
}

}  // namespace h7::cli

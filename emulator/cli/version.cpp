#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

struct Options {
    bool json = false;
};

Result<ExitCode> version(const Options& options) {
    if (options.json)
        print(nlohmann::ordered_json{{"version", H7RSS_VERSION},
                                     {"chip_file", kChipFileVersion},
                                     {"container", "SFI-1"},
                                     {"license", "LIC-1"}}
                  .dump(2) +
              "\n");
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

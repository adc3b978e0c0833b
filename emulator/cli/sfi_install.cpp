// h7rss sfi install
#include "rss/host/flasher/sfi_install.hpp"

#include "emulator/base/file.hpp"
#include "emulator/cli/installation.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string chip, image, license;
    std::vector<std::string> module_licenses;
    bool no_prepare = false, json = false;
};

Result<ExitCode> install(const Options& options) {
    std::vector<std::string> log;
    flasher::InstallRequest request {
        .image = TRY(read_file(options.image, image::kMaxFileBytes))
        , .license = TRY(read_file(options.license, 4096))
        , .image_name = options.image, .license_name = options.license, .prepare = !options.no_prepare,
          .say = [&](std::string_view line) { log.emplace_back(line); }
    };
    for (const std::string& name : options.module_licenses)
        request.module_licenses.push_back(TRY(read_file(name, 4096)));
    TRY(flasher::check_files(request));
    TRY(install_on(options.chip, "flash was erased",
                   [&](flasher::DebugLink& link) { return flasher::install(link, request); }));
    log.emplace_back(
        "SFI installed; power removed. (Result taken from the RSS itself: the debug port may be closed by "
        "now.)");
    return report_installed("sfi install", options.chip, log, options.json);
}

}  // namespace

void add_sfi_install(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &install);
    command.add_option("chip", options->chip, "chip file")->required();
    command.add_option("image", options->image, "SFI-1 file of h7rss sfi pack")->required();
    command.add_option("license", options->license, "license of h7rss license issue, for this chip")
        ->required();
    command.add_option("--module-license", options->module_licenses,
                       "license of a module inside the image (SMI), once for each, in their order");
    command.add_flag("--no-prepare", options->no_prepare,
                     "refuse a chip whose SECURITY or ST_RAM_SIZE is not set for an "
                     "install, instead of setting them (SECURITY=1, ST_RAM_SIZE=3)");
    add_json(command, options->json);
    command.footer(
        "Powers the chip with BOOT0 high, stages through AP0, resets, lets the RSS install, and removes the "
        "power.");
}

}  // namespace h7::cli

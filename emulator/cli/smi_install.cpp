// h7rss smi install
#include "rss/host/flasher/smi_install.hpp"

#include "emulator/base/file.hpp"
#include "emulator/cli/installation.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string chip, module, license;
    bool no_prepare = false, json = false;
};

Result<ExitCode> install(const Options& options) {
    std::vector<std::string> log;
    flasher::ModuleRequest request {
        .module = TRY(read_file(options.module, image::kModuleHeaderBytes + image::kMaxModuleBytes))
        , .license = TRY(read_file(options.license, 4096))
        , .module_name = options.module, .license_name = options.license, .prepare = !options.no_prepare,
          .say = [&](std::string_view line) { log.emplace_back(line); }
    };
    TRY(flasher::check_files(request));
    TRY(install_on(options.chip, "zeros stand where the module was",
                   [&](flasher::DebugLink& link) { return flasher::install(link, request); }));
    log.emplace_back("SMI installed; power removed. (Result taken from the RSS itself.)");
    return report_installed("smi install", options.chip, log, options.json);
}

}  // namespace

void add_smi_install(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &install);
    command.add_option("chip", options->chip, "chip file")->required();
    command.add_option("module", options->module, "SMI-1 file of h7rss smi pack")->required();
    command
        .add_option("license", options->license,
                    "license of h7rss license issue --module, for this chip and this module")
        ->required();
    command.add_flag("--no-prepare", options->no_prepare,
                     "refuse a chip whose SECURITY is not set for an install, instead of setting it");
    add_json(command, options->json);
    command.footer(
        "Powers the chip with BOOT0 high, stages through AP0, resets, lets the RSS install, and removes the "
        "power.\n"
        "The place must be erased; the protected area of its bank grows over it. A module inside an image "
        "goes by\n"
        "h7rss sfi install.");
}

}  // namespace h7::cli

// h7rss sfi install
#include "rss/host/flasher/sfi_install.hpp"

#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string chip, image, license;
    std::vector<std::string> module_licenses;
    bool no_prepare = false, json = false;
};

bool same(const flash::ArrayImage& a, const flash::ArrayImage& b) {
    return a.data == b.data && a.words == b.words;
}

/// Nothing in flash or journal is different: the install was refused before it began.
bool untouched(const flash::Image& a, const flash::Image& b) {
    return same(a.user[0], b.user[0]) && same(a.user[1], b.user[1]) && same(a.system2, b.system2);
}

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
    ChipFile file = TRY(ChipFile::open(options.chip, ChipFile::Use::change));
    ChipContents contents = TRY(file.load());
    const auto chip = TRY(power_up(options.chip, contents, {.image = {}, .identity = {}, .boot0 = true}));
    flasher::DebugLink link(*chip);
    const Result<void> done = flasher::install(link, request);
    chip->power_off();

    const flash::Image after = chip->image();
    // Refused before the first erase: the file stays as it was, the preparing option change included (0080).
    if (!done && untouched(contents.image, after))
        return Error{done.error().code,
                     fmt::format("{}: {}; the chip is unchanged", options.chip, done.error().message)};
    contents.image = after;
    TRY(file.save(contents));
    if (!done)
        return Error{done.error().code,
                     fmt::format("{}: {}; flash was erased", options.chip, done.error().message)};
    log.emplace_back(
        "SFI installed; power removed. (Result taken from the RSS itself: the debug port may be closed by "
        "now.)");
    if (options.json) {
        print_json("sfi install", Json{{"chip", options.chip}, {"installed", true}, {"log", log}});
    } else {
        for (const std::string& line : log) print(line + "\n");
    }
    return ExitCode::done;
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

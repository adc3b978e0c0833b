#include "emulator/cli/installation.hpp"

#include <fmt/format.h>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"

namespace h7::cli {
namespace {

bool same(const flash::ArrayImage& a, const flash::ArrayImage& b) {
    return a.data == b.data && a.words == b.words;
}

/// Nothing in flash or journal is different: the install was refused before it began.
bool untouched(const flash::Image& a, const flash::Image& b) {
    return same(a.user[0], b.user[0]) && same(a.user[1], b.user[1]) && same(a.system2, b.system2);
}

}  // namespace

Result<void> install_on(const std::string& path, std::string_view left,
                        const std::function<Result<void>(flasher::DebugLink&)>& act) {
    ChipFile file = TRY(ChipFile::open(path, ChipFile::Use::change));
    ChipContents contents = TRY(file.load());
    const auto chip = TRY(power_up(path, contents, {.image = {}, .identity = {}, .boot0 = true}));
    flasher::DebugLink link(*chip);
    const Result<void> done = act(link);
    chip->power_off();

    const flash::Image after = chip->image();
    if (!done && untouched(contents.image, after))
        return Error{done.error().code,
                     fmt::format("{}: {}; the chip is unchanged", path, done.error().message)};
    contents.image = after;
    TRY(file.save(contents));
    if (!done) return Error{done.error().code, fmt::format("{}: {}; {}", path, done.error().message, left)};
    return {};
}

ExitCode report_installed(std::string_view verb, const std::string& path, const std::vector<std::string>& log,
                          bool json) {
    if (json) {
        print_json(verb, nlohmann::ordered_json{{"chip", path}, {"installed", true}, {"log", log}});
    } else {
        for (const std::string& line : log) print(line + "\n");
    }
    return ExitCode::done;
}

}  // namespace h7::cli

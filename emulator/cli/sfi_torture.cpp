// h7rss sfi torture, h7rss smi torture
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "emulator/base/file.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/torture/defects.hpp"
#include "rss/host/torture/report.hpp"
#include "rss/image/smi.hpp"

namespace h7::cli {
namespace {

struct Options {
    std::string chip, image, license, shard, only, junit, defect;
    std::vector<std::string> module_licenses;
    std::uint64_t seed = 1;
    bool quick = false, progress = false, json = false, self_test = false;
};

Result<torture::Shard> shard_of(const std::string& text) {
    if (text.empty()) return torture::Shard{};
    torture::Shard shard{0, 0};
    int used = 0;
    if (std::sscanf(text.c_str(), "%3u/%3u%n", &shard.number, &shard.of, &used) != 2 ||
        used != static_cast<int>(text.size()) || shard.number < 1 || shard.number > shard.of)
        return misuse(fmt::format("--shard {}: I/N is wanted, I from 1 to N", text));
    return shard;
}

void draw_progress(std::size_t done, std::size_t of) {
    if (done != of && done % 64 != 0) return;
    constexpr std::size_t kWidth = 40;
    const std::size_t full = done * kWidth / of;
    fmt::print(stderr, "\r[{}{}] {}/{}{}", std::string(full, '#'), std::string(kWidth - full, ' '), done, of,
               done == of ? "\n" : "");
    std::fflush(stderr);
}

Result<torture::Subject> subject_of(const Options& options, std::size_t most) {
    // A copy of the chip is tortured; the file stays as it is.
    const ChipFile file = TRY(ChipFile::open(options.chip, ChipFile::Use::look));
    const ChipContents contents = TRY(file.load());
    torture::Subject subject;
    subject.part = TRY(part_called(contents.part));
    subject.flash = contents.image;
    subject.identity = contents.identity;
    subject.ram_seed = contents.ram_seed;
    subject.readings = TRY(chip::readings_of(contents.readings));
    subject.image = TRY(read_file(options.image, most));
    subject.license = TRY(read_file(options.license, 4096));
    for (const std::string& path : options.module_licenses)
        subject.module_licenses.push_back(TRY(read_file(path, 4096)));
    return subject;
}

/// Every rule that can be taken away, and where the judge noticed it.
Result<ExitCode> self_test(const Options& options, const torture::Subject& subject) {
    const auto sightings = TRY(torture::self_test(subject, options.seed));
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    std::size_t blind = 0;
    for (const torture::Sighting& sighting : sightings) {
        const bool seen = !sighting.seen_in.empty();
        blind += seen ? 0 : 1;
        all.push_back({{"without", sighting.defect->name},
                       {"lacks", sighting.defect->lacks},
                       {"seen_in", sighting.seen_in},
                       {"violation", sighting.violation}});
        if (!options.json)
            print(fmt::format("{:20} {:66} {}\n", sighting.defect->name, sighting.defect->lacks,
                              seen ? "seen in " + sighting.seen_in : "NOT SEEN"));
    }
    if (options.json)
        print_json("sfi torture", nlohmann::ordered_json{{"self_test", all}, {"not_seen", blind}});
    else
        print(fmt::format("self-test: {} of {} seen\n", sightings.size() - blind, sightings.size()));
    return blind == 0 ? ExitCode::done : ExitCode::rule_violated;
}

torture::Effort effort_of(const Options& options) {
    return options.quick ? torture::Effort::quick() : torture::Effort{};
}

Result<ExitCode> tell(const Options& options, std::string_view verb, const torture::Report& report) {
    std::string more;
    for (const std::string& path : options.module_licenses) more += " --module-license " + path;
    if (options.quick) more += " --quick";
    if (!options.defect.empty()) more += " --break " + options.defect;
    const std::string command =
        fmt::format("h7rss {} {} {} {}{}", verb, options.chip, options.image, options.license, more);
    if (!options.junit.empty()) {
        const std::string xml = torture::junit(report, command);
        TRY(write_file(options.junit, {reinterpret_cast<const std::uint8_t*>(xml.data()), xml.size()}));
    }
    if (options.json)
        print_json(verb, torture::to_json(report, command));
    else
        print(torture::table(report, command));
    return report.violations() == 0 ? ExitCode::done : ExitCode::rule_violated;
}

Result<torture::Wish> wish_of(const Options& options) {
    torture::Wish wish;
    wish.shard = TRY(shard_of(options.shard));
    wish.seed = options.seed;
    wish.only = options.only;
    wish.effort = effort_of(options);
    if (!options.defect.empty()) wish.defect = TRY(torture::find_defect(options.defect));
    if (options.progress || isatty(STDERR_FILENO) != 0) wish.progress = draw_progress;
    return wish;
}

Result<ExitCode> torture_image(const Options& options) {
    const torture::Wish wish = TRY(wish_of(options));
    const torture::Subject subject = TRY(subject_of(options, image::kMaxFileBytes));
    if (options.self_test) return self_test(options, subject);
    return tell(options, "sfi torture", TRY(torture::run(subject, wish)));
}

Result<ExitCode> torture_module(const Options& options) {
    const torture::Wish wish = TRY(wish_of(options));
    const torture::Subject subject =
        TRY(subject_of(options, image::kModuleHeaderBytes + image::kMaxModuleBytes));
    return tell(options, "smi torture", TRY(torture::run_module(subject, wish)));
}

/// What both have.
void add_common(CLI::App& command, Options& options) {
    command.add_flag("--quick", options.quick,
                     "fewer torn words, second cuts and flipped bits: for every push");
    command.add_option("--shard", options.shard, "I/N: every N-th case, beginning with the I-th");
    command.add_option("--seed", options.seed, "of torn words and of everything drawn")
        ->capture_default_str();
    command.add_option("--only", options.only, "one case, by the name a violation gives");
    command.add_option("--junit", options.junit, "JUnit file for a CI server");
    command.add_flag("--progress", options.progress,
                     "a progress bar also where standard error is no terminal");
    add_json(command, options.json);
}

}  // namespace

void add_sfi_torture(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &torture_image);
    command.add_option("chip", options->chip, "chip file; it is not changed")->required();
    command.add_option("image", options->image, "SFI-1 file of h7rss sfi pack")->required();
    command.add_option("license", options->license, "license for this chip")->required();
    command.add_option("--module-license", options->module_licenses,
                       "license of a module that brings its own key; in the order of the image");
    add_common(command, *options);
    command.add_option("--break", options->defect,
                       "torture a chip that lacks one rule: the run ends with exit 4 (docs/rss/torture.md)");
    command.add_flag("--self-test", options->self_test,
                     "take away each of these rules in turn: does the judge see it?");
    command.footer(
        "Cuts the power before and inside every flash step, tampers with every field, comes in the wrong "
        "order and\n"
        "with the wrong license, lets everybody read, and installs again. Exit 4: an invariant broke; the "
        "command\n"
        "that shows it again is printed.");
}

void add_smi_torture(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &torture_module);
    command.add_option("chip", options->chip, "chip file; it is not changed")->required();
    command.add_option("module", options->image, "SMI-1 file of h7rss smi pack")->required();
    command.add_option("license", options->license, "license for this chip and module")->required();
    add_common(command, *options);
    command.footer(
        "As h7rss sfi torture. The module's place must be erased, and its bank without a protected (PCROP) "
        "area.");
}

}  // namespace h7::cli

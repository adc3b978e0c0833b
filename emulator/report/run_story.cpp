#include "emulator/report/run_story.hpp"

#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "peripherals/flash/option_bytes.hpp"

namespace h7::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<unsigned, std::string_view> kFaults[] = {
    {2, "NMI"}, {3, "HardFault"}, {4, "MemManage"}, {5, "BusFault"}, {6, "UsageFault"}};

std::string_view name_of_level(const flash::OptionWords& options) {
    switch (flash::rdp_of(options)) {
        case security::Rdp::level0:
            return "RDP level 0";
        case security::Rdp::level1:
            return "RDP level 1";
        default:
            return "RDP level 2";
    }
}

Address vtor_of(cpu::Core& core, Master master) {
    const auto vtor = core.read_private({0xE000'ED08U, 4, Op::read, master, Context::application, true});
    return vtor ? static_cast<Address>(*vtor) : 0;
}

/// What the options name for this core, and why the hardware took another address if it did.
std::string chosen_by(chip::Chip& chip, Master core) {
    const flash::OptionWords& options = chip.flash().options();
    const bool high = chip.boot0(), cm7 = core == Master::cm7;
    const std::uint32_t word = options[cm7 ? flash::kBoot7 : flash::kBoot4];
    const Address named = (high ? extract(word, 31, 16) : extract(word, 15, 0)) << 16;
    const std::string field = fmt::format("BOOT_{}_ADD{}", cm7 ? "CM7" : "CM4", high ? 1 : 0);
    const chip::BootChoice& choice = chip.boot_choice();
    if (!(cm7 ? choice.cm7_substituted : choice.cm4_substituted))
        return fmt::format("{}, BOOT0 {}", field, high ? "high" : "low");
    const bool level2 = flash::rdp_of(options) == security::Rdp::level2;
    return fmt::format("{} names 0x{:08x}, {}", field, named,
                       level2 ? "RDP level 2 boots from user flash only" : "where nothing can boot");
}

CoreStory cm7_story(chip::Chip& chip) {
    CoreStory story{"CM7", chip.cm7().state() != cpu::RunState::held, 0, ""};
    const bool secure = chip.secure_mode().latched();
    story.vectors = story.runs ? vtor_of(chip.cm7(), Master::cm7) : chip.boot_choice().cm7;
    if (!story.runs)
        story.why = secure ? "the RSS keeps it, or BCM7 = 0" : "BCM7 = 0; RCC_GCR.BOOT_C1 releases it";
    else if (!secure)
        story.why = chosen_by(chip, Master::cm7);
    else if (chip.secure_mode().confsec() != 0)
        story.why = "SECURITY = 1: the RSS ran and left secure access mode open";
    else
        story.why = fmt::format("SECURITY = 1: the RSS ran, then {}", chosen_by(chip, Master::cm7));
    return story;
}

CoreStory cm4_story(chip::Chip& chip) {
    CoreStory story{"CM4", chip.cm4().state() != cpu::RunState::held, chip.boot_choice().cm4, ""};
    if (story.runs)
        story.why = chosen_by(chip, Master::cm4);
    else if (chip.boot_choice().cm4_starts)
        story.why = "the RSS has not released it";
    else
        story.why = "BCM4 = 0; RCC_GCR.BOOT_C2 releases it";
    return story;
}

/// "power-on reset 1", in the order of the reset tree.
std::vector<std::pair<std::string, std::uint64_t>> resets_of(const chip::Tally& tally) {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const chip::ResetRow& row : chip::kResetTree) {
        const auto source = static_cast<std::size_t>(row.source);
        if (source >= chip::kResetSources) continue;  // a debugger's VECTRESET is not counted
        if (const std::uint64_t n = tally.resets[source]; n != 0) all.emplace_back(row.name, n);
    }
    return all;
}

std::vector<std::pair<std::string, cpu::Core*>> cores_of(chip::Chip& chip) {
    std::vector<std::pair<std::string, cpu::Core*>> all = {{"CM7", &chip.cm7()}};
    if (chip.part().cm4) all.emplace_back("CM4", &chip.cm4());
    return all;
}

std::vector<std::pair<std::string, std::uint64_t>> refusals_of(const chip::Tally& tally) {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const auto& [what, count] : tally.refusals) {
        const auto& [rule, id, asked, master] = what;
        all.emplace_back(fmt::format("{} {} ({} by {})", rule, id, asked, name_of(master)), count);
    }
    return all;
}

template <class Rows>
std::string joined(const Rows& rows) {
    std::string text;
    for (const auto& [name, count] : rows)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
    return text;
}

std::vector<std::pair<std::string, std::uint64_t>> faults_of(const cpu::Core& core) {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (const auto& [number, name] : kFaults)
        if (const std::uint64_t n = core.entered(number); n != 0) all.emplace_back(name, n);
    return all;
}

}  // namespace

StartStory start_story(chip::Chip& chip) {
    const flash::OptionWords& options = chip.flash().options();
    StartStory story;
    story.chip = fmt::format(
        "{}, {}{}{}, BOOT0 {}", chip.part().name, name_of_level(options),
        chip.part().security ? fmt::format(", SECURITY {}", chip.secure_mode().latched() ? 1 : 0) : "",
        chip.flash().swapped() ? ", banks swapped" : "", chip.boot0() ? "high" : "low");
    story.cores.push_back(cm7_story(chip));
    if (chip.part().cm4) story.cores.push_back(cm4_story(chip));
    story.counts_by_hook = chip.cm7().counts_by_hook();
    return story;
}

std::vector<std::string> StartStory::lines() const {
    std::vector<std::string> all = {chip};
    for (const CoreStory& core : cores)
        all.push_back(core.runs ? fmt::format("{} boots at 0x{:08x}: {}", core.name, core.vectors, core.why)
                                : fmt::format("{} is held: {}", core.name, core.why));
    if (counts_by_hook)
        all.emplace_back("instructions are counted by a hook at each block: slower, the same counts");
    return all;
}

Json StartStory::json() const {
    Json json{{"chip", chip}};
    for (const CoreStory& core : cores)
        json[core.name == "CM7" ? "cm7" : "cm4"] = {
            {"runs", core.runs}, {"vectors", core.vectors}, {"why", core.why}};
    return json;
}

std::vector<std::string> end_lines(chip::Chip& chip) {
    std::string first = fmt::format("{:.6f} ms of virtual time", static_cast<double>(chip.clock().now()) /
                                                                     static_cast<double>(kMillisecond));
    std::vector<std::string> all;
    for (const auto& [name, core] : cores_of(chip)) {
        first += fmt::format("; {} {} instructions", name, core->instructions());
        if (const auto faults = faults_of(*core); !faults.empty())
            all.push_back(fmt::format("faults of the {}: {}", name, joined(faults)));
    }
    all.insert(all.begin(), first);
    if (const auto resets = resets_of(chip.tally());
        resets.size() > 1 || (resets.size() == 1 && resets[0].second > 1))
        all.push_back("resets: " + joined(resets));
    if (const auto refused = refusals_of(chip.tally()); !refused.empty())
        all.push_back("refused: " + joined(refused));
    if (const std::size_t n = chip.trace().unmodelled_count(); n != 0)
        all.push_back(fmt::format("not modelled: {} register{} touched", n, n == 1 ? "" : "s"));
    return all;
}

Json end_json(chip::Chip& chip) {
    Json resets = Json::object(), faults = Json::object(), refused = Json::object();
    for (const auto& [name, count] : resets_of(chip.tally())) resets[name] = count;
    for (const auto& [name, core] : cores_of(chip))
        for (const auto& [fault, count] : faults_of(*core))
            faults[name == "CM7" ? "cm7" : "cm4"][fault] = count;
    for (const auto& [what, count] : refusals_of(chip.tally())) refused[what] = count;
    return {{"resets", resets},
            {"faults", faults},
            {"refused", refused},
            {"unmodelled", chip.trace().unmodelled_count()}};
}

}  // namespace h7::report

#include "rss/host/package/option_guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::package {
namespace {

using image::AreaType;
using image::Extent;
using image::OptionWords;

constexpr std::uint32_t kBankBytes = 1U << 20;
constexpr std::uint32_t kBlock = 256;

/// The flash an area word covers, in the window where register set `set` (0 = A, 1 = B) is mapped. START ==
/// END is the whole bank.
Extent covered(std::uint32_t word, std::uint32_t set) {
    const std::uint32_t bank = image::kUserFlashFirst + set * kBankBytes;
    const std::uint32_t start = image::area_start(word), end = image::area_end(word);
    if (start == end) return {bank, bank + kBankBytes - 1};
    return {bank + start * kBlock, bank + end * kBlock + kBlock - 1};
}

struct AreaRow {
    image::OptionRow row;
    std::uint32_t set;
    const char* kind;
};
constexpr AreaRow kAreaRows[] = {
    {image::kPrarA, 0, "protected (PCROP)"},
    {image::kPrarB, 1, "protected (PCROP)"},
    {image::kScarA, 0, "secure"},
    {image::kScarB, 1, "secure"},
};

/// IWDG2_SW, BCM4, BCM7, NRST_STOP_D2 and NRST_STBY_D2 are 0, as on parts without a CM4 (decision 0170).
bool of_one_core(const OptionWords& words) { return (words[image::kOptsr] & 0x03C0'0020U) == 0; }
/// BCM7 = BCM4 = 0 starts the CM7 (system.md 2.2).
bool cm7_boots(const OptionWords& words) { return image::bcm7(words) || !image::bcm4(words); }

bool any_area(const OptionWords& words) {
    return std::ranges::any_of(kAreaRows,
                               [&](const AreaRow& row) { return image::area_valid(words[row.row]); });
}

bool has_module(const std::vector<Content>& areas) {
    return std::ranges::any_of(areas, [](const Content& area) { return area.type == AreaType::module; });
}

bool holds(const std::vector<Content>& areas, std::uint32_t address) {
    return std::ranges::any_of(areas, [&](const Content& area) {
        const Extent extent = area.extent();
        return extent.first <= address && address <= extent.last;
    });
}

std::string boot_line(const char* core, bool enabled, std::uint32_t word, const std::vector<Content>& areas) {
    const std::uint32_t low = word << 16, high = word & 0xFFFF'0000;
    if (!enabled) return fmt::format("{} does not boot by itself", core);
    const bool in_flash = low >= image::kUserFlashFirst && low <= image::kUserFlashLast;
    return fmt::format("{} boots from 0x{:08x} (BOOT0 low){} or 0x{:08x} (BOOT0 high)", core, low,
                       in_flash && !holds(areas, low) ? ", where this image puts nothing," : "", high);
}

Result<void> check_modules_covered(const OptionWords& words, const std::vector<Content>& areas) {
    for (const Content& area : areas) {
        if (area.type != AreaType::module) continue;
        const Extent extent = area.extent();
        const std::uint32_t set = extent.first >= image::kUserFlashFirst + kBankBytes ? 1 : 0;
        const std::uint32_t word = words[set == 0 ? image::kPrarA : image::kPrarB];
        const Extent cover = covered(word, set);
        if (image::area_valid(word) && cover.first <= extent.first && extent.last <= cover.last) continue;
        return misuse(fmt::format("{} does not cover the module of {} at {} (E_OB): widen the row",
                                  image::option_row_name(set == 0 ? image::kPrarA : image::kPrarB),
                                  area.origin, image::to_string(extent)));
    }
    return {};
}

}  // namespace

bool leaves_readable(const std::optional<OptionWords>& words, bool module) {
    if (!words) return !module;
    return image::rdp_level0(*words) && !any_area(*words) && !module;
}

std::vector<std::string> consequences(const OptionWords& words, const std::vector<Content>& areas) {
    std::vector<std::string> lines;
    if (image::rdp_level2(words))
        lines.push_back("RDP level 2: for ever; no debugger, no bootloader, no other option bytes");
    else if (image::rdp_level0(words))
        lines.push_back("RDP level 0");
    else
        lines.push_back("RDP level 1: going back to level 0 erases user flash");
    lines.push_back(image::security(words) ? "SECURITY = 1: the RSS runs at every reset"
                                           : "SECURITY = 0: no secure access mode");
    unsigned secure = 0;
    for (const AreaRow& row : kAreaRows) {
        if (!image::area_valid(words[row.row])) continue;
        const Extent extent = covered(words[row.row], row.set);
        lines.push_back(fmt::format("{} area {}", row.kind, image::to_string(extent)));
        if (row.row != image::kScarA && row.row != image::kScarB) continue;
        ++secure;
        if (!holds(areas, extent.first))
            lines.push_back(
                fmt::format("warning: the secure area begins at 0x{:08x}, where this image puts nothing: "
                            "the chip would never leave its reset",
                            extent.first));
    }
    lines.push_back(boot_line("CM7", cm7_boots(words), words[image::kBoot7], areas));
    if (of_one_core(words))
        lines.push_back(
            "option words of a part with one core; on another the CM4 stays held and IWDG2 runs from reset");
    else
        lines.push_back(boot_line("CM4", image::bcm4(words), words[image::kBoot4], areas));
    if (!image::iwdg1_software(words)) lines.push_back("warning: IWDG1 runs from reset (IWDG1_SW = 0)");
    if (!image::iwdg2_software(words) && !of_one_core(words))
        lines.push_back("warning: IWDG2 runs from reset (IWDG2_SW = 0)");
    if (image::swap_bank(words)) {
        lines.push_back(
            "warning: SWAP_BANK = 1 takes effect at the next reset: the image then sits in the other window");
        if (secure == 1)
            lines.push_back(
                "warning: one secure area and the banks swapped: the RSS undoes the swap at the next boot "
                "(R-050)");
    }
    return lines;
}

Result<void> check_options(const std::optional<OptionWords>& words, const std::vector<Content>& areas,
                           const OptionConsents& consents) {
    const bool module = has_module(areas);
    if (leaves_readable(words, module) && !consents.leave_readable)
        return misuse(
            fmt::format("{}: the chip would stay readable by any debugger; raise RDP, add an area, or give "
                        "--leave-readable (D-33)",
                        words ? "RDP 0 and no protected area" : "no option bytes and no module"));
    if (!words) return {};
    if (!image::security(*words) && (any_area(*words) || module))
        return misuse(
            "SECURITY = 0 beside a protected or secure area (E_OB): keep bit 21 of FOPTSR_PRG at 1");
    TRY(check_modules_covered(*words, areas));
    if (consents.force) return {};
    const auto needs_force = [](const char* what) {
        return misuse(fmt::format("{}; give --force if that is meant (option words of the CSV)", what));
    };
    if (!cm7_boots(*words)) return needs_force("BCM7 = 0: the CM7 would not boot");
    if (!image::iwdg1_software(*words) || (!image::iwdg2_software(*words) && !of_one_core(*words)))
        return needs_force("a watchdog would run from reset (IWDG1_SW or IWDG2_SW = 0)");
    if (image::rdp_level2(*words)) return needs_force("RDP level 2 can never be undone");
    return {};
}

}  // namespace h7::package

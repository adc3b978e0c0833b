// The dry run of an image's option words (rss-sfi-bootloader.md 4.8 and 4.9, 3b and 6; flash-rules.md F-176).
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "rss/install/flash_driver.hpp"
#include "rss/install/part.hpp"

namespace h7::rss {
namespace {

using image::AreaType;

constexpr OptionWord kPrar[] = {kPrar1, kPrar2}, kScar[] = {kScar1, kScar2};
constexpr OptionWord kAreaRows[] = {kPrar1, kPrar2, kScar1, kScar2};

Refusal refused(std::string why) { return {Detail::E_OB, std::move(why)}; }

// The bank (0 or 1, physical) and the blocks of an address range of user flash.
unsigned bank_index(Address address, bool swapped) {
    return (address >= kUserFlash + kBankBytes) != swapped ? 1 : 0;
}
Address window_of(unsigned bank, bool swapped) {
    return kUserFlash + ((bank == 1) != swapped ? kBankBytes : 0);
}

std::optional<std::uint32_t> plain_word(const std::vector<PlainArea>& areas, Address address) {
    for (const PlainArea& area : areas) {
        const Address first = area.descriptor.address;
        if (area.descriptor.type != AreaType::firmware && area.descriptor.type != AreaType::module) continue;
        if (address >= first && address + 4 <= first + area.plaintext.size())
            return load_le32(area.plaintext, address - first);
    }
    return std::nullopt;
}

// An initial stack pointer in some RAM and a Thumb reset handler in user flash.
bool startable(const std::vector<PlainArea>& areas, const ChipState& chip, Address vectors) {
    const auto word = [&](Address at) {
        const auto staged = plain_word(areas, at);
        return staged || !chip.installed ? staged : chip.installed(at);
    };
    const auto stack = word(vectors), entry = word(vectors + 4);
    if (!stack || !entry) return false;
    const bool in_ram = *stack > 0x2000'0000U && *stack <= 0x3880'1000U;
    return in_ram && (*entry & 1U) != 0 && *entry >= kUserFlash && *entry < kUserFlashEnd;
}

// What the flash would answer with OPTCHANGEERR (F-176). No area is in force (precondition), so F-164 and
// F-168 have nothing to say and SECURITY may be cleared (F-172).
Answer<> hardware_would_accept(const OptionWords& words, const OptionWords& now) {
    for (const OptionWord row : kAreaRows)
        if ((now[row] & kEraseWithBank) != 0 && (words[row] & kEraseWithBank) == 0)
            return refused(
                fmt::format("{}{} is 1 and may not be cleared here ({})", row <= kPrar2 ? "DMEP" : "DMES",
                            row == kPrar1 || row == kScar1 ? 1 : 2, row <= kPrar2 ? "F-166" : "F-170"));
    return {};
}

}  // namespace

Answer<std::array<Area, 2>> module_areas(const std::vector<PlainArea>& areas, const ChipState& chip) {
    const bool swapped = chip.swapped;
    std::array<Area, 2> modules = chip.progress.modules;
    const auto blocks_of = [&](const image::Extent& extent, unsigned bank) {
        const Address base = window_of(bank, swapped);
        return Area{(extent.first - base) / kBlock, (extent.last - base) / kBlock};
    };
    for (const PlainArea& area : areas) {
        if (area.descriptor.type != AreaType::module) continue;
        const unsigned bank = bank_index(area.descriptor.address, swapped);
        const Area blocks =
            blocks_of(image::occupied(AreaType::module, area.descriptor.address, area.descriptor.size), bank);
        auto& all = modules[bank];
        all = all.valid() ? Area{std::min(all.first, blocks.first), std::max(all.last, blocks.last)} : blocks;
    }
    for (const PlainArea& area : areas) {
        if (area.descriptor.type != AreaType::firmware) continue;
        const unsigned bank = bank_index(area.descriptor.address, swapped);
        const Area blocks = blocks_of(
            image::occupied(AreaType::firmware, area.descriptor.address, area.descriptor.size), bank);
        if (modules[bank].touches(blocks.offset(), blocks.size()))
            return Refusal{Detail::E_PCROP,
                           fmt::format("area {}: the PCROP area of the modules would swallow this firmware",
                                       area.descriptor.index)};
    }
    return modules;
}

Answer<OptionWords> plan_options(const std::optional<OptionWords>& requested,
                                 const std::vector<PlainArea>& areas, const std::array<Area, 2>& modules,
                                 const ChipState& chip, const InstallPolicy& policy) {
    OptionWords words = requested.value_or(chip.options);
    // Reserved bits keep their state whatever the image says (F-273).
    words[kOptsr] = (words[kOptsr] & ~kOptsrReserved) | (chip.options[kOptsr] & kOptsrReserved);

    for (unsigned bank = 0; bank < 2; ++bank) {
        if (!modules[bank].valid()) continue;
        if (!requested) {
            words[kPrar[bank]] = security::limits_of(modules[bank].offset(), modules[bank].size(), true);
            continue;
        }
        if (!area_of(words[kPrar[bank]]).covers(modules[bank]))
            return refused(
                fmt::format("the PCROP row of bank {} does not cover the image's modules", bank + 1));
    }
    TRY(hardware_would_accept(words, chip.options));

    const bool any_area = std::any_of(std::begin(kAreaRows), std::end(kAreaRows),
                                      [&](OptionWord row) { return area_of(words[row]).valid(); });
    if ((words[kOptsr] & kOptsrSecurity) == 0 && any_area)
        return refused("the words clear SECURITY while they define a PCROP or secure-only area");
    if (rdp_of(words[kOptsr]) == security::Rdp::level2 && !policy.allow_unstartable_level2)
        for (unsigned bank = 0; bank < 2; ++bank) {
            const Area area = area_of(words[kScar[bank]]);
            if (area.valid() && !startable(areas, chip, window_of(bank, chip.swapped) + area.offset()))
                return refused(fmt::format(
                    "RDP level 2 for ever, and the secure area of bank {} has no plausible vector table",
                    bank + 1));
        }
    return words;
}

}  // namespace h7::rss

#include "rss/host/package/option_toml.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "emulator/options/option_names.hpp"
#include "emulator/settings/settings.hpp"

namespace h7::package {
namespace {

using settings::Entry;
using settings::Section;
using settings::Value;

constexpr std::uint32_t kFlash = 0x0800'0000, kFlashLast = 0x081F'FFFF, kBank = 1U << 20, kBlock = 256;
constexpr std::string_view kSectorsKey = "write_protected_sectors";

struct AreaKind {
    std::string_view key;
    image::OptionRow row[2];
};
constexpr AreaKind kAreaKinds[] = {{"secure_area", {image::kScarA, image::kScarB}},
                                   {"pcrop_area", {image::kPrarA, image::kPrarB}}};

bool is_boot_address(std::string_view name) { return name.starts_with("BOOT_CM"); }

Result<std::uint32_t> level(const Section& file, const Entry& entry, const std::string& text) {
    if (text == "level 0") return 0xAAU;
    if (text == "level 1") return 0xBBU;
    if (text == "level 2") return 0xCCU;
    return file.wrong(entry.key, R"(expected "level 0", "level 1", "level 2", or a number such as 0xBB)");
}

Result<std::uint32_t> number_for(const Section& file, const Entry& entry, const options::Field& field) {
    if (const auto* flag = std::get_if<bool>(&entry.value.data)) {
        if (field.greatest() == 1) return *flag ? 1U : 0U;
    } else if (const auto* text = std::get_if<std::string>(&entry.value.data)) {
        if (field.name == "RDP") return level(file, entry, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&entry.value.data)) {
        std::int64_t value = *number;
        if (is_boot_address(field.name) && value > 0xFFFF && value <= 0xFFFF'FFFF) {
            if (value % 0x1'0000 != 0)
                return file.wrong(entry.key, "expected an address that is a multiple of 0x10000 (F-150)");
            value /= 0x1'0000;
        }
        if (value >= 0 && value <= field.greatest()) return static_cast<std::uint32_t>(value);
    }
    return file.wrong(entry.key, fmt::format("expected {}a number from 0 to 0x{:X}, found {}",
                                             field.greatest() == 1 ? "true, false, or " : "",
                                             field.greatest(), entry.value.kind()));
}

Result<void> named_field(const Section& file, const Entry& entry, flash::OptionWords& words) {
    const options::Field* field = options::find(entry.key);
    if (field == nullptr) {
        const auto unknown = options::parse_change(entry.key + "=0");
        return file.wrong_at(entry.place,
                             unknown ? std::string("no such option byte") : unknown.error().message);
    }
    field->set(words, TRY(number_for(file, entry, *field)));
    return {};
}

Result<void> write_protection(const Section& file, const Entry& entry, flash::OptionWords& words) {
    constexpr std::string_view kExpected = "expected a list of sectors, 0 to 7 in bank 1, 8 to 15 in bank 2";
    const auto* list = std::get_if<Value::List>(&entry.value.data);
    if (list == nullptr) return file.wrong(entry.key, kExpected);
    for (const Value& value : *list) {
        const auto* sector = std::get_if<std::int64_t>(&value.data);
        if (sector == nullptr || *sector < 0 || *sector > 15) return file.wrong_at(value.place, kExpected);
        words[*sector < 8 ? flash::kWpsn1 : flash::kWpsn2] &= ~(1U << (*sector % 8));
    }
    return {};
}

Result<void> area(Section& section, const AreaKind& kind, flash::OptionWords& words, bool (&taken)[2]) {
    const std::uint64_t least = kFlash, most = kFlashLast;
    const auto start = TRY(section.number("start", least, most, "an address in user flash"));
    const auto end = TRY(section.number("end", least, most, "the last address of the area, in user flash"));
    const auto erased = TRY(section.flag("erased_with_bank"));
    TRY(section.finish());
    const auto wrong = [&](std::string_view key, std::string_view what) { return section.wrong(key, what); };
    if (!start || !end)
        return wrong(start ? "end" : "start", "expected start and end, addresses in user flash");
    if (*start % kBlock != 0) return wrong("start", "expected the first byte of a 256-byte block (F-152)");
    if ((*end + 1) % kBlock != 0) return wrong("end", "expected the last byte of a 256-byte block (F-152)");
    if (*end < *start + std::uint64_t{2} * kBlock - 1)
        return wrong("end", "expected an area of 512 bytes at least (F-215)");
    const std::uint64_t bank = (*start - kFlash) / kBank;
    if (bank != (*end - kFlash) / kBank)
        return wrong("end", "expected an area that lies in one bank (F-217)");
    if (taken[bank])
        return wrong("start", fmt::format("bank {} has an area of this kind already (F-217)", bank + 1));
    taken[bank] = true;
    const auto first = static_cast<std::uint32_t>((*start - kFlash) % kBank / kBlock);
    const auto last = static_cast<std::uint32_t>((*end - kFlash) % kBank / kBlock);
    words[kind.row[bank]] = first | last << 16 | (erased.value_or(true) ? 1U << 31 : 0U);
    return {};
}

}  // namespace

Result<image::OptionWords> parse_option_toml(std::string_view text, std::string_view path) {
    const settings::Document document = TRY(settings::parse_document(text, path));
    Section file(document);
    flash::OptionWords words = flash::kFactoryOptions;
    for (const Entry& entry : file.entries()) {
        if (std::ranges::find(kAreaKinds, entry.key, &AreaKind::key) != std::end(kAreaKinds)) continue;
        if (entry.key == kSectorsKey)
            TRY(write_protection(file, entry, words));
        else
            TRY(named_field(file, entry, words));
    }
    for (const AreaKind& kind : kAreaKinds) {
        bool taken[2] = {};
        for (Section& section : TRY(file.sections(kind.key))) TRY(area(section, kind, words, taken));
    }
    return words;
}

std::string option_toml(const image::OptionWords& words) {
    std::string text = "# Option bytes after the install. What is not named has its factory value.\n";
    for (const options::Field& field : options::fields()) {
        const std::uint32_t value = field.get(words);
        if (value == field.get(flash::kFactoryOptions)) continue;
        const std::string meaning = field.meaning(value);
        text += fmt::format("{} = 0x{:X}{}\n", field.name, value, meaning.empty() ? "" : "  # " + meaning);
    }
    return text;
}

}  // namespace h7::package

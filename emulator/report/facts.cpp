#include "emulator/report/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emulator/options/option_names.hpp"

namespace h7::report {
namespace {

using flash::OptionWord;

constexpr Address kUserFlash = 0x0800'0000, kBank = 0x10'0000;

/// A changed fact leads to another row.
bool decides(const flash::Judgement& now, const std::vector<WhatIf>& what_ifs, std::string_view key) {
    return std::ranges::any_of(what_ifs, [&](const WhatIf& one) {
        return one.key == key && row_with(now, std::array{&one}).id != now.row->id;
    });
}

/// "OPTSR_CUR[15:8]"
std::string bits_text(std::string_view where, const options::Field& field) {
    return field.msb == field.lsb ? fmt::format("{}[{}]", where, field.lsb)
                                  : fmt::format("{}[{}:{}]", where, field.msb, field.lsb);
}

}  // namespace

Fact option_fact(const chip::Chip& chip, std::string_view name, std::string_view where) {
    const options::Field* field = options::find(name);
    const std::uint32_t value = field->get(const_cast<chip::Chip&>(chip).flash().options());
    return {std::string(name), fmt::format("0x{:X}", value), field->meaning(value), bits_text(where, *field),
            false};
}

Fact area_fact(std::string_view kind, std::string_view reg, const security::Area& area, std::uint32_t limits,
               unsigned bank, bool swapped) {
    Fact fact;
    fact.name = fmt::format("{0}_AREA_START{1}, {0}_AREA_END{1}", kind, bank + 1);
    fact.value = fmt::format("0x{:X}, 0x{:X}", extract(limits, 11, 0), extract(limits, 27, 16));
    fact.meaning = area.valid() ? area_text(area, bank, swapped) : "no area";
    fact.where = fmt::format("{}_CUR{}", reg, (bank ^ (swapped ? 1U : 0U)) + 1);
    return fact;
}

std::string intrusion_text(const security::SecureMode& mode) {
    if (!mode.intrusion()) return "no debugger since power-on, both cores booted from user flash";
    return mode.debugger_seen() ? "a debugger is or was connected since power-on"
                                : "a core booted from RAM or system flash";
}

std::string area_text(const security::Area& area, unsigned bank, bool swapped) {
    if (!area.valid()) return "none";
    const Address base = kUserFlash + (bank ^ (swapped ? 1U : 0U)) * kBank + area.offset();
    return fmt::format("0x{:08x}-0x{:08x}", base, base + area.size() - 1);
}

std::string place_text(const chip::Chip&, const flash::Judgement& now) {
    switch (now.place.region) {
        case security::Region::reserved:
            return "no flash";
        case security::Region::rss1:
        case security::Region::system1:
        case security::Region::system2:
            return fmt::format("system flash bank {}{}", now.bank + 1,
                               now.place.region == security::Region::system1 ? "" : ", memory of the RSS");
        case security::Region::user:
            return fmt::format("user flash, bank {} sector {}, offset 0x{:x}", now.bank + 1,
                               now.offset / security::kSector, now.offset);
    }
    return "";
}

std::vector<Fact> facts_behind(chip::Chip& chip, const flash::Judgement& now,
                               const std::vector<WhatIf>& what_ifs) {
    const flash::Controller& flash = chip.flash();
    const security::SecureMode& mode = chip.secure_mode();
    std::vector<Fact> facts;
    const auto add = [&](Fact fact, std::string_view key) {
        fact.decides = decides(now, what_ifs, key);
        facts.push_back(std::move(fact));
    };
    if (now.place.region == security::Region::user) {
        add(option_fact(chip, "RDP", "OPTSR_CUR"), "rdp");
        if (now.chip.rdp == security::Rdp::level1)
            add({"intrusion", mode.intrusion() ? "yes" : "no", intrusion_text(mode), "", false}, "intrusion");
        const bool swapped = flash.swapped();
        if (mode.capable()) {
            Fact security = option_fact(chip, "SECURITY", "OPTSR_CUR");
            security.meaning = mode.latched() ? "in force since the last reset" : "not in force";
            add(std::move(security), "security");
            if (!mode.latched() && flash.secure_area(now.bank).valid())
                facts.push_back({"reading secure_area_without_security",
                                 flash.readings().sealed_areas_ignored ? "ignored" : "closed",
                                 "of this chip, see D-03", "", false});
            add(area_fact("SEC", "SCAR", flash.secure_area(now.bank), flash.options()[flash::scar(now.bank)],
                          now.bank, swapped),
                "secure");
        }
        if (mode.latched())
            add({"CONFSEC", fmt::format("{}", mode.confsec()),
                 mode.user_open()     ? "secure user software runs"
                 : mode.system_open() ? "ST's code runs"
                                      : "the secure areas are closed until the next reset",
                 "SEC_CONFSEC", false},
                now.place.secure ? "who" : "");
        add(area_fact("PROT", "PRAR", flash.pcrop(now.bank), flash.options()[flash::prar(now.bank)], now.bank,
                      swapped),
            "pcrop");
        const unsigned sector = now.offset / security::kSector;
        const std::string wrp = fmt::format("nWRP{}", now.bank * 8 + sector);
        add(option_fact(chip, wrp, fmt::format("WPSN_CUR{}", (now.bank ^ (swapped ? 1U : 0U)) + 1)), "wrp");
        if (swapped) add({"SWAP_BANK", "0x1", "bank 2 answers at 0x08000000", "OPTCR", false}, "");
    }
    if (now.word == flash::WordState::ecc_double)
        facts.push_back(
            {"ECC", "double error", "the flash word was programmed twice or torn by a power cut", "", true});
    if (now.word == flash::WordState::ecc_single)
        facts.push_back({"ECC", "single error", "corrected on read, SNECCERR", "", false});
    if (now.word == flash::WordState::ecc_double || now.word == flash::WordState::ecc_single)
        facts.push_back({"first programmed by", flash::text_of(now.writer), "", "", false});
    return facts;
}

}  // namespace h7::report

// RSS services as steps: a debugger halts the CM7 and lets it branch to one, or firmware calls it. The RSS of
// a real chip serves the request behind the reset, or does not.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/report/facts.hpp"
#include "emulator/report/moves.hpp"

namespace h7::report {
namespace {

Address slot_of(rss::ServiceId service) {
    return std::ranges::find(rss::kStubTable, service, &rss::Stub::id)->slot;
}

constexpr Address kUserFlash = 0x0800'0000, kBank = 0x10'0000;

}  // namespace

/// Whether the goal may be helped by a bank that loses its PCROP area.
bool Moves::wants_pcrop_gone(unsigned bank) const {
    using enum Goal::Kind;
    switch (goal_.kind) {
        case unlocked:
        case standard_mode:
        case no_pcrop:
        case factory:
            return true;
        case options:
            return !pcrop(goal_.words, bank).valid();
        default:
            return false;
    }
}

void Moves::services(const State& state, const Requester& who, std::vector<Next>& all) {
    // In standard mode the request is dropped, and without SECURITY nobody serves it behind the reset (D-27).
    const std::uint32_t optsr = state.words[flash::kOptsr];
    if (!state.latched || (optsr & flash::optsr::kSecurity) == 0) return;
    const bool swap = (optsr & flash::optsr::kSwapBank) != 0;  // in force behind the reset
    for (unsigned bank = 0; bank < 2; ++bank) {
        if (!pcrop(state.words, bank).valid() || state.zeroed[bank].valid() || !wants_pcrop_gone(bank))
            continue;
        const unsigned set = (bank ^ (swap ? 1U : 0U)) + 1;
        call(state, who,
             {rss::ServiceId::reset_and_destroy_pcrop_area,
              set,
              {},
              fmt::format("resetAndDestroyPCROPArea({})", set),
              fmt::format("R0 = {}", set)},
             all);
    }
    if (goal_.kind != Goal::Kind::options) return;
    Call areas{rss::ServiceId::reset_and_initialize_secure_areas, 0, {}, "", ""};
    std::string records;
    for (unsigned bank = 0; bank < 2; ++bank) {
        const security::Area area = secure(goal_.words, bank);
        if (secure(state.words, bank).valid()) return;  // it sets areas once
        if (!area.valid()) continue;
        const std::uint32_t record[] = {area.size(),
                                        kUserFlash + (bank ^ (swap ? 1U : 0U)) * kBank + area.offset(),
                                        goal_.words[flash::scar(bank)] >> 31};
        for (const std::uint32_t word : record) {
            areas.records.resize(areas.records.size() + 4);
            store_le<std::uint32_t>(&areas.records[areas.records.size() - 4], word);
        }
        records += fmt::format("{}{{0x{:X}, 0x{:08X}, {}}}", records.empty() ? "" : ", ", record[0],
                               record[1], record[2]);
        ++areas.first;
    }
    if (areas.first == 0) return;
    areas.text = fmt::format("resetAndInitializeSecureAreas({}, {{{}}})", areas.first, records);
    areas.registers = fmt::format("words at 0x20000000 = {}, R0 = {}, R1 = 0x20000000", records, areas.first);
    call(state, who, areas, all);
}

void Moves::call(const State& state, const Requester& who, const Call& call, std::vector<Next>& all) {
    const bool debugger = is_debugger(who.master), seen = state.debugger_seen || debugger;
    const auto [place, is_new] =
        calls_.try_emplace({state.contents_key(), state.boot0, seen, call.text}, std::nullopt);
    if (is_new) {
        desk_.boot(contents(state), state.boot0);
        if (desk_.chip().flash().options() == state.words) {  // else this boot does something else first
            if (seen) desk_.chip().secure_mode().debugger_connected();
            if (const auto boot = desk_.call(call.service, call.first, call.records))
                place->second = observed(state, *boot, seen);
        }
        if (place->second)
            for (unsigned bank = 0; bank < 2; ++bank)
                if (pcrop(state.words, bank).valid() && !pcrop(place->second->words, bank).valid())
                    place->second->zeroed[bank] = pcrop(state.words, bank);
    }
    if (!place->second || place->second->key() == state.key()) return;
    Next next{*place->second, {}, fields_changed(state.words, place->second->words)};
    std::string& effect = next.step.effect;
    for (unsigned bank = 0; bank < 2; ++bank)
        if (next.state.zeroed[bank] != state.zeroed[bank])
            effect = fmt::format("overwrites the PCROP area with zeros: {}",
                                 area_text(next.state.zeroed[bank], bank, next.state.swapped));
    for (unsigned n = 0; n < 16; ++n)  // an overwritten sector is blank no more
        if (next.state.zeroed[n / 8].touches_sector(n % 8)) next.state.erased &= ~(1U << n);
    next.step.what = debugger ? fmt::format("halt the CM7 with the debugger and let it call {}", call.text)
                              : fmt::format("let {} call {}", who.name, call.text);
    if (debugger)
        next.step.command = fmt::format("{}, PC = word at 0x{:08X}, go; the RSS serves it behind a reset",
                                        call.registers, slot_of(call.service));
    all.push_back(std::move(next));
}

}  // namespace h7::report

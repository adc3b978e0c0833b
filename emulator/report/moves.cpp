#include "emulator/report/moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "emulator/options/option_names.hpp"

namespace h7::report {
namespace {

using flash::OptionWords;

bool security_bit(const OptionWords& words) { return (words[flash::kOptsr] & flash::optsr::kSecurity) != 0; }

FlashState flash_state(const State& s) { return {s.words, s.swapped, s.latched, s.confsec, s.intrusion()}; }

std::string command_for(const OptionWords& from, const OptionWords& to) {
    return "STM32_Programmer_CLI -c port=SWD mode=HOTPLUG -ob " + changes_text(from, to);
}

}  // namespace

security::Area Moves::pcrop(const OptionWords& words, unsigned bank) const {
    return flash::pcrop_of(words, bank, traits());
}
security::Area Moves::secure(const OptionWords& words, unsigned bank) const {
    return flash::secure_of(words, bank, traits());
}

Sectors State::overwritten() const {
    Sectors sectors = 0;
    for (unsigned n = 0; n < 16; ++n)
        if (zeroed[n / 8].touches_sector(n % 8)) sectors |= 1U << n;
    return sectors;
}

State Moves::power_on(OptionWords words, Sectors erased, bool boot0) {
    State state;
    state.words = words;
    state.erased = erased;
    state.boot0 = boot0;
    return after_boot(state, true);
}

flash::Image Moves::contents(const State& state) const {
    flash::Image image = with_erased(subject_.image, state.erased);
    for (unsigned bank = 0; bank < 2; ++bank) {
        const security::Area& area = state.zeroed[bank];
        flash::ArrayImage& array = image.user[bank];
        if (!area.valid() || array.data.size() < area.offset() + area.size()) continue;
        std::fill_n(array.data.begin() + area.offset(), area.size(), std::uint8_t{0});
        std::fill_n(array.words.begin() + area.offset() / 32, area.size() / 32, flash::WordState::programmed);
    }
    image.options = state.words;
    return image;
}

State Moves::after_boot(State state, bool power_cycle) {
    const bool seen = !power_cycle && state.debugger_seen;
    const auto [place, is_new] = boots_.try_emplace({state.contents_key(), state.boot0, power_cycle, seen});
    if (!is_new) return place->second;
    Boot boot = desk_.boot(contents(state), state.boot0);
    if (!power_cycle) boot = desk_.reset(seen);
    return place->second = observed(state, boot, seen);
}

/// What the chip on the desk has become.
State Moves::observed(State state, const Boot& boot, bool debugger_seen) {
    const auto in_user_flash = [](Address a) { return a >= 0x0800'0000U && a < 0x0820'0000U; };
    const auto in_system_flash = [](Address a) { return a >= 0x1FF0'0000U && a < 0x1FF6'0000U; };
    State after = state;
    after.words = desk_.chip().flash().options();  // the RSS may have undone a swap
    after.swapped = desk_.chip().flash().swapped();
    after.latched = boot.secure_mode;
    after.confsec = boot.confsec;
    after.elsewhere = boot.elsewhere;
    after.debugger_seen = debugger_seen;
    after.port_open = boot.ap0.open;
    const bool closed = flash::rdp_of(after.words) == security::Rdp::level1 && after.intrusion();
    if (boot.rss_keeps_cm7 || !boot.cm7.runs)
        after.cm7 = State::Cm7::held;
    else if ((boot.confsec & 2U) != 0)
        after.cm7 = boot.cm7.blank ? State::Cm7::nothing : State::Cm7::secure_user;
    else if (in_system_flash(boot.cm7.vectors))
        after.cm7 = State::Cm7::bootloader;
    else
        after.cm7 = boot.cm7.blank || closed || !in_user_flash(boot.cm7.vectors) ? State::Cm7::nothing
                                                                                 : State::Cm7::application;
    after.cm4 = boot.cm4.runs && !boot.cm4.blank && !closed && in_user_flash(boot.cm4.vectors);
    return after;
}

bool Moves::reached(const State& state) const {
    const OptionWords& words = state.words;
    const auto none = [&](auto area) { return !area(0U).valid() && !area(1U).valid(); };
    const bool no_pcrop = none([&](unsigned bank) { return pcrop(words, bank); });
    const bool no_secure = none([&](unsigned bank) { return secure(words, bank); });
    const bool no_wrp = (words[flash::kWpsn1] & words[flash::kWpsn2] & 0xFFU) == 0xFF;
    const bool standard = !security_bit(words) && !state.latched;
    switch (goal_.kind) {
        case Goal::Kind::unlocked:
            return flash::rdp_of(words) == security::Rdp::level0 && no_pcrop && no_secure && no_wrp &&
                   state.port_open;
        case Goal::Kind::standard_mode:
            return standard;
        case Goal::Kind::no_pcrop:
            return no_pcrop;
        case Goal::Kind::no_secure_area:
            return no_secure;
        case Goal::Kind::no_wrp:
            return no_wrp;
        case Goal::Kind::level_0:
            return flash::rdp_of(words) == security::Rdp::level0;
        case Goal::Kind::debug:
            return state.port_open;
        case Goal::Kind::bootloader:
            return state.cm7 == State::Cm7::bootloader;
        case Goal::Kind::no_swap:
            return !state.swapped && (words[flash::kOptsr] & flash::optsr::kSwapBank) == 0;
        case Goal::Kind::factory:
            return words == goal_.words && standard && !state.swapped &&
                   ((sectors_in_use(subject_.image) | state.overwritten()) & ~state.erased) == 0;
        case Goal::Kind::options:
            return words == goal_.words;
    }
    return false;
}

/// The state behind an option change or erase that the flash interface accepted.
std::optional<State> Moves::taken(const State& state, const Trial& trial, const Requester& who) const {
    if (!trial.accepted) return std::nullopt;
    State next = state;
    next.words = trial.words;
    next.erased |= trial.erased;
    for (unsigned bank = 0; bank < 2; ++bank) {
        security::Area& area = next.zeroed[bank];
        bool gone = area.valid();
        for (unsigned n = 0; n < 8; ++n)
            gone = gone && (!area.touches_sector(n) || (trial.erased >> (bank * 8 + n) & 1U) != 0);
        if (gone) area = {};
    }
    if (is_debugger(who.master)) next.debugger_seen = true;
    const bool closed = flash::rdp_of(next.words) == security::Rdp::level1 && next.intrusion();
    // What ran from an erased sector, or from flash that has just been closed, runs no more.
    if (trial.erased != 0 || closed) {
        if (next.cm7 == State::Cm7::application || next.cm7 == State::Cm7::secure_user)
            next.cm7 = State::Cm7::nothing;
        next.cm4 = false;
    }
    if (flash::rdp_of(next.words) == security::Rdp::level2) next.port_open = false;
    return next;
}

std::string Moves::effect_of(const Trial& trial) const {
    if (trial.erased == 0) return "";
    return "erases " + sectors_text(trial.erased, subject_.part->sectors_per_bank) +
           (trial.secured_regions_erased ? ", backup SRAM and RTC backup registers" : "");
}

void Moves::add(const State& state, const Trial& trial, const Requester& who, Step step,
                std::vector<Next>& all) {
    const std::optional<State> next = taken(state, trial, who);
    if (!next || next->key() == state.key()) return;
    step.effect = effect_of(trial);
    all.push_back({*next, std::move(step), fields_changed(state.words, trial.words)});
}

void Moves::option_changes(const State& state, const Requester& who, std::vector<Next>& all) {
    FlashState now = flash_state(state);
    now.intrusion = now.intrusion || is_debugger(who.master);
    for (const OptionWords& wanted : requests(state.words)) {
        const std::string names = changes_text(state.words, wanted);
        Step step;
        if (is_debugger(who.master)) {
            step.what = "change option bytes through the debug port: " + names;
            step.command = command_for(state.words, wanted);
        } else {
            step.what = fmt::format("let {} change option bytes: {}", who.name, names);
        }
        add(state, trial_.change(now, wanted, who), who, std::move(step), all);
    }
}

void Moves::erases(const State& state, const Requester& who, std::vector<Next>& all) {
    FlashState now = flash_state(state);
    now.intrusion = now.intrusion || is_debugger(who.master);
    for (const unsigned banks : {1U, 2U, 3U})
        for (const bool remove : {true, false}) {
            if (!remove && goal_.kind != Goal::Kind::factory) continue;
            const OptionWords removal =
                OptionTrial::removal_words(state.words, banks, subject_.part->security);
            if (remove && removal == state.words) continue;
            Step step;
            const std::string what = banks == 3 ? "mass erase" : fmt::format("erase of bank {}", banks);
            step.what = fmt::format("{}: {}{}", who.name, what, remove ? " with protection removal" : "");
            std::string registers;
            if (remove)
                for (unsigned bank = 0; bank < 2; ++bank)
                    for (const auto& [name, word] :
                         {std::pair{"PRAR", flash::prar(bank)}, std::pair{"SCAR", flash::scar(bank)},
                          std::pair{"WPSN", flash::wpsn(bank)}})
                        if (removal[word] != state.words[word])
                            registers += fmt::format("{}_PRG{} = 0x{:08X}, ", name,
                                                     (bank ^ (state.swapped ? 1U : 0U)) + 1, removal[word]);
            step.command =
                fmt::format("{}{}", registers,
                            banks == 3 ? std::string("OPTCR.MER")
                                       : fmt::format("CR{0}: BER{0} and START{0}",
                                                     ((banks - 1U) ^ (state.swapped ? 1U : 0U)) + 1));
            if (!remove && is_debugger(who.master))
                step.command = banks == 3 ? "STM32_Programmer_CLI -c port=SWD mode=HOTPLUG -e all" : "";
            add(state, trial_.erase(now, banks, remove, who), who, std::move(step), all);
        }
}

std::vector<Next> Moves::from(const State& state) {
    std::vector<Next> all;
    if (state.port_open) {
        option_changes(state, kDebugger, all);
        erases(state, kDebugger, all);
        if (state.cm7 != State::Cm7::held) services(state, kDebugger, all);
    } else if (state.cm7 == State::Cm7::bootloader) {
        bootloader(state, all);  // with an open port it can do nothing that a debugger could not
    }
    if (firmware_ && state.cm7 == State::Cm7::secure_user) {
        option_changes(state, kSecureUser, all);
        erases(state, kSecureUser, all);
        services(state, kSecureUser, all);
        State left = state;
        left.confsec = 0;
        left.cm7 = State::Cm7::application;
        left.port_open = flash::rdp_of(state.words) != security::Rdp::level2;
        all.push_back(
            {left, {"let secure user software end with exitSecureArea(vectors, 0x97A0FA17)", "", ""}});
    }
    if (firmware_ && state.cm7 == State::Cm7::application) {
        option_changes(state, kApplication, all);
        erases(state, kApplication, all);
        services(state, kApplication, all);
    }
    if (firmware_ && state.cm4 && state.cm7 != State::Cm7::application) {
        option_changes(state, kCm4, all);
        erases(state, kCm4, all);
    }
    const auto boots = [&](bool power_cycle, bool boot0, std::string what, std::string command) {
        State next = state;
        next.boot0 = boot0;
        next = after_boot(next, power_cycle);
        if (next.key() != state.key()) all.push_back({next, {std::move(what), std::move(command), ""}});
    };
    boots(false, state.boot0, "reset the chip (NRST)",
          state.port_open ? "STM32_Programmer_CLI -c port=SWD mode=HOTPLUG -hardRst" : "");
    boots(true, false, "remove power, disconnect the debugger, BOOT0 low, power on", "");
    boots(true, true, "remove power, disconnect the debugger, BOOT0 high, power on", "");
    return all;
}

}  // namespace h7::report

#include "emulator/report/moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "emulator/options/option_names.hpp"

namespace h7::report {
namespace {

using flash::OptionWords;

constexpr std::uint32_t kNoArea = 0x0000'00FF, kDme = 1U << 31, kLimits = 0x0FFF'0FFF;
constexpr std::uint32_t kRdpLevel0 = 0xAA, kRdpLevel1 = 0xBB;

std::uint32_t rdp_byte(const OptionWords& words) { return extract(words[flash::kOptsr], 15, 8); }
bool security_bit(const OptionWords& words) { return (words[flash::kOptsr] & flash::optsr::kSecurity) != 0; }

unsigned fields_changed(const OptionWords& from, const OptionWords& to) {
    return static_cast<unsigned>(std::ranges::count_if(
        options::fields(), [&](const options::Field& field) { return field.get(from) != field.get(to); }));
}

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

State Moves::power_on(OptionWords words, Sectors erased, bool boot0) {
    State state;
    state.words = words;
    state.erased = erased;
    state.boot0 = boot0;
    return after_boot(state, true);
}

State Moves::after_boot(State state, bool power_cycle) {
    const bool seen = !power_cycle && state.debugger_seen;
    const auto [place, is_new] =
        boots_.try_emplace({state.words, state.erased, state.boot0, power_cycle, seen});
    if (!is_new) return place->second;
    flash::Image image = with_erased(subject_.image, state.erased);
    image.options = state.words;
    Boot boot = desk_.boot(image, state.boot0);
    if (!power_cycle) boot = desk_.reset(seen);

    State after = state;
    after.words = desk_.chip().flash().options();  // the RSS may have undone a swap
    after.swapped = desk_.chip().flash().swapped();
    after.latched = boot.secure_mode;
    after.confsec = boot.confsec;
    after.elsewhere = boot.elsewhere;
    after.debugger_seen = seen;
    after.port_open = boot.ap0.open;
    const bool level1 = flash::rdp_of(after.words) == security::Rdp::level1;
    if (boot.rss_keeps_cm7 || !boot.cm7.runs)
        after.cm7 = State::Cm7::nothing;
    else if ((boot.confsec & 2U) != 0)
        after.cm7 = boot.cm7.blank ? State::Cm7::nothing : State::Cm7::secure_user;
    else if (boot.cm7.vectors >= 0x1FF0'0000U || boot.confsec != 0)
        after.cm7 = State::Cm7::st_code;
    else
        after.cm7 =
            boot.cm7.blank || (level1 && after.intrusion()) ? State::Cm7::nothing : State::Cm7::application;
    return place->second = after;
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
        case Goal::Kind::factory:
            return words == flash::kFactoryOptions && standard && !state.swapped &&
                   (sectors_in_use(subject_.image) & ~state.erased) == 0;
        case Goal::Kind::options:
            return words == goal_.words;
    }
    return false;
}

/// Every request worth making from here: each protection kept, taken away, or set as the goal has it, in all
/// combinations. The flash controller says which of them are legal.
std::vector<OptionWords> Moves::requests(const OptionWords& now) const {
    const bool exact = goal_.kind == Goal::Kind::factory || goal_.kind == Goal::Kind::options;
    const OptionWords& target = goal_.words;
    std::vector<OptionWords> all = {now};
    const auto either = [&](auto change) {
        const std::size_t before = all.size();
        for (std::size_t i = 0; i < before; ++i) {
            OptionWords words = all[i];
            change(words);
            if (words != all[i]) all.push_back(words);
        }
    };
    const auto rdp = [](std::uint32_t byte) {
        return
            [byte](OptionWords& words) { words[flash::kOptsr] = insert(words[flash::kOptsr], 15, 8, byte); };
    };
    bool held = security_bit(now);
    for (unsigned bank = 0; bank < 2; ++bank)
        held = held || pcrop(now, bank).valid() || secure(now, bank).valid() ||
               ((now[flash::prar(bank)] | now[flash::scar(bank)]) & kDme) != 0;
    const std::size_t before = all.size();
    for (std::size_t i = 0; i < before; ++i) {
        std::set<std::uint32_t> bytes;
        if (flash::rdp_of(now) != security::Rdp::level0) bytes.insert(kRdpLevel0);
        if (flash::rdp_of(now) == security::Rdp::level0 && held) bytes.insert(kRdpLevel1);
        if (exact) bytes.insert(rdp_byte(target));
        for (const std::uint32_t byte : bytes) {
            OptionWords words = all[i];
            rdp(byte)(words);
            if (words != all[i]) all.push_back(words);
        }
    }
    either([&](OptionWords& words) {
        if (!exact || !security_bit(target)) words[flash::kOptsr] &= ~flash::optsr::kSecurity;
    });
    // Areas. A DME bit is asked for together with what needs it: one in PRG counts (F-164, F-168, F-173).
    const bool capable = subject_.part->security;
    const auto gone = [&](std::uint32_t& word, bool dme) {
        if (security::area_of(word).valid()) word = (word & ~kLimits) | kNoArea | (dme ? kDme : 0);
    };
    const auto in_both = [&](OptionWords words, bool pcrop_too, bool secure_too, bool dmes) {
        for (unsigned bank = 0; bank < 2; ++bank) {
            if (pcrop_too) gone(words[flash::prar(bank)], true);
            if (secure_too && capable) gone(words[flash::scar(bank)], dmes);
        }
        return words;
    };
    const auto set_as_wanted = [&](OptionWords words, bool pcrop_too, bool secure_too) {
        for (unsigned bank = 0; bank < 2; ++bank) {
            if (pcrop_too) words[flash::prar(bank)] = target[flash::prar(bank)];
            if (secure_too) words[flash::scar(bank)] = target[flash::scar(bank)];
        }
        return words;
    };
    const std::size_t without_areas = all.size();
    for (std::size_t i = 0; i < without_areas; ++i) {
        const OptionWords words = all[i];
        all.push_back(in_both(words, true, false, true));
        all.push_back(in_both(words, false, true, true));
        all.push_back(in_both(words, true, true, true));
        all.push_back(in_both(words, false, true, false));  // enough for secure code
        if (exact)
            for (const auto& [pcrop_too, secure_too] : {std::pair{true, false}, {false, true}, {true, true}})
                all.push_back(set_as_wanted(words, pcrop_too, secure_too));
    }
    if (security_bit(now)) {  // clearing SECURITY wants both DME bits of a bank that holds an area
        const std::size_t with_areas = all.size();
        for (std::size_t i = 0; i < with_areas; ++i) {
            OptionWords words = all[i];
            if (security_bit(words)) continue;
            for (unsigned bank = 0; bank < 2; ++bank)
                if (pcrop(now, bank).valid() || secure(now, bank).valid())
                    for (const auto word : {flash::prar(bank), flash::scar(bank)}) words[word] |= kDme;
            all.push_back(words);
        }
    }
    if (goal_.kind == Goal::Kind::no_wrp || goal_.kind == Goal::Kind::unlocked)
        either([](OptionWords& words) { words[flash::kWpsn1] = words[flash::kWpsn2] = 0xFF; });
    if (exact)  // everything that nothing restricts, in one go
        either([&](OptionWords& words) {
            const std::uint32_t kept = 0xFF00U | flash::optsr::kSecurity;
            words[flash::kOptsr] = (words[flash::kOptsr] & kept) | (target[flash::kOptsr] & ~kept);
            for (const auto word : {flash::kWpsn1, flash::kWpsn2, flash::kBoot7, flash::kBoot4})
                words[word] = target[word];
        });
    std::set<OptionWords> seen = {now};
    std::erase_if(all, [&](const OptionWords& words) { return !seen.insert(words).second; });
    std::ranges::stable_sort(all, {}, [&](const OptionWords& words) { return fields_changed(now, words); });
    return all;
}

void Moves::add(const State& state, const Trial& trial, const Requester& who, Step step,
                std::vector<Next>& all) {
    if (!trial.accepted) return;
    State next = state;
    next.words = trial.words;
    next.erased |= trial.erased;
    if (is_debugger(who.master)) next.debugger_seen = true;
    const bool level1 = flash::rdp_of(next.words) == security::Rdp::level1;
    // What ran from an erased sector, or from flash that has just been closed, runs no more.
    if (trial.erased != 0 || (level1 && next.intrusion())) next.cm7 = State::Cm7::nothing;
    if (flash::rdp_of(next.words) == security::Rdp::level2) next.port_open = false;
    if (trial.erased != 0) {
        step.effect = "erases " + sectors_text(trial.erased, subject_.part->sectors_per_bank);
        if (trial.secured_regions_erased) step.effect += ", backup SRAM and RTC backup registers";
    }
    if (next.key() == state.key()) return;
    all.push_back({next, std::move(step), fields_changed(state.words, trial.words)});
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
    }
    if (firmware_ && state.cm7 == State::Cm7::secure_user) {
        option_changes(state, kSecureUser, all);
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

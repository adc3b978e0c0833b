// Which option changes the search tries.
#include <algorithm>
#include <set>

#include "emulator/options/option_names.hpp"
#include "emulator/report/moves.hpp"

namespace h7::report {
namespace {

using flash::OptionWords;

constexpr std::uint32_t kNoArea = 0x0000'00FF, kDme = 1U << 31, kLimits = 0x0FFF'0FFF, kBcm7 = 1U << 23;
constexpr std::uint32_t kRdpLevel0 = 0xAA, kRdpLevel1 = 0xBB;

std::uint32_t rdp_byte(const OptionWords& words) { return extract(words[flash::kOptsr], 15, 8); }
bool security_bit(const OptionWords& words) { return (words[flash::kOptsr] & flash::optsr::kSecurity) != 0; }

}  // namespace

unsigned fields_changed(const OptionWords& from, const OptionWords& to) {
    return static_cast<unsigned>(std::ranges::count_if(
        options::fields(), [&](const options::Field& field) { return field.get(from) != field.get(to); }));
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
        if (exact && security_bit(target))
            words[flash::kOptsr] |= flash::optsr::kSecurity;
        else
            words[flash::kOptsr] &= ~flash::optsr::kSecurity;
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
    if (goal_.kind == Goal::Kind::no_swap)
        either([](OptionWords& words) { words[flash::kOptsr] &= ~flash::optsr::kSwapBank; });
    if (goal_.kind == Goal::Kind::debug || goal_.kind == Goal::Kind::unlocked)  // a held CM7 opens no port
        either([](OptionWords& words) { words[flash::kOptsr] |= kBcm7; });
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

}  // namespace h7::report

#include "rss/install/destroy_pcrop.hpp"

#include <fmt/format.h>

namespace h7::rss {
namespace {

constexpr OptionWord prar_of(Bank bank) { return bank == Bank::one ? kPrar1 : kPrar2; }
constexpr OptionWord wpsn_of(Bank bank) { return bank == Bank::one ? kWpsn1 : kWpsn2; }

}  // namespace

Answer<> PcropDestroyer::destroy(std::uint32_t set) {
    if (set != 1 && set != 2) return Refusal{Detail::E_ARG, fmt::format("there is no bank {}", set)};
    const bool swapped = TRY(answer_of(driver_.swapped()));
    const Bank bank = (set == 1) != swapped ? Bank::one : Bank::two;
    const OptionWords words = TRY(answer_of(driver_.options()));
    const Area area = area_of(words[prar_of(bank)]);
    if (!area.valid()) return Refusal{Detail::E_PCROP, fmt::format("bank {} has no PCROP area", set)};
    for (unsigned n = 0; n < kBankBytes / security::kSector; ++n)
        if (area.touches_sector(n) && !test_bit(words[wpsn_of(bank)], n))
            return Refusal{Detail::E_WRP,
                           fmt::format("sector {} under the PCROP area is write protected", n)};
    if (rdp_of(words[kOptsr]) == security::Rdp::level2)
        return Refusal{Detail::E_RDP, "options are frozen at RDP level 2 (F-160)"};

    TRY(answer_of(driver_.take_over()));
    JournalRecord record{.state = JournalState::destroy_pcrop};
    record.add_word(static_cast<std::uint32_t>(bank));
    TRY(answer_of(journal_.append(record)));
    return overwrite_and_remove(bank);
}

Answer<> PcropDestroyer::resume() {
    TRY(answer_of(driver_.take_over()));
    return overwrite_and_remove(journal_.current().word(0) == 2 ? Bank::two : Bank::one);
}

Answer<> PcropDestroyer::overwrite_and_remove(Bank bank) {
    OptionWords words = TRY(answer_of(driver_.options()));
    std::uint32_t& prar = words[prar_of(bank)];
    if (const Area area = area_of(prar); area.valid()) {
        // No read-back: PCROP data reads 0 for the RSS as for everybody (F-236). EOP and no error is success.
        const Bytes zeros(area.size(), 0);
        TRY(answer_of(driver_.program(TRY(answer_of(driver_.window(bank))) + area.offset(), zeros)));
        prar = (prar & kEraseWithBank) | kNoArea;
        TRY(answer_of(driver_.change_options(words)));
    }
    return answer_of(journal_.append(JournalState::idle));
}

}  // namespace h7::rss

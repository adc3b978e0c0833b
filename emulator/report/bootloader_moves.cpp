// What the ROM bootloader does for its host (rss-sfi-bootloader.md 5): option bytes, and at RDP level 1
// nothing but Readout Unprotect (5.5). Its protocols are not modelled; what it asks of the flash interface
// is.
#include "emulator/report/moves.hpp"

namespace h7::report {
namespace {

constexpr Requester kBootloader{"bootloader", "the ROM bootloader", Master::cm7, Context::bootloader};
constexpr std::uint32_t kRdpLevel0 = 0xAA;

}  // namespace

void Moves::bootloader(const State& state, std::vector<Next>& all) {
    const FlashState now{state.words, state.swapped, state.latched, state.confsec, state.intrusion()};
    const security::Rdp level = flash::rdp_of(state.words);
    if (level == security::Rdp::level1) {
        flash::OptionWords wanted = state.words;
        wanted[flash::kOptsr] = insert(wanted[flash::kOptsr], 15, 8, kRdpLevel0);
        add(state, trial_.change(now, wanted, kBootloader), kBootloader,
            {"through the bootloader: Readout Unprotect", "STM32_Programmer_CLI -c port=USB1 -rdu", ""}, all);
    }
    if (level != security::Rdp::level0) return;
    for (const flash::OptionWords& wanted : requests(state.words)) {
        const Trial trial = trial_.change(now, wanted, kBootloader);
        std::optional<State> next = taken(state, trial, kBootloader);
        if (!next) continue;
        *next = after_boot(*next, false);  // the bootloader resets behind an option change (5.3)
        if (next->key() == state.key()) continue;
        const std::string names = changes_text(state.words, wanted);
        all.push_back({*next,
                       {"through the bootloader: change option bytes: " + names + "; it resets the chip",
                        "STM32_Programmer_CLI -c port=USB1 -ob " + names, effect_of(trial)},
                       fields_changed(state.words, next->words)});
    }
}

}  // namespace h7::report

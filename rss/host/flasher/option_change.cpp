#include "rss/host/flasher/option_change.hpp"

#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "emulator/options/option_names.hpp"

namespace h7::flasher {
namespace {

// FLASH registers, RM0399 4.9; the second register set is 0x100 higher.
constexpr Address kFlash = 0x5200'2000, kSecondSet = 0x100;
constexpr Address kOptkeyr = kFlash + 0x08, kOptcr = kFlash + 0x18, kOptsrCur = kFlash + 0x1C,
                  kOptccr = kFlash + 0x24;
constexpr std::uint32_t kOptionKeys[] = {0x0819'2A3B, 0x4C5D'6E7F};  // F-178
constexpr unsigned kOptlock = 0, kOptstart = 1, kOptBusy = 0, kOptchangeerr = 30;

// clang-format off
struct Register { Address program; int bank; };  // bank 1, 2: physical; 0: one register for the chip
constexpr Register kRegisters[flash::kOptionWords] = {
    {kFlash + 0x20, 0},
    {kFlash + 0x2C, 1}, {kFlash + 0x2C, 2},
    {kFlash + 0x34, 1}, {kFlash + 0x34, 2},
    {kFlash + 0x3C, 1}, {kFlash + 0x3C, 2},
    {kFlash + 0x44, 0}, {kFlash + 0x4C, 0},
};
// clang-format on

/// A bank swap in force exchanges the register sets (F-125).
Address program_register(flash::Controller& flash, std::size_t word) {
    const Register& reg = kRegisters[word];
    const bool second = reg.bank != 0 && (reg.bank == 2) != flash.swapped();
    return reg.program + (second ? kSecondSet : 0);
}

/// Lets the chip run until the change is over. With the default clock it is over at once. A change to RDP
/// level 2 answers too: set before a debugger's eyes it closes the port at the next power-on only (F-203).
Result<std::uint32_t> wait_until_done(DebugLink& link) {
    for (int milliseconds = 0; milliseconds < 1000; ++milliseconds) {
        const std::uint32_t status = TRY(link.read(kOptsrCur));
        if (!test_bit(status, kOptBusy)) return status;
        link.chip().run({.limit = kMillisecond, .reached = {}});
    }
    return refused("the option change does not end: OPT_BUSY stays set");
}

Error why_refused(const flash::Controller& flash) {
    const auto& refusal = flash.last_refusal();
    if (!refusal) return refused("OPTCHANGEERR: the chip refuses this option change (F-144)");
    return refused(fmt::format("OPTCHANGEERR: the chip refuses this option change because of {}: {} ({})",
                               refusal->id, refusal->why, refusal->rule));
}

/// A field that the part does not have would read back unchanged: said before anything is written.
Result<void> check_part(const chip::Part& part, const flash::OptionWords& wanted) {
    if (part.security || (wanted[flash::kOptsr] & flash::optsr::kSecurity) == 0) return {};
    return refused(fmt::format(
        "SECURITY=1: {} has no secure access mode and ignores the bit (D-02); take an STM32H755 or "
        "STM32H757 (h7rss chip new --part H755)",
        part.name));
}

}  // namespace

Result<bool> change_options(DebugLink& link, const flash::OptionWords& wanted) {
    flash::Controller& flash = link.chip().flash();
    const flash::OptionWords now = flash.options();
    TRY(link.read(kOptsrCur));  // a closed port says so before anything is written
    if (wanted == now) return false;
    TRY(check_part(link.chip().part(), wanted));

    if (test_bit(TRY(link.read(kOptcr)), kOptlock))
        for (const std::uint32_t key : kOptionKeys) TRY(link.write(kOptkeyr, key));
    TRY(link.write(kOptccr, 1U << kOptchangeerr));
    for (std::size_t word = 0; word < wanted.size(); ++word)
        if (wanted[word] != now[word]) TRY(link.write(program_register(flash, word), wanted[word]));
    TRY(link.write(kOptcr, 1U << kOptstart));
    if (test_bit(TRY(wait_until_done(link)), kOptchangeerr)) return why_refused(flash);
    for (std::size_t word = 0; word < wanted.size(); ++word)
        if (flash.options()[word] != wanted[word])
            return refused(
                fmt::format("{} reads 0x{:08X} after the change, not 0x{:08X}: {} does not let a debugger "
                            "change these bits",
                            options::name_of(static_cast<flash::OptionWord>(word)), flash.options()[word],
                            wanted[word], link.chip().part().name));
    return true;
}

}  // namespace h7::flasher

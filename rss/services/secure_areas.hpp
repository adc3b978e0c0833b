// Secure-only areas as the RSS sets and chooses them: the body of resetAndInitializeSecureAreas
// (rss-sfi-bootloader.md 2.3) and the choice of figure 16.
#pragma once

#include <optional>

#include "rss/install/flash_driver.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

/// The option words (by physical bank) after the service, from `count` records of RSS_SecureArea_t in
/// `records`. In its order of checks: E_EXISTS, E_ARG, E_SIZE, E_ALIGN, E_RANGE, E_BANK, E_RDP, E_ARG
/// (nothing but empty records).
Answer<OptionWords> plan_secure_areas(const OptionWords& now, bool swapped, std::uint32_t count,
                                      ByteView records);

struct SecureArea {
    Bank bank = Bank::one;  // physical
    Address start = 0;      // in the address map as it is now
};

/// What a boot does about secure areas.
struct AreaChoice {
    enum class Kind : std::uint8_t { none, start, undo_swap } kind = Kind::none;
    SecureArea area;
};

/// Swapping on: one area -> the swap is undone; two -> the area in the window at 0x08000000. Swapping
/// off: the one nearer to `boot_address`, a tie goes to the window at 0x08000000.
AreaChoice choose_secure_area(const OptionWords& now, bool swapped, Address boot_address);

}  // namespace h7::rss

// The option words of a chip, in the order of the SFI configuration area (rss-sfi-bootloader.md 4.8). PRAR,
// SCAR and WPSN by PHYSICAL bank, whatever SWAP_BANK says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace h7 {

enum OptionWord : std::size_t {
    kOptsr,
    kPrar1,
    kPrar2,
    kScar1,
    kScar2,
    kWpsn1,
    kWpsn2,
    kBoot7,
    kBoot4,
    kOptionWords
};
using OptionWords = std::array<std::uint32_t, kOptionWords>;

}  // namespace h7

// The nine option words of a configuration area (rss-sfi-bootloader.md 4.8) and the few fields the tools read
// in them.
#pragma once

#include <array>

#include "emulator/base/bits.hpp"
#include "emulator/base/bytes.hpp"
#include "rss/image/detail.hpp"

namespace h7::image {

/// CSV rows 1..9. A and B are register sets 1 and 2 as they are mapped during the install.
enum OptionRow : std::size_t {
    kOptsr,
    kPrarA,
    kPrarB,
    kScarA,
    kScarB,
    kWpsnA,
    kWpsnB,
    kBoot7,
    kBoot4,
    kOptionRows
};
using OptionWords = std::array<std::uint32_t, kOptionRows>;

inline constexpr std::size_t kOptionPayloadBytes = 48;  // nine words and 12 zero bytes

/// E_SIZE, or E_OB when one of the twelve padding bytes is not zero.
Parsed<OptionWords> parse_option_payload(ByteView plaintext);
std::array<std::uint8_t, kOptionPayloadBytes> serialise(const OptionWords& words);

/// Row names as ST's CSV prints them: "FOPTSR_PRG", "FPRAR_PRG_A", .. "RESERVED" (the CM4 boot word).
std::string_view option_row_name(std::size_t row);

// OPTSR fields.
constexpr std::uint32_t rdp_byte(const OptionWords& words) { return extract(words[kOptsr], 15, 8); }
constexpr bool rdp_level0(const OptionWords& words) { return rdp_byte(words) == 0xAA; }
constexpr bool rdp_level2(const OptionWords& words) { return rdp_byte(words) == 0xCC; }
constexpr bool security(const OptionWords& words) { return test_bit(words[kOptsr], 21); }
constexpr bool bcm4(const OptionWords& words) { return test_bit(words[kOptsr], 22); }
constexpr bool bcm7(const OptionWords& words) { return test_bit(words[kOptsr], 23); }
constexpr bool iwdg1_software(const OptionWords& words) { return test_bit(words[kOptsr], 4); }
constexpr bool iwdg2_software(const OptionWords& words) { return test_bit(words[kOptsr], 5); }
constexpr bool swap_bank(const OptionWords& words) { return test_bit(words[kOptsr], 31); }

// PRAR and SCAR words: an area exists when START <= END (START == END is the whole bank, F-215).
constexpr std::uint32_t area_start(std::uint32_t word) { return extract(word, 11, 0); }
constexpr std::uint32_t area_end(std::uint32_t word) { return extract(word, 27, 16); }
constexpr bool area_valid(std::uint32_t word) { return area_start(word) <= area_end(word); }

}  // namespace h7::image

// The nine option words as the RSS handles them: always by PHYSICAL bank, because a bank swap exchanges the
// register sets and an address by set number would move protections to the other bank (F-125, F-127).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "emulator/base/bits.hpp"

namespace h7::rss {

/// Rows of the SFI configuration area in their order (rss-sfi-bootloader.md 4.8).
enum OptionRow : std::size_t {
    kOptsr,
    kPrar1,
    kPrar2,
    kScar1,
    kScar2,
    kWpsn1,
    kWpsn2,
    kBoot7,
    kBoot4,
    kOptionRows
};
using OptionWords = std::array<std::uint32_t, kOptionRows>;

/// Exchanges the rows of the two banks: words by register set <-> words by physical bank while SWAP_BANK is
/// in force.
constexpr OptionWords exchange_banks(OptionWords w) {
    return {w[kOptsr], w[kPrar2], w[kPrar1], w[kScar2], w[kScar1],
            w[kWpsn2], w[kWpsn1], w[kBoot7], w[kBoot4]};
}

// OPTSR (F-149).
inline constexpr std::uint32_t kOptsrSecurity = 1U << 21;
inline constexpr std::uint32_t kOptsrBcm4 = 1U << 22;
inline constexpr std::uint32_t kOptsrBcm7 = 1U << 23;
inline constexpr std::uint32_t kOptsrSwapBank = 1U << 31;
/// Bits 30, 28:26, 16, 1 and 0 are reserved in OPTSR_PRG and must be kept (F-273).
inline constexpr std::uint32_t kOptsrReserved = (1U << 30) | (7U << 26) | (1U << 16) | 3U;

inline constexpr std::uint32_t kRdpLevel0 = 0xAA;
inline constexpr std::uint32_t kRdpLevel2 = 0xCC;
constexpr std::uint32_t rdp_byte(std::uint32_t optsr) { return extract(optsr, 15, 8); }
/// Readout protection level: 0xAA is 0, 0xCC is 2, every other byte is 1 (F-195).
constexpr unsigned rdp_level(std::uint32_t optsr) {
    return rdp_byte(optsr) == kRdpLevel0 ? 0 : rdp_byte(optsr) == kRdpLevel2 ? 2 : 1;
}
/// DTCM bytes the RSS may use: 2, 4, 8 or 16 Kbytes (F-149).
constexpr std::uint32_t st_ram_bytes(std::uint32_t optsr) { return 0x800U << extract(optsr, 20, 19); }

// PRAR and SCAR share one layout (F-274, F-275): DME bit 31, END 27:16, START 11:0, in blocks of 256 bytes.
inline constexpr std::uint32_t kBlock = 256;
inline constexpr std::uint32_t kBankBytes = 0x10'0000;
inline constexpr std::uint32_t kEraseWithBank = 1U << 31;  // DMEP, DMES
/// START > END with the erase bit set: no area, and an erase with protection removal may say so (F-087).
inline constexpr std::uint32_t kNoAreaErasable = kEraseWithBank | 0x0FF;

/// Blocks first..last of a valid area; START = END is the whole bank, START > END no area (F-214).
struct Blocks {
    std::uint32_t first = 0, last = 0;
    constexpr std::uint32_t offset() const { return first * kBlock; }
    constexpr std::uint32_t bytes() const { return (last - first + 1) * kBlock; }
    friend constexpr bool operator==(const Blocks&, const Blocks&) = default;
};
constexpr std::optional<Blocks> area_of(std::uint32_t word) {
    const std::uint32_t start = extract(word, 11, 0), end = extract(word, 27, 16);
    if (start > end) return std::nullopt;
    if (start == end) return Blocks{0, kBankBytes / kBlock - 1};
    return Blocks{start, end};
}
constexpr std::uint32_t area_word(Blocks blocks, bool erase_with_bank) {
    return (erase_with_bank ? kEraseWithBank : 0) | (blocks.last << 16) | blocks.first;
}

}  // namespace h7::rss

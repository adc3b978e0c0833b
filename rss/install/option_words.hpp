// The nine option words as the RSS handles them: always by PHYSICAL bank, because a bank swap exchanges the
// register sets and an address by set number would move protections to the other bank (F-125, F-127).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "emulator/base/bits.hpp"
#include "emulator/base/option_words.hpp"
#include "emulator/security/life_cycle.hpp"

namespace h7::rss {

using h7::OptionWord;
using h7::OptionWords;
using enum h7::OptionWord;

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

constexpr security::Rdp rdp_of(std::uint32_t optsr) { return security::decode_rdp(extract(optsr, 15, 8)); }
/// DTCM bytes the RSS may use: 2, 4, 8 or 16 Kbytes (F-149).
constexpr std::uint32_t st_ram_bytes(std::uint32_t optsr) { return 0x800U << extract(optsr, 20, 19); }

// PRAR and SCAR share one layout (F-274, F-275); what their limits mean is emulator/security/areas.hpp.
using security::Area;
using security::area_of;
using security::kBlock;
inline constexpr std::uint32_t kBankBytes = security::kBankWindow;
inline constexpr std::uint32_t kEraseWithBank = 1U << 31;  // DMEP, DMES
/// START > END: no area. The factory value (F-152, F-153).
inline constexpr std::uint32_t kNoArea = 0x0FF;

}  // namespace h7::rss

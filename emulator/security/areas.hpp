// Protected (PCROP) and secure-only area arithmetic: both kinds are limits in 256-byte blocks counted from
// the start of a physical bank (F-214..F-218). Pure.
#pragma once

#include <cstdint>

#include "emulator/base/bits.hpp"

namespace h7::security {

inline constexpr std::uint32_t kBlock = 256;               // bytes: unit of area limits
inline constexpr std::uint32_t kSector = 128 * 1024;       // bytes: unit of erase and of WRP
inline constexpr std::uint32_t kBankWindow = 1024 * 1024;  // bytes of address space for each bank

/// The bytes of one area, as blocks first..last inclusive; none when last < first.
struct Area {
    std::uint32_t first = 1;
    std::uint32_t last = 0;

    constexpr bool valid() const { return first <= last; }
    /// The byte at `offset` from the bank's start lies inside.
    constexpr bool contains(std::uint32_t offset) const {
        return offset / kBlock >= first && offset / kBlock <= last;
    }
    /// At least one byte of [offset, offset + size) lies inside (F-218).
    constexpr bool touches(std::uint32_t offset, std::uint32_t size) const {
        return valid() && offset / kBlock <= last && (offset + size - 1) / kBlock >= first;
    }
    constexpr bool touches_sector(unsigned sector) const { return touches(sector * kSector, kSector); }
    /// Every byte of `inner` lies inside; true for an empty `inner`.
    constexpr bool covers(const Area& inner) const {
        return !inner.valid() || (first <= inner.first && inner.last <= last);
    }
    constexpr std::uint32_t offset() const { return first * kBlock; }
    constexpr std::uint32_t size() const { return valid() ? (last - first + 1) * kBlock : 0; }
    friend constexpr bool operator==(const Area&, const Area&) = default;
};

/// The area that a PRAR or SCAR word defines in a bank of `bank_size` bytes: END > START from START to END,
/// END = START the whole bank, END < START none (F-214).
constexpr Area area_of(std::uint32_t limits, std::uint32_t bank_size = kBankWindow) {
    const std::uint32_t start = extract(limits, 11, 0);
    const std::uint32_t end = extract(limits, 27, 16);
    if (start == end) return {0, bank_size / kBlock - 1};
    if (end < start) return {};
    return {start, end};
}

/// DMEP or DMES: the area goes with a bank erase with protection removal, or with a regression.
constexpr bool erased_with_protections(std::uint32_t limits) { return test_bit(limits, 31); }

/// PRAR or SCAR word for `size` bytes (a multiple of 256, at least 512) at `offset` in the bank.
constexpr std::uint32_t limits_of(std::uint32_t offset, std::uint32_t size, bool erase_too) {
    return offset / kBlock | ((offset + size - 1) / kBlock) << 16 | (erase_too ? 1U << 31 : 0U);
}

}  // namespace h7::security

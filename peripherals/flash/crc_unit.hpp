// The CRC unit of the flash interface: algorithm and area selection (F-102..F-120). One for both banks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/clock.hpp"

namespace h7::flash {

/// F-104, F-103, A-16: CRC-32 (0x04C11DB7), no reflection, 0x5555'5555 XORed in after each 32-bit word.
/// `data` is a multiple of 4 bytes. The algorithm is not from the manual; it lives in this one function.
std::uint32_t crc_over(std::uint32_t state, ByteView data);

struct CrcRange {
    std::uint32_t first = 0;  // offset in the bank
    std::uint32_t size = 0;
};

/// F-106: bytes read in one burst for a CRC_BURST code.
constexpr std::uint32_t crc_burst_bytes(unsigned code) { return 128U << (2 * (code & 3U)); }

/// F-110: whole bursts from CRCSADD to CRCEADD inclusive; nothing when the end is before the start.
constexpr CrcRange crc_range(std::uint32_t start, std::uint32_t end, unsigned burst_code) {
    const std::uint32_t burst = crc_burst_bytes(burst_code);
    const std::uint32_t first = start & ~(burst - 1);
    const std::uint32_t last = end | (burst - 1);
    return end < start ? CrcRange{} : CrcRange{first, last - first + 1};
}

/// What beside CRCCR is kept. Index: register set.
struct CrcUnit {
    std::uint32_t data = 0;                  // CRCDATAR, shared (F-115)
    std::array<std::uint32_t, 2> sectors{};  // list, bit n = sector n (F-108, A-17)
    std::array<bool, 2> whole_bank{};        // ALL_BANK was written
    std::optional<unsigned> busy;            // which set computes (F-100)
    Time ends = 0;
    Clock::EventId event = 0;
};

}  // namespace h7::flash

// The mailbox in AXI SRAM through which a debugger asks the RSS for a service (rss-sfi-bootloader.md 4.7;
// ours, D-11).
#pragma once

#include <array>

#include "emulator/base/bytes.hpp"
#include "rss/image/detail.hpp"

namespace h7::image {

inline constexpr std::uint32_t kMailboxAddress = 0x2403'0000;
inline constexpr std::uint32_t kLicenseAddress = 0x2403'0800;
/// sfi_part: arguments[0] licenses for modules of version 2 (smi.hpp), in the order of these areas, 136 bytes
/// each.
inline constexpr std::uint32_t kModuleLicensesAddress = 0x2403'0900;
inline constexpr std::uint32_t kMaxModuleLicenses = 13;
inline constexpr std::uint32_t kHeaderAddress = 0x2403'1000;
static_assert(kModuleLicensesAddress + kMaxModuleLicenses * 136 <= kHeaderAddress);
inline constexpr std::uint32_t kRecordsAddress = 0x2403'1040;
inline constexpr std::uint32_t kStagingLast = 0x2407'FFFF;
inline constexpr std::uint32_t kMaxStagedRecords = kStagingLast - kRecordsAddress + 1;  // 323,520
static_assert(kMaxStagedRecords == 0x4EFC0);

inline constexpr std::size_t kMailboxBytes = 64;
inline constexpr std::size_t kMailboxCrcAt = 60;
inline constexpr std::uint32_t kMailboxRequest = 0x5153'5352;  // "RSSQ"
inline constexpr std::uint32_t kMailboxAnswer = 0x4153'5352;   // "RSSA"
inline constexpr std::uint32_t kMailboxVersion = 1;

enum class MailboxService : std::uint32_t {
    init_areas = 1,
    destroy_pcrop = 2,
    sfi_part = 3,
    smi = 4,
    get_certificate = 5,
    abort = 6,
};

struct Mailbox {
    std::uint32_t magic = kMailboxRequest;
    std::uint32_t version = kMailboxVersion;
    std::uint32_t service = 0;  // MailboxService, or a number nobody knows
    std::array<std::uint32_t, 6> arguments{};
    std::uint32_t payload_address = 0;
    std::uint32_t payload_bytes = 0;
    std::uint32_t sequence = 0;
    std::uint32_t status = 0;  // answers: 0 = success
    std::uint32_t detail = 0;  // answers: Detail
};

/// E_TRUNC, E_MAGIC (neither request nor answer), E_VERSION, E_ARG (CRC). The service number is not judged
/// here.
Parsed<Mailbox> parse_mailbox(ByteView bytes);
std::array<std::uint8_t, kMailboxBytes> serialise(const Mailbox& mailbox);

/// CRC-32 as zlib computes it (polynomial 0x04C11DB7, reflected).
std::uint32_t crc32(ByteView bytes);

}  // namespace h7::image

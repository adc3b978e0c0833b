#include "rss/image/mailbox.hpp"

#include <fmt/format.h>

namespace h7::image {
namespace {

// clang-format off
enum At : std::size_t {
    kMagicAt = 0, kVersionAt = 4, kServiceAt = 8, kArgumentsAt = 12, kPayloadAt = 36, kPayloadBytesAt = 40,
    kSequenceAt = 44, kStatusAt = 48, kDetailAt = 52,
};
// clang-format on

}  // namespace

std::uint32_t crc32(ByteView bytes) {
    std::uint32_t crc = ~0U;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) * 0xEDB8'8320U);
    }
    return ~crc;
}

Parsed<Mailbox> parse_mailbox(ByteView bytes) {
    if (bytes.size() < kMailboxBytes)
        return Fault{Detail::E_TRUNC, bytes.size(), fmt::format("a mailbox has {} bytes", kMailboxBytes)};
    const auto word = [&](std::size_t at) { return load_le32(bytes, at); };
    Mailbox mailbox;
    mailbox.magic = word(kMagicAt);
    mailbox.version = word(kVersionAt);
    if (mailbox.magic != kMailboxRequest && mailbox.magic != kMailboxAnswer)
        return Fault{Detail::E_MAGIC, kMagicAt, "no mailbox"};
    if (mailbox.version != kMailboxVersion)
        return Fault{Detail::E_VERSION, kVersionAt, fmt::format("mailbox version {}", mailbox.version)};
    if (word(kMailboxCrcAt) != crc32(bytes.first(kMailboxCrcAt)))
        return Fault{Detail::E_ARG, kMailboxCrcAt, "the mailbox's CRC is wrong"};
    mailbox.service = word(kServiceAt);
    for (std::size_t i = 0; i < mailbox.arguments.size(); ++i)
        mailbox.arguments[i] = word(kArgumentsAt + 4 * i);
    mailbox.payload_address = word(kPayloadAt);
    mailbox.payload_bytes = word(kPayloadBytesAt);
    mailbox.sequence = word(kSequenceAt);
    mailbox.status = word(kStatusAt);
    mailbox.detail = word(kDetailAt);
    return mailbox;
}

std::array<std::uint8_t, kMailboxBytes> serialise(const Mailbox& mailbox) {
    std::array<std::uint8_t, kMailboxBytes> bytes{};
    const auto put = [&](std::size_t at, std::uint32_t value) { store_le32(bytes, at, value); };
    put(kMagicAt, mailbox.magic);
    put(kVersionAt, mailbox.version);
    put(kServiceAt, mailbox.service);
    for (std::size_t i = 0; i < mailbox.arguments.size(); ++i)
        put(kArgumentsAt + 4 * i, mailbox.arguments[i]);
    put(kPayloadAt, mailbox.payload_address);
    put(kPayloadBytesAt, mailbox.payload_bytes);
    put(kSequenceAt, mailbox.sequence);
    put(kStatusAt, mailbox.status);
    put(kDetailAt, mailbox.detail);
    put(kMailboxCrcAt, crc32(ByteView(bytes).first(kMailboxCrcAt)));
    return bytes;
}

}  // namespace h7::image

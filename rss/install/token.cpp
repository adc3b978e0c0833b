#include "rss/install/token.hpp"

#include <algorithm>
#include <string_view>

#include "rss/crypto/openssl_hkdf.hpp"
#include "rss/crypto/openssl_hmac.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::rss {
namespace {

constexpr std::uint32_t kMagic = 0x5443'4653;  // "SFCT"
constexpr std::uint32_t kVersion = 1;
// clang-format off
enum At : std::size_t { kMagicAt = 0, kVersionAt = 4, kNextAt = 8, kHeaderTagAt = 12, kTranscriptAt = 28, kMacAt = 48 };
// clang-format on

// Payload of INSTALLING.
constexpr std::size_t kModules = 0, kRecordBytes = 2, kTokenAddress = 3, kTranscript = 16, kPayload = 32;

std::uint32_t limits_word(const Area& area) {
    return area.valid() ? security::limits_of(area.offset(), area.size(), true) : kNoArea;
}

}  // namespace

JournalRecord Progress::record(const FirmwareId& firmware_id) const {
    JournalRecord record{.state = JournalState::installing,
                         .next_index = static_cast<std::uint8_t>(next_index)};
    record.fw_id = firmware_id;
    record.header_tag = header_tag;
    for (const Area& area : modules) record.add_word(limits_word(area));
    record.add_word(record_bytes);
    record.add_word(token_address);
    std::ranges::copy(transcript, record.payload.begin() + kTranscript);
    record.length = kPayload;
    return record;
}

Progress Progress::of(const JournalRecord& record) {
    Progress progress;
    if (record.state != JournalState::installing || record.next_index <= 1 || record.length != kPayload)
        return progress;
    progress.next_index = record.next_index;
    progress.header_tag = record.header_tag;
    for (std::size_t bank = 0; bank < 2; ++bank)
        progress.modules[bank] = area_of(record.word(kModules + bank));
    progress.record_bytes = record.word(kRecordBytes);
    progress.token_address = record.word(kTokenAddress);
    std::copy_n(record.payload.begin() + kTranscript, progress.transcript.size(),
                progress.transcript.begin());
    return progress;
}

Transcript extend(const Transcript& before, bool begun,
                  const std::vector<std::array<std::uint8_t, 16>>& tags) {
    crypto::Sha256 hash;
    if (begun) hash.update(before);
    for (const auto& tag : tags) hash.update(tag);
    const auto digest = hash.finish();
    Transcript transcript;
    std::copy_n(digest.begin(), transcript.size(), transcript.begin());
    return transcript;
}

TokenBytes make_token(const Progress& progress, const Identity& identity) {
    TokenBytes token{};
    store_le32(token, kMagicAt, kMagic);
    store_le32(token, kVersionAt, kVersion);
    store_le32(token, kNextAt, progress.next_index);
    std::ranges::copy(progress.header_tag, token.begin() + kHeaderTagAt);
    std::ranges::copy(progress.transcript, token.begin() + kTranscriptAt);
    constexpr std::string_view kInfo = "SFI-CT-1";
    crypto::Secret<32> key;
    static_cast<void>(crypto::hkdf_sha256(identity.private_key, {},
                                          {reinterpret_cast<const std::uint8_t*>(kInfo.data()), kInfo.size()},
                                          key.bytes()));  // 32 bytes: cannot be too many
    const auto mac = crypto::hmac_sha256(key.view(), ByteView(token).first(kMacAt));
    std::copy_n(mac.begin(), kTokenBytes - kMacAt, token.begin() + kMacAt);
    return token;
}

bool token_fits(ByteView bytes, const Progress& progress, const Identity& identity) {
    return progress.begun() && crypto::equal_in_constant_time(bytes, make_token(progress, identity));
}

}  // namespace h7::rss

// The counter anchor: a small file on another medium that remembers how far the log was. An old copy of the
// HSM file, put back, is behind its anchor and does not open.
#pragma once

#include "rss/host/hsm/format.hpp"
#include "rss/host/hsm/safe_file.hpp"

namespace h7::hsm {

inline constexpr std::size_t kAnchorBytes = 96;

struct Anchor {
    HsmId id{};
    std::uint64_t sequence = 0;
    crypto::Digest head{};
};

/// 0x00 "H7HSMANC" | 0x08 id 16 | 0x18 sequence u64 | 0x20 chain 32 | 0x40 HMAC-SHA-256 of all that, under
/// HMAC-SHA-256(file key, "H7RSS-HSM-ANCHOR-1").
std::array<std::uint8_t, kAnchorBytes> serialise(const Anchor& anchor, const crypto::Secret<32>& file_key);
/// Errors (misuse): another length or magic, a MAC that this file key did not make.
Result<Anchor> parse_anchor(ByteView bytes, const crypto::Secret<32>& file_key);

/// Is the log the anchor's, at its entry or later? Error (rule violated): an older copy, or another branch.
Result<void> check_anchor(const Anchor& anchor, const HsmId& id, const Log& log);

}  // namespace h7::hsm

#include "rss/host/hsm/anchor.hpp"

#include <fmt/format.h>

#include "rss/crypto/openssl_hmac.hpp"

namespace h7::hsm {
namespace {

constexpr std::string_view kMagic = "H7HSMANC";
constexpr std::string_view kPurpose = "H7RSS-HSM-ANCHOR-1";
constexpr std::size_t kMacAt = 0x40;

crypto::Digest mac(ByteView front, const crypto::Secret<32>& file_key) {
    const Bytes purpose(kPurpose.begin(), kPurpose.end());
    crypto::Digest key = crypto::hmac_sha256(file_key.view(), purpose);
    const crypto::Digest made = crypto::hmac_sha256(key, front);
    wipe(key);
    return made;
}

}  // namespace

std::array<std::uint8_t, kAnchorBytes> serialise(const Anchor& anchor, const crypto::Secret<32>& file_key) {
    std::array<std::uint8_t, kAnchorBytes> bytes{};
    std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
    std::copy(anchor.id.begin(), anchor.id.end(), bytes.begin() + 0x08);
    store_le<std::uint64_t>(bytes.data() + 0x18, anchor.sequence);
    std::copy(anchor.head.begin(), anchor.head.end(), bytes.begin() + 0x20);
    const crypto::Digest made = mac(ByteView(bytes).first(kMacAt), file_key);
    std::copy(made.begin(), made.end(), bytes.begin() + kMacAt);
    return bytes;
}

Result<Anchor> parse_anchor(ByteView bytes, const crypto::Secret<32>& file_key) {
    if (bytes.size() != kAnchorBytes || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        return misuse("this is no counter anchor");
    if (!crypto::equal_in_constant_time(mac(bytes.first(kMacAt), file_key), bytes.subspan(kMacAt)))
        return misuse("the anchor of another HSM file, or a changed one: its MAC does not match");
    Anchor anchor;
    std::copy_n(bytes.begin() + 0x08, 16, anchor.id.begin());
    anchor.sequence = load_le<std::uint64_t>(bytes.data() + 0x18);
    std::copy_n(bytes.begin() + 0x20, 32, anchor.head.begin());
    return anchor;
}

Result<void> check_anchor(const Anchor& anchor, const HsmId& id, const Log& log) {
    if (anchor.id != id) return misuse("the anchor of another HSM file");
    const std::size_t entries = log.entries().size();
    if (anchor.sequence > entries)
        return Error{
            ExitCode::rule_violated,
            fmt::format("an older copy was put back: the anchor has seen log entry {}, the file ends "
                        "at {}",
                        anchor.sequence, entries)};
    if (anchor.sequence == 0 || log.entries()[anchor.sequence - 1].chain != anchor.head)
        return Error{ExitCode::rule_violated,
                     fmt::format("the file went another way than its anchor at log entry {}: a copy was used",
                                 anchor.sequence)};
    return {};
}

}  // namespace h7::hsm

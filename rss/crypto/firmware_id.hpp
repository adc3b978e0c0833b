// The name of a firmware, as headers and licenses carry it: the first eight bytes of the SHA-256 of the HSM's
// firmware identifier string; zeros for no name (rss-sfi-bootloader.md 4.3).
#pragma once

#include <algorithm>
#include <string_view>

#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {

using FirmwareId = std::array<std::uint8_t, 8>;

inline FirmwareId firmware_id(std::string_view name) {
    FirmwareId id{};
    if (name.empty()) return id;
    const Bytes text(name.begin(), name.end());
    const Digest digest = sha256(text);
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

}  // namespace h7::crypto

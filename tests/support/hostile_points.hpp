// What an attacker puts where a point of P-256 belongs, X||Y in 64 bytes (rss-sfi-bootloader.md 7, 18 and
// 19), and certificates that hold it under a CA's true signature: the signature alone must not be what
// refuses them.
#pragma once

#include <algorithm>

#include "emulator/base/hex.hpp"
#include "rss/host/license/authority.hpp"

namespace h7::test {

struct HostilePoint {
    std::string_view what;
    std::string_view x, y;
};

// clang-format off
inline constexpr std::string_view k0 = "0000000000000000000000000000000000000000000000000000000000000000";
inline constexpr std::string_view kP = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
inline constexpr std::string_view kOnes = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
inline constexpr std::string_view k5 = "0000000000000000000000000000000000000000000000000000000000000005";
inline constexpr std::string_view kYof5 = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
inline constexpr HostilePoint kHostilePoints[] = {
    {"infinity, written as zeros",         k0, k0},
    {"(p, p), zeros not reduced",          kP, kP},
    {"all ones",                           kOnes, kOnes},
    {"beside the curve by one",            k5, "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcd"},
    {"x not reduced: 5 + p",               "ffffffff00000001000000000000000000000001000000000000000000000004", kYof5},
    {"of the twist",                       "0000000000000000000000000000000000000000000000000000000000000002",
                                           "e1c326485e55a67e45dd8348b4c99e8ca0a77d9150889f19a2d39dbc8c3d7cfa"},
    {"of order 2 on another curve",        "0000000000000000000000000000000000000000000000000000000000000007", k0},
    {"of order 3 on another curve",        "0000000000000000000000000000000000000000000000000000000000000003",
                                           "0000000000000000000000000000000000000000000000000000000000000004"},
    {"compressed, 02 and x, then zeros",   "0200000000000000000000000000000000000000000000000000000000000000",
                                           "0500000000000000000000000000000000000000000000000000000000000000"},
    {"uncompressed with its 04, cut off",  "0400000000000000000000000000000000000000000000000000000000000000",
                                           "05459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fb"},
    {"x and y exchanged",                  kYof5, k5},
};
// clang-format on

inline Bytes bytes_of(const HostilePoint& point) {
    return *from_hex(std::string(point.x) + std::string(point.y));
}

/// 136 bytes with `point` in them, signed by `ca`.
inline Bytes certificate_with(ByteView point, const crypto::PrivateKey& ca = license::test_ca_key()) {
    image::Certificate certificate;
    std::ranges::copy(image::kProductId, certificate.product_id.begin());
    std::ranges::copy(point, certificate.public_key.begin());
    auto bytes = image::serialise(certificate);
    certificate.signature = *crypto::ecdsa_sign(ca, ByteView(bytes).first(image::kCertificateSigned));
    bytes = image::serialise(certificate);
    return {bytes.begin(), bytes.end()};
}

/// A good certificate for control, and forms of it that have another length.
inline std::vector<Bytes> certificates_of_other_lengths(const Bytes& good) {
    const auto cut = [&](std::size_t from, std::size_t count) {
        Bytes less = good;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(from),
                   less.begin() + static_cast<std::ptrdiff_t>(from + count));
        return less;
    };
    Bytes compressed = cut(40, 32);  // product id, 02 || X, signature
    compressed.insert(compressed.begin() + 8, 0x02);
    Bytes uncompressed = good;
    uncompressed.insert(uncompressed.begin() + 8, 0x04);
    Bytes longer = good;
    longer.push_back(0);
    return {{}, cut(135, 1), cut(0, 1), cut(8, 64), compressed, uncompressed, longer, Bytes(4096, 0x41)};
}

inline const std::vector<Bytes> kUidsThatAreNone = {{},           Bytes(11, 1), Bytes(13, 1),
                                                    Bytes(24, 1), Bytes(12, 0), Bytes(12, 0xFF)};

}  // namespace h7::test

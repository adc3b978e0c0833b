// The chip's certificate, 136 bytes (rss-sfi-bootloader.md 4.5): who the chip is, its public key, a CA's
// signature.
#pragma once

#include <array>

#include "emulator/base/bytes.hpp"
#include "rss/image/detail.hpp"

namespace h7::image {

inline constexpr std::size_t kCertificateBytes = 136;
inline constexpr std::size_t kCertificateSigned = 72;       // the CA signs bytes 0..71
inline constexpr std::string_view kProductId = "45002001";  // the 0x450 die: H753, H755, H757

struct Certificate {
    std::array<char, 8> product_id{};
    std::array<std::uint8_t, 64> public_key{};  // X||Y, big-endian, P-256
    std::array<std::uint8_t, 64> signature{};   // r||s, big-endian

    std::string_view product() const { return {product_id.data(), product_id.size()}; }
};

/// Length and a printable product id. The point and the signature are the license tool's to check
/// (h7_license).
Parsed<Certificate> parse_certificate(ByteView bytes);
std::array<std::uint8_t, kCertificateBytes> serialise(const Certificate& certificate);

}  // namespace h7::image

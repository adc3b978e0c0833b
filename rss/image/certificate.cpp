#include "rss/image/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::image {

Parsed<Certificate> parse_certificate(ByteView bytes) {
    if (bytes.size() != kCertificateBytes)
        return Fault{bytes.size() < kCertificateBytes ? Detail::E_TRUNC : Detail::E_SIZE,
                     std::min(bytes.size(), kCertificateBytes),
                     fmt::format("a chip certificate has {} bytes, not {}", kCertificateBytes, bytes.size())};
    Certificate certificate;
    for (std::size_t i = 0; i < certificate.product_id.size(); ++i) {
        if (bytes[i] < 0x21 || bytes[i] > 0x7E)
            return Fault{Detail::E_ARG, i, "no chip certificate: the product id is not printable"};
        certificate.product_id[i] = static_cast<char>(bytes[i]);
    }
    std::copy_n(bytes.begin() + 8, 64, certificate.public_key.begin());
    std::copy_n(bytes.begin() + 72, 64, certificate.signature.begin());
    return certificate;
}

std::array<std::uint8_t, kCertificateBytes> serialise(const Certificate& certificate) {
    std::array<std::uint8_t, kCertificateBytes> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(certificate.product_id[i]);
    std::ranges::copy(certificate.public_key, bytes.begin() + 8);
    std::ranges::copy(certificate.signature, bytes.begin() + 72);
    return bytes;
}

}  // namespace h7::image

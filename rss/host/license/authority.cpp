#include "rss/host/license/authority.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/hex.hpp"

namespace h7::license {
namespace {

/// Public on purpose (D-18); the same as in the published test vectors.
constexpr std::string_view kTestCaKey = "7575e303b183848c38750beba69427cc5ca26d14f51648c1482871e503de3e1c";

/// Raw bytes, or what their hex digits say.
Result<Bytes> raw_or_hex(ByteView file) {
    if (file.size() == 32 || file.size() == 64) {
        const bool digits = std::ranges::all_of(file, [](std::uint8_t c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        });
        if (!digits || file.size() == 32) return Bytes(file.begin(), file.end());
    }
    std::string text;
    for (const std::uint8_t c : file)
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t') text += static_cast<char>(c);
    auto bytes = from_hex(text);
    if (!bytes || (bytes->size() != 32 && bytes->size() != 64))
        return misuse(fmt::format(
            "no CA key: {} bytes; 32 (private) or 64 (public), raw or in hex, are needed", file.size()));
    return bytes;
}

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text) shown += c >= 0x20 && c < 0x7F ? c : '?';
    return shown;
}

}  // namespace

crypto::PrivateKey test_ca_key() { return crypto::PrivateKey(*from_hex(kTestCaKey)); }

crypto::PublicKey test_ca_point() { return *crypto::public_key_of(test_ca_key()); }

Result<crypto::PrivateKey> parse_ca_key(ByteView file) {
    Bytes bytes = TRY(raw_or_hex(file));
    if (bytes.size() != 32)
        return misuse("this CA file holds only the public key; the private one is needed");
    crypto::PrivateKey key{bytes};
    wipe(bytes);
    TRY(crypto::public_key_of(key));
    return key;
}

Result<crypto::PublicKey> parse_ca_point(ByteView file) {
    Bytes bytes = TRY(raw_or_hex(file));
    if (bytes.size() == 32) {
        const crypto::PrivateKey key{bytes};
        wipe(bytes);
        return crypto::public_key_of(key);
    }
    TRY(crypto::check_point(bytes));
    crypto::PublicKey point{};
    std::ranges::copy(bytes, point.begin());
    return point;
}

Result<image::Certificate> issue_certificate(const crypto::PrivateKey& ca, const crypto::PublicKey& device,
                                             std::string_view product_id) {
    image::Certificate certificate;
    if (product_id.size() != certificate.product_id.size())
        return misuse(fmt::format("a product id has 8 characters: '{}'", printable(product_id)));
    TRY(crypto::check_point(device));
    std::ranges::copy(product_id, certificate.product_id.begin());
    certificate.public_key = device;
    const auto bytes = image::serialise(certificate);
    certificate.signature = TRY(crypto::ecdsa_sign(ca, ByteView(bytes).first(image::kCertificateSigned)));
    return certificate;
}

Result<image::Certificate> check_certificate(ByteView bytes, const crypto::PublicKey& ca) {
    const auto parsed = image::parse_certificate(bytes);
    if (!parsed) return image::to_error(parsed.error(), "certificate");
    if (parsed->product() != image::kProductId)
        return misuse(fmt::format("certificate: product id '{}'; licenses are made for {} (device 0x450)",
                                  printable(parsed->product()), image::kProductId));
    if (!crypto::check_point(parsed->public_key))
        return misuse("certificate: byte 0x8: the chip's public key is no point of P-256");
    const ByteView signed_bytes = bytes.first(image::kCertificateSigned);
    if (crypto::ecdsa_verify(ca, signed_bytes, parsed->signature)) return *parsed;
    if (crypto::ecdsa_verify(test_ca_point(), signed_bytes, parsed->signature))
        return misuse("certificate: signed by the TEST CA, whose key is public; --test-ca accepts it (D-18)");
    return misuse(
        "certificate: byte 0x48: the signature is not this CA's: a changed certificate, or another CA");
}

}  // namespace h7::license

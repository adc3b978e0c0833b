// Certificate authorities: who vouches that a public key belongs to a chip (rss-sfi-bootloader.md 4.5, D-18).
#pragma once

#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/image/certificate.hpp"

namespace h7::license {

/// The built-in TEST CA. Its private key is printed in the source: its signature proves nothing.
crypto::PrivateKey test_ca_key();
crypto::PublicKey test_ca_point();

/// A CA file as the user has it: raw bytes or hex digits; 32 bytes are the private key, 64 the public point
/// X||Y. Errors (misuse): another length, a key out of range, a point off the curve.
Result<crypto::PrivateKey> parse_ca_key(ByteView file);
/// The point; a private-key file gives its own.
Result<crypto::PublicKey> parse_ca_point(ByteView file);

/// The chip's certificate, signed: product id, public key, ECDSA-P256-SHA256 over both (4.5).
Result<image::Certificate> issue_certificate(const crypto::PrivateKey& ca, const crypto::PublicKey& device,
                                             std::string_view product_id = image::kProductId);

/// Length, product id, a point on the curve, the CA's signature, in this order. Errors (misuse) name the
/// check; a certificate of the TEST CA offered to another CA is named as such.
Result<image::Certificate> check_certificate(ByteView certificate, const crypto::PublicKey& ca);

}  // namespace h7::license

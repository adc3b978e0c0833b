// ECDSA with P-256 and SHA-256, by OpenSSL. Signatures are raw r||s, 64 bytes, big-endian; s may be high or
// low.
#pragma once

#include "rss/crypto/openssl_ecdh.hpp"

namespace h7::crypto {

using Signature = std::array<std::uint8_t, 64>;

/// Signs SHA-256(message). Error: the private key is out of range.
Result<Signature> ecdsa_sign(const PrivateKey& secret, ByteView message);

/// Error, with the reason: the point is not on the curve, the signature has not 64 bytes, or it is not this
/// key's signature of this message.
Result<void> ecdsa_verify(ByteView public_point, ByteView message, ByteView signature);

}  // namespace h7::crypto

// ECDSA with P-256 and SHA-256, by OpenSSL. Signatures are raw r||s, 64 bytes, big-endian; s may be high or
// low.
#pragma once

#include <memory>

#include "rss/crypto/openssl_ecdh.hpp"

namespace h7::crypto {

using Signature = std::array<std::uint8_t, 64>;

/// Signs SHA-256(message). Error: the private key is out of range.
Result<Signature> ecdsa_sign(const PrivateKey& secret, ByteView message);

/// Checks many signatures of one key: the point is validated and imported once. Any number of threads at
/// once.
class EcdsaVerifier {
public:
    /// Error: the point is not on the curve.
    static Result<EcdsaVerifier> make(ByteView public_point);
    ~EcdsaVerifier();
    EcdsaVerifier(EcdsaVerifier&&) noexcept;
    EcdsaVerifier& operator=(EcdsaVerifier&&) noexcept;

    /// Is `signature` (64 bytes, else no) this key's over SHA-256(message)?
    bool accepts(ByteView message, ByteView signature) const;

private:
    struct Prepared;
    explicit EcdsaVerifier(std::unique_ptr<Prepared> prepared);
    std::unique_ptr<Prepared> prepared_;
};

/// Error, with the reason: the point is not on the curve, the signature has not 64 bytes, or it is not this
/// key's signature of this message.
Result<void> ecdsa_verify(ByteView public_point, ByteView message, ByteView signature);

}  // namespace h7::crypto

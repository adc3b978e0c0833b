// NIST P-256 keys and key agreement, by OpenSSL. Points are raw X||Y, 64 bytes, big-endian; a private key is
// the scalar d, 32 bytes, big-endian, 1 <= d < n.
#pragma once

#include "emulator/base/result.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::crypto {

using PublicKey = std::array<std::uint8_t, 64>;
using PrivateKey = Secret<32>;

struct KeyPair {
    PrivateKey secret;
    PublicKey point;
};

/// A fresh key pair from the operating system's randomness. Error: there is none.
Result<KeyPair> generate_key_pair();

/// d*G. Error: d is 0 or not below n.
Result<PublicKey> public_key_of(const PrivateKey& secret);

/// Error: not 64 bytes, a coordinate not below p, or the equation does not hold ((0,0) included). The
/// cofactor is 1, so this is full validation.
Result<void> check_point(ByteView point);

/// ECDH: the x-coordinate of d*Q, 32 bytes. Errors: those of check_point and public_key_of.
Result<Secret<32>> ecdh_p256(const PrivateKey& secret, ByteView peer_point);

/// One side of an agreement with a key pair that exists only for it: the point to send and the shared x.
struct FreshAgreement {
    PublicKey point;
    Secret<32> shared;
};

/// generate_key_pair and ecdh_p256 in one, without importing the fresh key into OpenSSL and out of it again;
/// the private key is never seen. Errors: those of check_point; no randomness.
Result<FreshAgreement> agree_fresh(ByteView peer_point);

}  // namespace h7::crypto

// What ST's factory does to a chip: UID, device key pair, certificate (D-18, rss-sfi-bootloader.md 4.5).
#pragma once

#include <optional>

#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_ecdh.hpp"
#include "rss/identity.hpp"

namespace h7::provisioning {

/// A new identity with a certificate signed by `ca`. UID and device key come from the operating system, or,
/// for tests, from `seed`. (The signature differs every time: ECDSA draws a nonce.)
Result<rss::Identity> draw_identity(const crypto::PrivateKey& ca, std::optional<std::uint64_t> seed);

/// The identity of the published test vectors (annex A), signed by the TEST CA: that of a chip without a
/// file, so that equal runs are equal to the last byte.
rss::Identity test_identity();

/// Does the private key belong to the certificate? Error: a chip with these could not install anything.
Result<void> check_identity(const rss::Identity& identity);

}  // namespace h7::provisioning

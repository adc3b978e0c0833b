// Makes identities: UID, device key pair, certificate (D-18, rss-sfi-bootloader.md 4.5).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_ecdh.hpp"
#include "rss/identity.hpp"

namespace h7 {

/// Who signs certificates.
struct CertificateAuthority {
    std::string name;  // for people: "the built-in TEST CA", or the file
    crypto::PrivateKey key;
};

/// The CA of the test vectors (rss-sfi-bootloader.md annex A). Its private key is printed there: it proves
/// nothing.
CertificateAuthority test_ca();

/// A CA's private key from a file: 32 bytes, or 64 hexadecimal digits. Error: anything else, or no key of
/// P-256.
Result<CertificateAuthority> load_ca(const std::filesystem::path& path);

/// A new identity signed by `ca`. UID and device key come from the operating system, or, for tests, from
/// `seed`. (The signature differs every time: ECDSA draws a nonce.)
Result<rss::Identity> draw_identity(const CertificateAuthority& ca, std::optional<std::uint64_t> seed);

/// The identity of annex A: that of a chip without a file, so that equal runs are equal to the last byte.
rss::Identity test_identity();

/// Does the private key belong to the certificate? A chip whose file says otherwise cannot install anything.
Result<void> check_identity(const rss::Identity& identity);

}  // namespace h7

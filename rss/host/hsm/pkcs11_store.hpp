// A PKCS#11 token as the key store: without it the file is noise.
//
// In the token, generated there, never to leave it (SENSITIVE, not EXTRACTABLE), found by CKA_ID = HSM id:
//   "h7rss-hsm file"      GENERIC_SECRET, 32 bytes; the file's key is HMAC-SHA-256 of the header under it
//   "h7rss-hsm firmware"  AES-256; firmware key and nonce lie in the file sealed by it (AES-GCM in the token)
// and for one license each, in the session only: an ephemeral P-256 key pair (ECDH1_DERIVE).
//
// Not in the token: the shared secret Z, KEK and firmware key of the license being made. LIC-1 needs HKDF and
// an AES-GCM whose key and plaintext are both keys, which PKCS#11 2.40 cannot do inside. They are in this
// process' memory for the time of one license.
#pragma once

#include <filesystem>

#include "rss/host/hsm/key_store.hpp"

namespace h7::hsm {

/// Where Debian puts SoftHSM2.
inline constexpr std::string_view kSoftHsm = "/usr/lib/softhsm/libsofthsm2.so";

struct Token {
    std::filesystem::path module;  // e.g. kSoftHsm
    std::string label;
};

/// Opens the token with the user's PIN. Errors (misuse): those of Pkcs11Session::open.
Result<std::shared_ptr<KeyStore>> pkcs11_store(const Token& token, const Passphrase& pin);

}  // namespace h7::hsm

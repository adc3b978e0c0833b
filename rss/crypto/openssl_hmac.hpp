// HMAC-SHA-256 (RFC 2104), by OpenSSL.
#pragma once

#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {

/// Any key length, the empty key included.
Digest hmac_sha256(ByteView key, ByteView message);

}  // namespace h7::crypto

// HKDF-SHA-256 (RFC 5869), by OpenSSL.
#pragma once

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::crypto {

/// Extract, then expand: fills `okm`. An empty salt means 32 zero bytes. Error: okm longer than 255 * 32
/// bytes.
Result<void> hkdf_sha256(ByteView input_key, ByteView salt, ByteView info, MutableBytes okm);

/// Expand only, from a pseudo-random key of at least 32 bytes.
Result<void> hkdf_expand_sha256(ByteView prk, ByteView info, MutableBytes okm);

}  // namespace h7::crypto

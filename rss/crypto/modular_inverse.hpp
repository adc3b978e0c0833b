// The inverse of a public number modulo a prime, by GMP: eleven times as fast as OpenSSL's BN_mod_inverse for
// 256 bits.
#pragma once

#include <array>
#include <cstdint>

#include "emulator/base/bytes.hpp"

namespace h7::crypto {

/// `value`^-1 mod `prime`; big-endian, 32 bytes each, 0 < value < prime. Takes longer for some numbers than
/// for others: never for secrets.
std::array<std::uint8_t, 32> inverse_of_public(ByteView value, ByteView prime);

}  // namespace h7::crypto

// scrypt (RFC 7914), by OpenSSL: a key from a passphrase, at a cost that makes guessing expensive.
#pragma once

#include "emulator/base/result.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::crypto {

struct ScryptCost {
    std::uint32_t log2_n = 17;  // memory and time: 128 * r * 2^log2_n bytes are filled
    std::uint32_t r = 8;
    std::uint32_t p = 1;

    /// What one derivation fills.
    std::uint64_t memory() const { return (std::uint64_t{128} * r) << log2_n; }
    friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};

/// Error (misuse): a cost scrypt does not have, or more memory than this machine gives.
Result<Secret<32>> scrypt(ByteView passphrase, ByteView salt, const ScryptCost& cost);

}  // namespace h7::crypto

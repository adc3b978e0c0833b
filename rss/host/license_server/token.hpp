// API tokens: 32 random bytes that are shown once; the server keeps their SHA-256 only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::license_server {

/// What the holder of a token may do.
enum class Role {
    operate,  // get licenses and images of the products named for him
    audit,    // read products, quotas, ledger and metrics
    admin,    // both
};
std::string_view name_of(Role role);
std::optional<Role> role_of(std::string_view name);

/// "h7l_" and 64 hexadecimal digits. Error: the operating system gives no randomness.
Result<std::string> fresh_token();

/// What the server's file holds of it. A token has 256 random bits, so that a plain hash is enough.
crypto::Digest hash_of(std::string_view token);

}  // namespace h7::license_server

#include "rss/crypto/openssl_hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {

Digest hmac_sha256(ByteView key, ByteView message) {
    Digest mac{};
    unsigned size = 0;
    const std::uint8_t none = 0;  // a null key means "the previous one" to OpenSSL
    openssl_must(HMAC(EVP_sha256(), key.empty() ? &none : key.data(), static_cast<int>(key.size()),
                      message.data(), message.size(), mac.data(), &size) != nullptr &&
                     size == mac.size(),
                 "HMAC-SHA-256");
    return mac;
}

}  // namespace h7::crypto

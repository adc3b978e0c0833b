#include "rss/crypto/openssl_hkdf.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {
namespace {

OSSL_PARAM octets(const char* name, ByteView bytes) {
    static std::uint8_t none = 0;  // OpenSSL wants an address even for nothing; it only reads
    // OSSL_PARAM has no const; HKDF only reads these.
    auto* data = bytes.empty() ? &none : const_cast<std::uint8_t*>(bytes.data());
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

Result<void> derive(int mode, ByteView key, const ByteView* salt, ByteView info, MutableBytes okm) {
    constexpr std::size_t kLongest = 255 * 32;
    if (okm.empty() || okm.size() > kLongest)
        return misuse(fmt::format("HKDF-SHA-256 gives 1 to {} bytes, not {}", kLongest, okm.size()));
    static const OpensslPtr<EVP_KDF, EVP_KDF_free> kdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr)};
    openssl_must(kdf != nullptr, "HKDF");
    const OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context{EVP_KDF_CTX_new(kdf.get())};
    openssl_must(context != nullptr, "HKDF");

    char digest[] = "SHA256";
    OSSL_PARAM params[6];
    std::size_t n = 0;
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    params[n++] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    params[n++] = octets(OSSL_KDF_PARAM_KEY, key);
    params[n++] = octets(OSSL_KDF_PARAM_INFO, info);
    if (salt != nullptr) params[n++] = octets(OSSL_KDF_PARAM_SALT, *salt);
    params[n] = OSSL_PARAM_construct_end();
    openssl_must(EVP_KDF_derive(context.get(), okm.data(), okm.size(), params) == 1, "HKDF");
    return {};
}

}  // namespace

Result<void> hkdf_sha256(ByteView input_key, ByteView salt, ByteView info, MutableBytes okm) {
    static constexpr std::array<std::uint8_t, 32> kZeros{};
    const ByteView effective = salt.empty() ? ByteView(kZeros) : salt;
    return derive(EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, input_key, &effective, info, okm);
}

Result<void> hkdf_expand_sha256(ByteView prk, ByteView info, MutableBytes okm) {
    if (prk.size() < 32) return misuse("HKDF-Expand needs a pseudo-random key of at least 32 bytes");
    return derive(EVP_KDF_HKDF_MODE_EXPAND_ONLY, prk, nullptr, info, okm);
}

}  // namespace h7::crypto

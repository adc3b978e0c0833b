#include "rss/crypto/openssl_scrypt.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {

Result<Secret<32>> scrypt(ByteView passphrase, ByteView salt, const ScryptCost& cost) {
    if (cost.log2_n < 1 || cost.log2_n > 30 || cost.r < 1 || cost.r > 64 || cost.p < 1 || cost.p > 64)
        return misuse(fmt::format("scrypt has no cost N=2^{}, r={}, p={}", cost.log2_n, cost.r, cost.p));
    const OpensslPtr<EVP_KDF, EVP_KDF_free> kdf{EVP_KDF_fetch(nullptr, "SCRYPT", nullptr)};
    openssl_must(kdf != nullptr, "scrypt");
    const OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context{EVP_KDF_CTX_new(kdf.get())};
    openssl_must(context != nullptr, "scrypt");

    std::uint64_t n = std::uint64_t{1} << cost.log2_n;
    std::uint32_t r = cost.r, p = cost.p;
    std::uint64_t memory = cost.memory() + (std::uint64_t{128} * r * p) + (1U << 20);
    // OSSL_PARAM has no const; scrypt only reads these. It wants an address even for nothing.
    static std::uint8_t none = 0;
    const auto octets = [](const char* name, ByteView bytes) {
        auto* data = bytes.empty() ? &none : const_cast<std::uint8_t*>(bytes.data());
        return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
    };
    OSSL_PARAM params[] = {octets(OSSL_KDF_PARAM_PASSWORD, passphrase),
                           octets(OSSL_KDF_PARAM_SALT, salt),
                           OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                           OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
                           OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
                           OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
                           OSSL_PARAM_construct_end()};
    Secret<32> key;
    if (EVP_KDF_derive(context.get(), key.bytes().data(), key.size(), params) != 1) {
        ERR_clear_error();
        return misuse(fmt::format("scrypt needs {} MiB of memory, and gets them not", cost.memory() >> 20));
    }
    return key;
}

}  // namespace h7::crypto

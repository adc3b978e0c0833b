#include "rss/crypto/openssl_ecdsa.hpp"

#include <fmt/format.h>

#include "rss/crypto/openssl_p256.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {
namespace {

using DigestContext = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using PkeyContext = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EcdsaSig = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;

/// OpenSSL signs in DER; ours is r || s.
Signature from_der(const std::uint8_t* der, std::size_t size) {
    const EcdsaSig parsed{d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size))};
    Signature raw{};
    openssl_must(parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), 32) == 32 &&
                     BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + 32, 32) == 32,
                 "ECDSA");
    return raw;
}

Bytes to_der(ByteView raw) {
    const EcdsaSig signature{ECDSA_SIG_new()};
    BIGNUM* r = BN_bin2bn(raw.data(), 32, nullptr);
    BIGNUM* s = BN_bin2bn(raw.data() + 32, 32, nullptr);
    openssl_must(signature && r && s && ECDSA_SIG_set0(signature.get(), r, s) == 1, "ECDSA");
    const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
    openssl_must(size > 0, "ECDSA");
    Bytes der(static_cast<std::size_t>(size));
    std::uint8_t* end = der.data();
    i2d_ECDSA_SIG(signature.get(), &end);
    return der;
}

}  // namespace

Result<Signature> ecdsa_sign(const PrivateKey& secret, ByteView message) {
    const Pkey key = TRY(import_secret(secret));
    const DigestContext context{EVP_MD_CTX_new()};
    std::array<std::uint8_t, 80> der{};  // at most 72 bytes for P-256
    std::size_t size = der.size();
    openssl_must(context &&
                     EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                     EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1,
                 "ECDSA");
    return from_der(der.data(), size);
}

Result<void> ecdsa_verify(ByteView public_point, ByteView message, ByteView signature) {
    if (signature.size() != 64)
        return misuse(fmt::format("a P-256 signature has 64 bytes, not {}", signature.size()));
    const Pkey key = TRY(import_point(public_point));
    const Bytes der = to_der(signature);
    const DigestContext context{EVP_MD_CTX_new()};
    openssl_must(
        context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1,
        "ECDSA");
    if (EVP_DigestVerify(context.get(), der.data(), der.size(), message.data(), message.size()) != 1) {
        ERR_clear_error();
        return misuse("the signature does not belong to this key and message");
    }
    return {};
}

struct EcdsaVerifier::Prepared {
    Pkey key;
    PkeyContext context;  // ready to verify; each check works on a copy
};

EcdsaVerifier::EcdsaVerifier(std::unique_ptr<Prepared> prepared) : prepared_(std::move(prepared)) {}
EcdsaVerifier::~EcdsaVerifier() = default;
EcdsaVerifier::EcdsaVerifier(EcdsaVerifier&&) noexcept = default;
EcdsaVerifier& EcdsaVerifier::operator=(EcdsaVerifier&&) noexcept = default;

Result<EcdsaVerifier> EcdsaVerifier::make(ByteView public_point) {
    auto prepared = std::make_unique<Prepared>();
    prepared->key = TRY(import_point(public_point));
    prepared->context.reset(EVP_PKEY_CTX_new(prepared->key.get(), nullptr));
    openssl_must(prepared->context && EVP_PKEY_verify_init(prepared->context.get()) == 1, "ECDSA");
    return EcdsaVerifier(std::move(prepared));
}

bool EcdsaVerifier::accepts(ByteView message, ByteView signature) const {
    if (signature.size() != 64) return false;
    const Digest digest = sha256(message);
    const Bytes der = to_der(signature);
    const PkeyContext context{EVP_PKEY_CTX_dup(prepared_->context.get())};
    openssl_must(context != nullptr, "ECDSA");
    if (EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1)
        return true;
    ERR_clear_error();
    return false;
}

}  // namespace h7::crypto

#include "rss/crypto/openssl_ecdsa.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/crypto/modular_inverse.hpp"
#include "rss/crypto/openssl_p256.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {
namespace {

using DigestContext = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using BnContext = OpensslPtr<BN_CTX, BN_CTX_free>;
using Point = OpensslPtr<EC_POINT, EC_POINT_free>;
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

/// The curve with the public key in the place of its base point, for which OpenSSL multiplies by a table; and
/// the order n of both, big-endian.
struct EcdsaVerifier::Prepared {
    OpensslPtr<EC_GROUP, EC_GROUP_free> times_key;
    std::array<std::uint8_t, 32> order{};
};

EcdsaVerifier::EcdsaVerifier(std::unique_ptr<Prepared> prepared) : prepared_(std::move(prepared)) {}
EcdsaVerifier::~EcdsaVerifier() = default;
EcdsaVerifier::EcdsaVerifier(EcdsaVerifier&&) noexcept = default;
EcdsaVerifier& EcdsaVerifier::operator=(EcdsaVerifier&&) noexcept = default;

Result<EcdsaVerifier> EcdsaVerifier::make(ByteView public_point) {
    TRY(check_point(public_point));
    std::array<std::uint8_t, 65> encoded{4};
    std::ranges::copy(public_point, encoded.begin() + 1);
    const Point key{EC_POINT_new(p256())};
    auto prepared = std::make_unique<Prepared>();
    prepared->times_key.reset(EC_GROUP_dup(p256()));
    EC_GROUP* const group = prepared->times_key.get();
    const BIGNUM* const n = EC_GROUP_get0_order(p256());
    openssl_must(key && group &&
                     EC_POINT_oct2point(p256(), key.get(), encoded.data(), encoded.size(), nullptr) == 1 &&
                     EC_GROUP_set_generator(group, key.get(), n, BN_value_one()) == 1 &&
                     BN_bn2binpad(n, prepared->order.data(), 32) == 32,
                 "ECDSA");
    // Deprecated since OpenSSL 3.0 without a successor. Without the table checks only take longer.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    EC_GROUP_precompute_mult(group, nullptr);
#pragma GCC diagnostic pop
    ERR_clear_error();
    return EcdsaVerifier(std::move(prepared));
}

// FIPS 186-5, 6.4.2. Everything in here is public.
bool EcdsaVerifier::accepts(ByteView message, ByteView signature) const {
    if (signature.size() != 64) return false;
    const Digest digest = sha256(message);
    const BnContext scratch{BN_CTX_new()};
    const Bignum r{BN_bin2bn(signature.data(), 32, nullptr)},
        s{BN_bin2bn(signature.data() + 32, 32, nullptr)}, e{BN_bin2bn(digest.data(), 32, nullptr)},
        u1{BN_new()}, u2{BN_new()}, x{BN_new()};
    openssl_must(scratch && r && s && e && u1 && u2 && x, "ECDSA");
    const BIGNUM* const n = EC_GROUP_get0_order(p256());
    const auto in_range = [n](const BIGNUM* value) { return !BN_is_zero(value) && BN_cmp(value, n) < 0; };
    if (!in_range(r.get()) || !in_range(s.get())) return false;
    const Point sum{EC_POINT_new(p256())}, second{EC_POINT_new(p256())};
    const EC_GROUP* const times_key = prepared_->times_key.get();
    const auto inverse_bytes = inverse_of_public(signature.last(32), prepared_->order);
    const Bignum inverse{BN_bin2bn(inverse_bytes.data(), 32, nullptr)};
    openssl_must(sum && second && inverse &&
                     BN_mod_mul(u1.get(), e.get(), inverse.get(), n, scratch.get()) == 1 &&
                     BN_mod_mul(u2.get(), r.get(), inverse.get(), n, scratch.get()) == 1 &&
                     EC_POINT_mul(p256(), sum.get(), u1.get(), nullptr, nullptr, scratch.get()) == 1 &&
                     EC_POINT_mul(times_key, second.get(), u2.get(), nullptr, nullptr, scratch.get()) == 1 &&
                     EC_POINT_add(p256(), sum.get(), sum.get(), second.get(), scratch.get()) == 1,
                 "ECDSA");
    if (EC_POINT_is_at_infinity(p256(), sum.get()) == 1) return false;
    openssl_must(EC_POINT_get_affine_coordinates(p256(), sum.get(), x.get(), nullptr, scratch.get()) == 1 &&
                     BN_nnmod(x.get(), x.get(), n, scratch.get()) == 1,
                 "ECDSA");
    return BN_cmp(x.get(), r.get()) == 0;
}

}  // namespace h7::crypto

#include "rss/crypto/openssl_ecdh.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "rss/crypto/openssl_p256.hpp"
#include "rss/crypto/openssl_random.hpp"

namespace h7::crypto {
namespace {

using Point = OpensslPtr<EC_POINT, EC_POINT_clear_free>;
using ParamBuild = OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = OpensslPtr<OSSL_PARAM, OSSL_PARAM_free>;
using PkeyContext = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using BnContext = OpensslPtr<BN_CTX, BN_CTX_free>;

/// SEC 1 uncompressed form: 04 || X || Y.
using Encoded = std::array<std::uint8_t, 65>;
Encoded encode(ByteView point) {
    Encoded encoded{4};
    std::copy(point.begin(), point.end(), encoded.begin() + 1);
    return encoded;
}

Bignum scalar_of(const PrivateKey& secret) {
    Bignum scalar{BN_secure_new()};
    openssl_must(scalar && BN_bin2bn(secret.view().data(), 32, scalar.get()) != nullptr, "a big number");
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    return scalar;
}

bool in_range(const BIGNUM* scalar) {
    return !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(p256())) < 0;
}

Pkey make_pkey(const BIGNUM* secret, const Encoded& point) {
    const ParamBuild build{OSSL_PARAM_BLD_new()};
    openssl_must(
        build && OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
            OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size()) &&
            (secret == nullptr || OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1),
        "key parameters");
    const Params params{OSSL_PARAM_BLD_to_param(build.get())};
    const PkeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    EVP_PKEY* key = nullptr;
    openssl_must(
        params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
            EVP_PKEY_fromdata(context.get(), &key, secret == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                              params.get()) == 1,
        "key import");
    return Pkey{key};
}

BnContext secret_scratch() {
    BnContext scratch{BN_CTX_secure_new()};
    openssl_must(scratch != nullptr, "big numbers");
    return scratch;
}

Encoded encoded(const EC_POINT* point, BN_CTX* scratch) {
    Encoded bytes{};
    openssl_must(EC_POINT_point2oct(p256(), point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(), bytes.size(),
                                    scratch) == bytes.size(),
                 "P-256");
    return bytes;
}

/// Checks both coordinates against p and the curve equation.
Result<Point> decoded(ByteView point, BN_CTX* scratch) {
    if (point.size() != 64) return misuse(fmt::format("a P-256 point has 64 bytes, not {}", point.size()));
    Point decoded{EC_POINT_new(p256())};
    openssl_must(decoded != nullptr, "P-256");
    const Encoded bytes = encode(point);
    if (EC_POINT_oct2point(p256(), decoded.get(), bytes.data(), bytes.size(), scratch) != 1) {
        ERR_clear_error();
        return misuse("the public key is no point of P-256");
    }
    return decoded;
}

/// d*G.
Encoded times_generator(const BIGNUM* scalar, BN_CTX* scratch) {
    const Point point{EC_POINT_new(p256())};
    openssl_must(point && EC_POINT_mul(p256(), point.get(), scalar, nullptr, nullptr, scratch) == 1, "P-256");
    return encoded(point.get(), scratch);
}

/// The x-coordinate of d*Q. Importing d and Q into EVP keys would cost more than this multiplication, and
/// validate Q again.
Secret<32> agreed(const BIGNUM* scalar, const EC_POINT* peer, BN_CTX* scratch) {
    const Point point{EC_POINT_new(p256())};
    openssl_must(point && EC_POINT_mul(p256(), point.get(), nullptr, peer, scalar, scratch) == 1, "ECDH");
    Encoded bytes = encoded(point.get(), scratch);
    const Secret<32> shared(ByteView(bytes).subspan(1, 32));
    wipe(bytes);
    return shared;
}

constexpr const char* kOutOfRange = "a P-256 private key is a number from 1 to n - 1";

Result<Encoded> encoded_public(const BIGNUM* scalar) {
    if (!in_range(scalar)) return misuse(kOutOfRange);
    return times_generator(scalar, secret_scratch().get());
}

}  // namespace

const EC_GROUP* p256() {
    static const OpensslPtr<EC_GROUP, EC_GROUP_free> group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    openssl_must(group != nullptr, "P-256");
    return group.get();
}

Result<void> check_point(ByteView point) {
    TRY(decoded(point, nullptr));
    return {};
}

Result<Pkey> import_point(ByteView point) {
    TRY(check_point(point));
    return make_pkey(nullptr, encode(point));
}

Result<Pkey> import_secret(const PrivateKey& secret) {
    const Bignum scalar = scalar_of(secret);
    const Encoded point = TRY(encoded_public(scalar.get()));
    return make_pkey(scalar.get(), point);
}

Result<PublicKey> public_key_of(const PrivateKey& secret) {
    const Bignum scalar = scalar_of(secret);
    const Encoded encoded = TRY(encoded_public(scalar.get()));
    PublicKey point{};
    std::copy(encoded.begin() + 1, encoded.end(), point.begin());
    return point;
}

Result<KeyPair> generate_key_pair() {
    for (;;) {
        KeyPair pair{};
        TRY(random_bytes(pair.secret.bytes()));
        // One draw in 2^32 is not below n.
        const auto point = public_key_of(pair.secret);
        if (!point) continue;
        pair.point = *point;
        return pair;
    }
}

Result<Secret<32>> ecdh_p256(const PrivateKey& secret, ByteView peer_point) {
    const BnContext scratch = secret_scratch();
    const Point peer = TRY(decoded(peer_point, scratch.get()));
    const Bignum scalar = scalar_of(secret);
    if (!in_range(scalar.get())) return misuse(kOutOfRange);
    return agreed(scalar.get(), peer.get(), scratch.get());
}

Result<FreshAgreement> agree_fresh(ByteView peer_point) {
    const BnContext scratch = secret_scratch();
    const Point peer = TRY(decoded(peer_point, scratch.get()));
    for (;;) {
        PrivateKey draw;
        TRY(random_bytes(draw.bytes()));
        const Bignum scalar = scalar_of(draw);
        if (!in_range(scalar.get())) continue;  // one draw in 2^32
        const Encoded own = times_generator(scalar.get(), scratch.get());
        FreshAgreement agreement{{}, agreed(scalar.get(), peer.get(), scratch.get())};
        std::copy(own.begin() + 1, own.end(), agreement.point.begin());
        return agreement;
    }
}

}  // namespace h7::crypto

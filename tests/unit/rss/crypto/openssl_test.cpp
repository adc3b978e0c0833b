// Known answers and refusals of the primitives we take from OpenSSL.
#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/crypto/openssl_hkdf.hpp"
#include "rss/crypto/openssl_hmac.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {
namespace {

Bytes text(std::string_view characters) { return {characters.begin(), characters.end()}; }
Bytes hex(std::string_view digits) { return from_hex(digits).value(); }

// FIPS 180-4, examples.
TEST(Sha256, KnownAnswers) {
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(text("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 hash;
    hash.update(text("a")).update({}).update(text("bc"));
    EXPECT_EQ(hash.finish(), sha256(text("abc")));
    EXPECT_EQ(hash.update(text("abc")).finish(), sha256(text("abc"))) << "finish starts again from nothing";
}

// RFC 4231, test case 2; the empty key from RFC 4868's definition, checked with Python's hmac.
TEST(Hmac, KnownAnswers) {
    EXPECT_EQ(to_hex(hmac_sha256(text("Jefe"), text("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 5869, test cases 1 and 3 (no salt, no info).
TEST(Hkdf, KnownAnswers) {
    Bytes okm(42);
    ASSERT_TRUE(
        hkdf_sha256(Bytes(22, 0x0B), hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), okm));
    const std::string first =
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    EXPECT_EQ(to_hex(okm), first);
    ASSERT_TRUE(hkdf_expand_sha256(hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
                                   hex("f0f1f2f3f4f5f6f7f8f9"), okm));
    EXPECT_EQ(to_hex(okm), first);
    ASSERT_TRUE(hkdf_sha256(Bytes(22, 0x0B), {}, {}, okm));
    EXPECT_EQ(to_hex(okm),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    Bytes too_long(255 * 32 + 1);
    EXPECT_FALSE(hkdf_sha256(Bytes(22), {}, {}, too_long));
    EXPECT_FALSE(hkdf_expand_sha256(Bytes(31), {}, okm));
}

TEST(P256, TwoEndsAgree) {
    const auto a = generate_key_pair(), b = generate_key_pair();
    ASSERT_TRUE(a && b);
    const auto ab = ecdh_p256(a->secret, b->point), ba = ecdh_p256(b->secret, a->point);
    ASSERT_TRUE(ab && ba);
    EXPECT_EQ(to_hex(ab->view()), to_hex(ba->view()));
    EXPECT_TRUE(check_point(a->point));
}

TEST(P256, PrivateKeysOutOfRangeAreRefused) {
    EXPECT_FALSE(public_key_of(PrivateKey()));
    const Bytes order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    EXPECT_FALSE(public_key_of(PrivateKey(order)));
    Bytes below = order;
    below.back() -= 1;
    EXPECT_TRUE(public_key_of(PrivateKey(below)));
    EXPECT_FALSE(ecdsa_sign(PrivateKey(order), {}));
}

TEST(P256, PointsOffTheCurveAreRefused) {
    const auto pair = generate_key_pair();
    ASSERT_TRUE(pair);
    for (std::size_t bit = 0; bit < 512; ++bit) {
        PublicKey point = pair->point;
        point[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        ASSERT_FALSE(check_point(point)) << bit;
        ASSERT_FALSE(ecdh_p256(pair->secret, point)) << bit;
    }
    EXPECT_FALSE(check_point(Bytes(64)));
    EXPECT_FALSE(check_point(Bytes(63)));
    EXPECT_FALSE(check_point(Bytes(64, 5)));
}

TEST(Ecdsa, SignsAndNoticesEveryFlippedBit) {
    const auto pair = generate_key_pair();
    ASSERT_TRUE(pair);
    const Bytes message = text("the certificate's first 72 bytes");
    const auto signature = ecdsa_sign(pair->secret, message);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(ecdsa_verify(pair->point, message, *signature));
    for (std::size_t bit = 0; bit < 512; bit += 7) {
        Signature changed = *signature;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        ASSERT_FALSE(ecdsa_verify(pair->point, message, changed)) << bit;
    }
    EXPECT_FALSE(ecdsa_verify(pair->point, text("another"), *signature));
    EXPECT_FALSE(ecdsa_verify(pair->point, message, Bytes(64)));
    EXPECT_FALSE(ecdsa_verify(pair->point, message, Bytes(64, 0xFF)));
    EXPECT_FALSE(ecdsa_verify(pair->point, message, Bytes(63)));
}

/// Key, message and signature that OpenSSL's own check and ours must judge alike.
void expect_alike(const EcdsaVerifier& verifier, ByteView key, ByteView message, ByteView signature) {
    EXPECT_EQ(verifier.accepts(message, signature), ecdsa_verify(key, message, signature).has_value())
        << to_hex(signature);
}

// Keys 1, n - 1 and 2 too: there u1 G and u2 Q may be equal or opposite.
TEST(Ecdsa, TheVerifierOfOneKeyJudgesAsOpenSslDoes) {
    const Bytes order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    Bytes one(32), two(32), last = order;
    one.back() = 1;
    two.back() = 2;
    last.back() -= 1;
    const Bytes message = text("the certificate's first 72 bytes");
    for (const PrivateKey& secret :
         {PrivateKey(one), PrivateKey(two), PrivateKey(last), generate_key_pair()->secret}) {
        const PublicKey point = *public_key_of(secret);
        const auto verifier = EcdsaVerifier::make(point);
        ASSERT_TRUE(verifier);
        for (int n = 0; n < 20; ++n) {
            const Signature good = *ecdsa_sign(secret, message);
            ASSERT_TRUE(verifier->accepts(message, good));
            EXPECT_FALSE(verifier->accepts(text("another"), good));
            EXPECT_FALSE(verifier->accepts(message, ByteView(good).first(63)));
            for (std::size_t bit = 0; bit < 512; bit += 37) {
                Signature changed = good;
                changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
                EXPECT_FALSE(verifier->accepts(message, changed)) << bit;
            }
        }
        // r and s at the ends of their range; with r = x(G) and e = 0 the sum may be no point at all.
        const PublicKey base = *public_key_of(PrivateKey(one));
        for (const Bytes& r :
             {Bytes(32), one, last, order, Bytes(32, 0xFF), Bytes(base.begin(), base.begin() + 32)})
            for (const Bytes& s : {Bytes(32), one, last, order, Bytes(32, 0xFF)}) {
                Bytes signature = r;
                signature.insert(signature.end(), s.begin(), s.end());
                expect_alike(*verifier, point, message, signature);
            }
        // The sum is nothing: u1 + u2 d = 0 with s = 1, u1 = e, u2 = r, so that r = -e / d. For d = n - 1: r
        // = e.
        Bytes nothing(64);
        std::ranges::copy(sha256(message), nothing.begin());
        nothing.back() = 1;
        expect_alike(*verifier, point, message, nothing);
    }
    EXPECT_FALSE(EcdsaVerifier::make(Bytes(64)));
}

TEST(Random, Differs) {
    Bytes a(32), b(32);
    ASSERT_TRUE(random_bytes(a));
    ASSERT_TRUE(random_bytes(b));
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace h7::crypto

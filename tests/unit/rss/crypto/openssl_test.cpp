// Known answers and refusals of the primitives we take from OpenSSL.
#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/crypto/openssl_hkdf.hpp"
#include "rss/crypto/openssl_hmac.hpp"
#include "rss/crypto/openssl_random.hpp"

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

TEST(Random, Differs) {
    Bytes a(32), b(32);
    ASSERT_TRUE(random_bytes(a));
    ASSERT_TRUE(random_bytes(b));
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace h7::crypto

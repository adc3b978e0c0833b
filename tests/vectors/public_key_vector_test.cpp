// Wycheproof for what we take from OpenSSL: our raw encodings and our checks stand in between.
#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/crypto/openssl_hkdf.hpp"
#include "tests/vectors/vector_files.hpp"

namespace h7::crypto {
namespace {

TEST(Wycheproof, Hkdf) {
    const auto path = vectors::wycheproof("hkdf_sha256_test.json");
    H7_NEEDS(path);
    unsigned ran = 0;
    vectors::for_each_wycheproof(path, [&](const auto&, const auto& test) {
        SCOPED_TRACE(test["tcId"].template get<int>());
        Bytes okm(test["size"].template get<std::size_t>());
        const auto made = hkdf_sha256(vectors::bytes(test["ikm"]), vectors::bytes(test["salt"]),
                                      vectors::bytes(test["info"]), okm);
        EXPECT_EQ(made.has_value(), test["result"] == "valid");
        if (made) {
            EXPECT_EQ(okm, vectors::bytes(test["okm"]));
        }
        ++ran;
    });
    EXPECT_GT(ran, 80U);
}

/// A 32-byte scalar from a Java-style integer: leading zeros dropped or added.
std::optional<PrivateKey> scalar(Bytes integer) {
    while (integer.size() > 32 && integer.front() == 0) integer.erase(integer.begin());
    if (integer.size() > 32) return std::nullopt;
    integer.insert(integer.begin(), 32 - integer.size(), 0);
    return PrivateKey(integer);
}

TEST(Wycheproof, Ecdh) {
    const auto path = vectors::wycheproof("ecdh_secp256r1_ecpoint_test.json");
    H7_NEEDS(path);
    unsigned ran = 0, refused = 0;
    vectors::for_each_wycheproof(path, [&](const auto&, const auto& test) {
        SCOPED_TRACE(test["tcId"].template get<int>());
        const Bytes point = vectors::bytes(test["public"]);
        if (point.size() != 65 || point[0] != 4) return;  // ours is always uncompressed, without the 04
        const auto secret = scalar(vectors::bytes(test["private"]));
        ASSERT_TRUE(secret);
        const auto shared = ecdh_p256(*secret, ByteView(point).subspan(1));
        EXPECT_EQ(shared.has_value(), test["result"] != "invalid");
        if (shared) {
            EXPECT_EQ(to_hex(shared->view()), test["shared"]);
        }
        ++(shared ? ran : refused);
    });
    EXPECT_GT(ran, 200U);
    EXPECT_GT(refused, 3U);
}

/// r || s from strict DER; nothing when the encoding is not strict or a number does not fit (raw has no such
/// cases).
std::optional<Bytes> raw_signature(ByteView der) {
    Bytes raw;
    std::size_t at = 2;
    if (der.size() < 8 || der[0] != 0x30 || der[1] != der.size() - 2) return std::nullopt;
    for (int part = 0; part < 2; ++part) {
        if (der.size() - at < 2 || der[at] != 2) return std::nullopt;
        std::size_t size = der[at + 1];
        at += 2;
        if (size == 0 || size > der.size() - at || (der[at] & 0x80) != 0) return std::nullopt;
        if (size > 1 && der[at] == 0) {
            if ((der[at + 1] & 0x80) == 0) return std::nullopt;
            ++at;
            --size;
        }
        if (size > 32) return std::nullopt;
        raw.insert(raw.end(), 32 - size, 0);
        raw.insert(raw.end(), der.begin() + static_cast<std::ptrdiff_t>(at),
                   der.begin() + static_cast<std::ptrdiff_t>(at + size));
        at += size;
    }
    if (at != der.size()) return std::nullopt;
    return raw;
}

TEST(Wycheproof, Ecdsa) {
    const auto path = vectors::wycheproof("ecdsa_secp256r1_sha256_test.json");
    H7_NEEDS(path);
    unsigned good = 0, bad = 0;
    vectors::for_each_wycheproof(path, [&](const auto& group, const auto& test) {
        SCOPED_TRACE(test["tcId"].template get<int>());
        const auto signature = raw_signature(vectors::bytes(test["sig"]));
        if (!signature) {
            EXPECT_EQ(test["result"], "invalid");
            return;
        }
        const Bytes point = vectors::bytes(group["publicKey"]["uncompressed"]);
        const bool verified =
            ecdsa_verify(ByteView(point).subspan(1), vectors::bytes(test["msg"]), *signature).has_value();
        EXPECT_EQ(verified, test["result"] == "valid");
        const auto verifier = EcdsaVerifier::make(ByteView(point).subspan(1));
        EXPECT_EQ(verifier && verifier->accepts(vectors::bytes(test["msg"]), *signature), verified);
        ++(verified ? good : bad);
    });
    EXPECT_GT(good, 100U);
    EXPECT_GT(bad, 50U);
}

}  // namespace
}  // namespace h7::crypto

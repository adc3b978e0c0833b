#include "rss/crypto/modular_inverse.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <random>

#include "emulator/base/hex.hpp"

namespace h7::crypto {
namespace {

/// FIPS 186-5: the order of P-256.
const Bytes kOrder = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

Bytes by_openssl(ByteView value) {
    BN_CTX* scratch = BN_CTX_new();
    BIGNUM* of = BN_bin2bn(value.data(), 32, nullptr);
    BIGNUM* prime = BN_bin2bn(kOrder.data(), 32, nullptr);
    BIGNUM* inverse = BN_mod_inverse(nullptr, of, prime, scratch);
    Bytes bytes(32);
    BN_bn2binpad(inverse, bytes.data(), 32);
    BN_free(inverse);
    BN_free(prime);
    BN_free(of);
    BN_CTX_free(scratch);
    return bytes;
}

void expect_alike(ByteView value) {
    const auto ours = inverse_of_public(value, kOrder);
    EXPECT_EQ(Bytes(ours.begin(), ours.end()), by_openssl(value)) << to_hex(value);
}

TEST(ModularInverse, AgreesWithOpenssl) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 1000; ++i) {
        Bytes value(32);
        for (std::uint8_t& byte : value) byte = static_cast<std::uint8_t>(random());
        value[0] &= 0x7F;                                            // below the order
        std::fill_n(value.begin(), random() % 32, std::uint8_t{0});  // short ones too
        value[31] |= 1;                                              // not zero
        expect_alike(value);
    }
}

TEST(ModularInverse, OfTheFirstAndTheLastNumber) {
    Bytes one(32);
    one[31] = 1;
    expect_alike(one);
    Bytes last = kOrder;
    --last[31];
    expect_alike(last);
}

}  // namespace
}  // namespace h7::crypto

// scrypt, RFC 7914 section 12.
#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_scrypt.hpp"

namespace h7::crypto {
namespace {

Bytes text(std::string_view words) { return {words.begin(), words.end()}; }

TEST(Scrypt, VectorsOfTheRfc) {  // the first 32 of their 64 bytes: PBKDF2 makes them block by block
    EXPECT_EQ(to_hex(scrypt({}, {}, {4, 1, 1})->view()),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442");
    EXPECT_EQ(to_hex(scrypt(text("password"), text("NaCl"), {10, 8, 16})->view()),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
    EXPECT_EQ(to_hex(scrypt(text("pleaseletmein"), text("SodiumChloride"), {14, 8, 1})->view()),
              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(Scrypt, CostsThatDoNotExist) {
    EXPECT_FALSE(scrypt(text("x"), text("y"), {0, 8, 1}));
    EXPECT_FALSE(scrypt(text("x"), text("y"), {40, 8, 1}));
    EXPECT_FALSE(scrypt(text("x"), text("y"), {10, 0, 1}));
    EXPECT_FALSE(scrypt(text("x"), text("y"), {10, 8, 0}));
}

}  // namespace
}  // namespace h7::crypto

#include "emulator/chip_file/identity.hpp"

#include <gmock/gmock.h>

#include "contents.hpp"
#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_ecdsa.hpp"

namespace h7 {
namespace {

using testing::HasSubstr;

bool signed_by(const rss::Identity& identity, const CertificateAuthority& ca) {
    const ByteView certificate = identity.certificate;
    return static_cast<bool>(
        crypto::ecdsa_verify(*crypto::public_key_of(ca.key), certificate.first(72), certificate.subspan(72)));
}

class Identities : public test::InDirectory {};

TEST_F(Identities, ANewOneHasItsOwnKeyUnderTheCasSignature) {  // D-18
    const auto a = draw_identity(test_ca(), {}), b = draw_identity(test_ca(), {});
    ASSERT_TRUE(a) << a.error().message;
    EXPECT_TRUE(check_identity(*a));
    EXPECT_TRUE(signed_by(*a, test_ca()));
    EXPECT_EQ(std::string(a->certificate.begin(), a->certificate.begin() + 8), "45002001");
    EXPECT_NE(a->uid, b->uid);
    EXPECT_NE(a->private_key, b->private_key);
}

TEST_F(Identities, ASeedGivesTheSameUidAndKeyAgain) {  // D-18
    const auto a = draw_identity(test_ca(), 5), b = draw_identity(test_ca(), 5),
               c = draw_identity(test_ca(), 6);
    EXPECT_EQ(a->uid, b->uid);
    EXPECT_EQ(a->private_key, b->private_key);
    EXPECT_NE(a->uid, c->uid);
    EXPECT_NE(a->private_key, c->private_key);
}

TEST_F(Identities, TheTestIdentityIsWholeAndSignedByTheTestCa) {  // rss-sfi-bootloader.md annex A
    EXPECT_TRUE(check_identity(test_identity()));
    EXPECT_TRUE(signed_by(test_identity(), test_ca()));
}

TEST_F(Identities, AMixedUpKeyIsNoticed) {
    rss::Identity identity = test_identity();
    identity.private_key[31] ^= 1;
    EXPECT_FALSE(check_identity(identity));
    identity.private_key.fill(0);
    EXPECT_FALSE(check_identity(identity));
}

TEST_F(Identities, ACaIsLoadedFromBytesOrHexAndNothingElse) {
    const CertificateAuthority mine{"", crypto::PrivateKey(ByteView(test_identity().private_key))};
    ASSERT_TRUE(write_file(file("ca.bin"), mine.key.view(), Mode::secret));
    const std::string hex = to_hex(mine.key.view()) + "\n";
    ASSERT_TRUE(write_file(file("ca.hex"), Bytes(hex.begin(), hex.end()), Mode::secret));
    for (const char* name : {"ca.bin", "ca.hex"}) {
        const auto ca = load_ca(file(name));
        ASSERT_TRUE(ca) << ca.error().message;
        EXPECT_TRUE(signed_by(*draw_identity(*ca, 1), mine));
    }
    EXPECT_FALSE(signed_by(*draw_identity(*load_ca(file("ca.bin")), 1), test_ca()));
    ASSERT_TRUE(write_file(file("short"), Bytes(31, 1)));
    EXPECT_THAT(load_ca(file("short")).error().message, HasSubstr("short: not a CA key"));
    ASSERT_TRUE(write_file(file("zero"), Bytes(32, 0)));
    EXPECT_THAT(load_ca(file("zero")).error().message, HasSubstr("zero: not a CA key"));
    EXPECT_THAT(load_ca(file("none")).error().message, HasSubstr("none: cannot open"));
}

}  // namespace
}  // namespace h7

#include "rss/host/provisioning/identity.hpp"

#include <gtest/gtest.h>

#include "rss/host/license/authority.hpp"

namespace h7::provisioning {
namespace {

const crypto::PrivateKey kCa = license::test_ca_key();

bool signed_by_test_ca(const rss::Identity& identity) {
    return static_cast<bool>(license::check_certificate(identity.certificate, license::test_ca_point()));
}

TEST(Identity, ANewOneHasItsOwnKeyUnderTheCasSignature) {  // D-18
    const auto a = draw_identity(kCa, {}), b = draw_identity(kCa, {});
    ASSERT_TRUE(a) << a.error().message;
    EXPECT_TRUE(check_identity(*a));
    EXPECT_TRUE(signed_by_test_ca(*a));
    EXPECT_NE(a->uid, b->uid);
    EXPECT_NE(a->private_key, b->private_key);
    const crypto::PrivateKey another{ByteView(b->private_key)};
    EXPECT_FALSE(signed_by_test_ca(*draw_identity(another, 1)));
}

TEST(Identity, ASeedGivesTheSameUidAndKeyAgain) {  // D-18
    const auto a = draw_identity(kCa, 5), b = draw_identity(kCa, 5), c = draw_identity(kCa, 6);
    EXPECT_EQ(a->uid, b->uid);
    EXPECT_EQ(a->private_key, b->private_key);
    EXPECT_NE(a->uid, c->uid);
    EXPECT_NE(a->private_key, c->private_key);
}

TEST(Identity, TheTestIdentityIsWholeAndSignedByTheTestCa) {  // rss-sfi-bootloader.md annex A
    EXPECT_TRUE(check_identity(test_identity()));
    EXPECT_TRUE(signed_by_test_ca(test_identity()));
}

TEST(Identity, AMixedUpKeyIsNoticed) {
    rss::Identity identity = test_identity();
    identity.private_key[31] ^= 1;
    EXPECT_FALSE(check_identity(identity));
    identity.private_key.fill(0);
    EXPECT_FALSE(check_identity(identity));
}

}  // namespace
}  // namespace h7::provisioning

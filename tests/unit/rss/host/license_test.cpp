// Certificates and licenses, from the issuer's side (rss-sfi-bootloader.md 4.5, 4.6; D-18).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rss/host/license/issue.hpp"
#include "tests/support/annex_a.hpp"

namespace h7::license {
namespace {

using testing::HasSubstr;

struct AnnexARequest {
    Bytes certificate = annex_a::certificate(), uid = annex_a::uid();
    Request request() const {
        Request made;
        made.certificate = certificate;
        made.uid = uid;
        made.ca = test_ca_point();
        made.firmware = {crypto::Secret<16>(annex_a::key()), crypto::Secret<12>(annex_a::nonce())};
        made.ephemeral = crypto::PrivateKey(annex_a::ephemeral_secret());
        return made;
    }
};

std::string error_of(const Request& request) {
    const auto license = issue(request);
    return license ? "" : license.error().message;
}

TEST(AnnexA, LicenseByteForByte) {
    const AnnexARequest annex;
    const auto license = issue(annex.request());
    ASSERT_TRUE(license) << license.error().message;
    EXPECT_EQ(to_hex(*license), to_hex(annex_a::license()));
}

TEST(Issue, ANewLicenseHasItsOwnEphemeralKeyAndOpensOnTheChip) {
    const AnnexARequest annex;
    Request request = annex.request();
    request.ephemeral.reset();
    const auto first = issue(request), second = issue(request);
    ASSERT_TRUE(first && second);
    EXPECT_NE(to_hex(*first), to_hex(*second));
    const auto firmware = crypto::unwrap_license(crypto::PrivateKey(annex_a::device_secret()),
                                                 annex.certificate, annex.uid, ByteView(*first).first(88),
                                                 ByteView(*first).subspan(88, 32), ByteView(*first).last(16));
    ASSERT_TRUE(firmware);
    EXPECT_EQ(to_hex(firmware->key.view()), to_hex(annex_a::key()));
}

TEST(Issue, ChecksTheCertificateFirst) {
    AnnexARequest annex;
    annex.certificate.resize(135);
    EXPECT_THAT(error_of(annex.request()), HasSubstr("136 bytes, not 135"));
    annex = {};
    annex.certificate[0] = '9';
    EXPECT_THAT(error_of(annex.request()), HasSubstr("product id '95002001'"));
    annex = {};
    annex.certificate[8] ^= 1;
    EXPECT_THAT(error_of(annex.request()), HasSubstr("no point"));
    annex = {};
    annex.certificate[135] ^= 1;
    EXPECT_THAT(error_of(annex.request()), HasSubstr("signature"));
}

TEST(Issue, TheTestCaIsNamedWhenAnotherIsExpected) {  // D-18
    const AnnexARequest annex;
    Request request = annex.request();
    request.ca = crypto::generate_key_pair()->point;
    EXPECT_THAT(error_of(request), HasSubstr("--test-ca"));
}

TEST(Issue, ChecksUidAndSession) {
    AnnexARequest annex;
    annex.uid = Bytes(12);
    EXPECT_THAT(error_of(annex.request()), HasSubstr("blank"));
    annex.uid = Bytes(11, 1);
    EXPECT_THAT(error_of(annex.request()), HasSubstr("12 bytes"));
    annex = {};
    Request request = annex.request();
    request.session = 5;
    EXPECT_THAT(error_of(request), HasSubstr("static"));
    request.type = image::LicenseType::sfi_live;
    EXPECT_EQ(error_of(request), "");
    request.session = 0;
    EXPECT_THAT(error_of(request), HasSubstr("session"));
    EXPECT_TRUE(parse_uid("230023001051373339393936"));
    EXPECT_FALSE(parse_uid("2300230010513733393939"));
    EXPECT_FALSE(parse_uid("zz0023001051373339393936"));
}

TEST(Authority, SignsAndChecksItsOwnCertificates) {
    const auto ca = crypto::generate_key_pair(), chip = crypto::generate_key_pair();
    ASSERT_TRUE(ca && chip);
    const auto certificate = issue_certificate(ca->secret, chip->point);
    ASSERT_TRUE(certificate);
    EXPECT_TRUE(check_certificate(image::serialise(*certificate), ca->point));
    EXPECT_FALSE(check_certificate(image::serialise(*certificate), test_ca_point()));
    EXPECT_FALSE(issue_certificate(ca->secret, crypto::PublicKey{}));
}

TEST(Authority, CaFilesAreRawOrHexPrivateOrPublic) {
    const Bytes secret = annex_a::ca_secret();
    const std::string digits = to_hex(secret) + "\n";
    const auto point = test_ca_point();
    EXPECT_EQ(*parse_ca_point(secret), point);
    EXPECT_EQ(*parse_ca_point(Bytes(digits.begin(), digits.end())), point);
    EXPECT_EQ(*parse_ca_point(Bytes(point.begin(), point.end())), point);
    EXPECT_TRUE(parse_ca_key(secret));
    EXPECT_FALSE(parse_ca_key(Bytes(point.begin(), point.end()))) << "the public half cannot sign";
    EXPECT_FALSE(parse_ca_point(Bytes(64, 1))) << "not on the curve";
    EXPECT_FALSE(parse_ca_key(Bytes(32))) << "zero";
    EXPECT_FALSE(parse_ca_key(Bytes(31, 1)));
    EXPECT_FALSE(parse_ca_key({}));
}

}  // namespace
}  // namespace h7::license

// LIC-1 byte for byte, and what a chip refuses (rss-sfi-bootloader.md 4.5, 4.6, Annex A).
#include "tests/support/annex_a.hpp"

#include <gtest/gtest.h>

#include "rss/crypto/license_key.hpp"
#include "rss/crypto/openssl_ecdsa.hpp"

namespace h7::crypto {
namespace {

PrivateKey device() { return PrivateKey(annex_a::device_secret()); }

Expected<FirmwareKey, LicenseFault> unwrap(ByteView license, ByteView certificate, ByteView uid) {
    return unwrap_license(device(), certificate, uid, license.first(88), license.subspan(88, 32),
                          license.last(16));
}

TEST(AnnexA, CertificateHoldsTheDeviceKeyAndTheCaSignature) {
    const Bytes certificate = annex_a::certificate();
    const auto point = public_key_of(device());
    ASSERT_TRUE(point);
    EXPECT_EQ(to_hex(*point), to_hex(ByteView(certificate).subspan(8, 64)));
    const auto ca = public_key_of(PrivateKey(annex_a::ca_secret()));
    ASSERT_TRUE(ca);
    EXPECT_TRUE(ecdsa_verify(*ca, ByteView(certificate).first(72), ByteView(certificate).last(64)));
    EXPECT_FALSE(ecdsa_verify(*point, ByteView(certificate).first(72), ByteView(certificate).last(64)));
}

TEST(AnnexA, SharedSecretAndKeyMaterial) {
    const Bytes license = annex_a::license();
    const auto z = ecdh_p256(device(), ByteView(license).subspan(kEphemeralOffset, 64));
    ASSERT_TRUE(z);
    EXPECT_EQ(to_hex(z->view()), to_hex(annex_a::z()));
    const auto okm =
        license_okm(z->view(), annex_a::certificate(), annex_a::uid(), ByteView(license).first(88));
    ASSERT_TRUE(okm);
    EXPECT_EQ(to_hex(okm->view()), to_hex(annex_a::okm()));
}

TEST(AnnexA, LicenseWrapsAndUnwraps) {
    const Bytes license = annex_a::license();
    const auto point = public_key_of(device());
    const auto wrapped =
        wrap_license(PrivateKey(annex_a::ephemeral_secret()), *point, annex_a::certificate(), annex_a::uid(),
                     ByteView(license).first(88), {Secret<16>(annex_a::key()), Secret<12>(annex_a::nonce())});
    ASSERT_TRUE(wrapped) << wrapped.error().message;
    EXPECT_EQ(to_hex(wrapped->wrapped), to_hex(ByteView(license).subspan(88, 32)));
    EXPECT_EQ(to_hex(wrapped->tag), to_hex(ByteView(license).last(16)));

    const auto firmware = unwrap(license, annex_a::certificate(), annex_a::uid());
    ASSERT_TRUE(firmware);
    EXPECT_EQ(to_hex(firmware->key.view()), to_hex(annex_a::key()));
    EXPECT_EQ(to_hex(firmware->nonce.view()), to_hex(annex_a::nonce()));
}

TEST(License, AnyFlippedBitOfLicenseCertificateOrUidIsRefused) {
    const Bytes license = annex_a::license(), certificate = annex_a::certificate(), uid = annex_a::uid();
    const auto flip = [](Bytes bytes, std::size_t bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        return bytes;
    };
    for (std::size_t bit = 0; bit < 8 * license.size(); ++bit) {
        const auto firmware = unwrap(flip(license, bit), certificate, uid);
        ASSERT_FALSE(firmware) << "license bit " << bit;
        const bool in_point = bit / 8 >= kEphemeralOffset && bit / 8 < kEphemeralOffset + 64;
        EXPECT_EQ(firmware.error(), in_point ? LicenseFault::point : LicenseFault::tag) << bit;
    }
    for (std::size_t bit = 0; bit < 8 * certificate.size(); ++bit)
        ASSERT_FALSE(unwrap(license, flip(certificate, bit), uid)) << "certificate bit " << bit;
    for (std::size_t bit = 0; bit < 8 * uid.size(); ++bit)
        ASSERT_FALSE(unwrap(license, certificate, flip(uid, bit))) << "UID bit " << bit;
}

TEST(License, AnotherChipCannotUseIt) {
    const auto other = generate_key_pair();
    ASSERT_TRUE(other);
    const Bytes license = annex_a::license();
    const auto firmware =
        unwrap_license(other->secret, annex_a::certificate(), annex_a::uid(), ByteView(license).first(88),
                       ByteView(license).subspan(88, 32), ByteView(license).last(16));
    ASSERT_FALSE(firmware);
    EXPECT_EQ(firmware.error(), LicenseFault::tag);
}

TEST(License, InfinityAndPointsOffTheCurveAreRefused) {
    Bytes license = annex_a::license();
    std::fill_n(license.begin() + 0x18, 64, std::uint8_t{0});
    auto refused = unwrap(license, annex_a::certificate(), annex_a::uid());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), LicenseFault::point);
    std::fill_n(license.begin() + 0x18, 64, std::uint8_t{0xFF});  // coordinates above p
    refused = unwrap(license, annex_a::certificate(), annex_a::uid());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), LicenseFault::point);
}

TEST(License, WrongLengthsAreRefused) {
    const Bytes license = annex_a::license();
    for (std::size_t size = 0; size < license.size(); ++size) {
        const ByteView cut = ByteView(license).first(size);
        const ByteView header = cut.first(std::min<std::size_t>(size, 88));
        const ByteView wrapped = cut.subspan(header.size(), std::min<std::size_t>(size - header.size(), 32));
        const ByteView tag = cut.subspan(header.size() + wrapped.size());
        ASSERT_FALSE(unwrap_license(device(), annex_a::certificate(), annex_a::uid(), header, wrapped, tag))
            << size;
    }
    EXPECT_FALSE(unwrap(license, annex_a::certificate(), Bytes(11)));
    EXPECT_FALSE(unwrap(license, Bytes(135), annex_a::uid()));
}

}  // namespace
}  // namespace h7::crypto

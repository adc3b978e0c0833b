#include "rss/host/license/issuer.hpp"

namespace h7::license {

Result<CertificateCheck> CertificateCheck::make(const crypto::PublicKey& ca) {
    return CertificateCheck(ca, TRY(crypto::EcdsaVerifier::make(ca)));
}

Result<image::Certificate> CertificateCheck::check(ByteView certificate) const {
    // The point is checked where it is used: agree_fresh decodes it anyway.
    if (const auto parsed = image::parse_certificate(certificate);
        parsed && parsed->product() == image::kProductId &&
        verifier_.accepts(certificate.first(image::kCertificateSigned), parsed->signature))
        return *parsed;
    return check_certificate(certificate, ca_);  // the slow way knows the reason
}

Result<LicenseBytes> wrap_for(const Firmware& firmware, const image::Certificate& chip, ByteView certificate,
                              ByteView uid, std::uint32_t session) {
    TRY(check_chip(uid, firmware.type, session));
    image::License license;
    license.type = firmware.type;
    license.session = session;
    license.firmware_id = firmware.id;
    const Agreement agreed = TRY(agree(chip.public_key));
    license.ephemeral = agreed.ephemeral;
    LicenseBytes bytes = image::serialise(license);
    const crypto::WrappedKey wrapped = TRY(crypto::wrap_license(
        agreed.shared, certificate, uid, ByteView(bytes).first(image::kLicenseHeaderBytes), firmware.key));
    std::ranges::copy(wrapped.wrapped, bytes.begin() + image::kLicenseHeaderBytes);
    std::ranges::copy(wrapped.tag, bytes.end() - 16);
    return bytes;
}

}  // namespace h7::license

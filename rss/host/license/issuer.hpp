// Many licenses of one firmware: what every one of them needs is prepared once.
#pragma once

#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/host/license/issue.hpp"

namespace h7::license {

using LicenseBytes = std::array<std::uint8_t, image::kLicenseBytes>;

/// Length, product id, point and signature, as check_certificate; the CA's key is imported once.
class CertificateCheck {
public:
    /// Error: the CA's point is not on the curve.
    static Result<CertificateCheck> make(const crypto::PublicKey& ca);
    /// Errors: those of check_certificate, in its words.
    Result<image::Certificate> check(ByteView certificate) const;

private:
    CertificateCheck(const crypto::PublicKey& ca, crypto::EcdsaVerifier verifier)
        : ca_(ca), verifier_(std::move(verifier)) {}
    crypto::PublicKey ca_;
    crypto::EcdsaVerifier verifier_;
};

/// What one firmware's licenses have in common. Secret: holds the firmware key.
struct Firmware {
    crypto::FirmwareKey key;
    image::LicenseType type = image::LicenseType::sfi_static;
    std::array<std::uint8_t, 8> id{};  // crypto::firmware_id; zeros: any image
};

/// Wraps for a chip whose certificate has been checked, under a fresh ephemeral key. Errors (misuse): as
/// issue().
Result<LicenseBytes> wrap_for(const Firmware& firmware, const image::Certificate& chip, ByteView certificate,
                              ByteView uid, std::uint32_t session);

/// UID and session as issue() wants them. Errors (misuse).
Result<void> check_chip(ByteView uid, image::LicenseType type, std::uint32_t session);

}  // namespace h7::license

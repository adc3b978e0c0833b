// The license server's central act: the firmware key, wrapped for one chip (rss-sfi-bootloader.md 4.6,
// LIC-1).
#pragma once

#include <functional>
#include <optional>

#include "rss/crypto/license_key.hpp"
#include "rss/host/license/authority.hpp"
#include "rss/image/license.hpp"

namespace h7::license {

/// An ephemeral key's public point, and its shared secret with a chip.
struct Agreement {
    crypto::PublicKey ephemeral;
    crypto::Secret<32> shared;
};

struct Request {
    ByteView certificate;  // 136 bytes, from the chip
    ByteView uid;          // 12 bytes, from the chip
    crypto::PublicKey ca;  // whose signature the certificate must carry
    crypto::FirmwareKey firmware;
    image::LicenseType type = image::LicenseType::sfi_static;
    std::uint32_t session = 0;                         // live licenses: the chip's session number
    std::array<std::uint8_t, 8> firmware_id{};         // crypto::firmware_id; zeros: any image
    std::optional<crypto::PrivateKey> ephemeral = {};  // a fresh one unless given (test vectors)
    /// Who agrees on a key with the chip's point instead, say a token (rss/host/hsm).
    std::function<Result<Agreement>(ByteView device_point)> agree = {};
};

/// A fresh ephemeral key against the chip's point.
Result<Agreement> agree(ByteView device_point);

/// Checks the certificate, then wraps. Errors (misuse): those of check_certificate; a UID that is not 12
/// bytes or is blank; a session that does not fit the type.
Result<std::array<std::uint8_t, image::kLicenseBytes>> issue(const Request& request);

/// "230023001051373339393936", the 24 digits `chip certificate` prints, as bytes. Error: anything else.
Result<Bytes> parse_uid(std::string_view text);

}  // namespace h7::license

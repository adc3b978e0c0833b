#include "rss/host/license/issue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/hex.hpp"
#include "rss/host/license/issuer.hpp"

namespace h7::license {
namespace {

Result<Agreement> agreement(const Request& request, ByteView device_point) {
    if (request.agree) return request.agree(device_point);
    if (!request.ephemeral) return agree(device_point);
    return Agreement {
        TRY(crypto::public_key_of(*request.ephemeral))
        , TRY(crypto::ecdh_p256(*request.ephemeral, device_point))
    };
}

}  // namespace

Result<Agreement> agree(ByteView device_point) {
    crypto::FreshAgreement fresh = TRY(crypto::agree_fresh(device_point));
    return Agreement{fresh.point, fresh.shared};
}

Result<void> check_chip(ByteView uid, image::LicenseType type, std::uint32_t session) {
    if (uid.size() != crypto::kUidBytes)
        return misuse(fmt::format("a UID has 12 bytes (24 hex digits), not {}", uid.size()));
    const std::uint8_t first = uid.front();
    if ((first == 0x00 || first == 0xFF) &&
        std::ranges::all_of(uid, [&](std::uint8_t byte) { return byte == first; }))
        return misuse("the UID is blank: read it from the chip (h7rss chip certificate prints it)");
    const bool live = type == image::LicenseType::sfi_live;
    if (live && session == 0) return misuse("a live license needs the chip's session number");
    if (!live && session != 0) return misuse("a static license has no session number (4.6)");
    return {};
}

Result<std::array<std::uint8_t, image::kLicenseBytes>> issue(const Request& request) {
    TRY(check_chip(request.uid, request.type, request.session));
    const image::Certificate certificate = TRY(check_certificate(request.certificate, request.ca));
    const Agreement agreed = TRY(agreement(request, certificate.public_key));

    image::License license;
    license.type = request.type;
    license.session = request.session;
    license.firmware_id = request.firmware_id;
    license.ephemeral = agreed.ephemeral;
    const auto header = image::serialise(license);
    const crypto::WrappedKey wrapped =
        TRY(crypto::wrap_license(agreed.shared, request.certificate, request.uid,
                                 ByteView(header).first(image::kLicenseHeaderBytes), request.firmware));
    license.wrapped_key = wrapped.wrapped;
    license.tag = wrapped.tag;
    return image::serialise(license);
}

Result<Bytes> parse_uid(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() != crypto::kUidBytes)
        return misuse(fmt::format("--uid: {} characters; 24 hex digits are needed", text.size()));
    return bytes;
}

}  // namespace h7::license

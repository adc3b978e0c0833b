#include "rss/install/open.hpp"

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/module_key.hpp"

namespace h7::rss {
namespace {

Answer<> check_use(const image::License& license, const LicenseUse& use) {
    const bool for_module = license.type == image::LicenseType::smi_static;
    if (for_module != use.module)
        return Refusal{Detail::E_LIC_FORMAT, for_module
                                                 ? "the license is for a module (SMI), not for an image"
                                                 : "the license is for an image (SFI), not for a module"};
    if (license.type != image::LicenseType::sfi_live) return {};
    if (use.session == 0)
        return Refusal{Detail::E_LIC_SESSION,
                       "a live license needs a session number, and none was given out"};
    if (license.session != use.session)
        return Refusal{Detail::E_LIC_SESSION, "the live license is for another session"};
    return {};
}

Refusal refusal_of(crypto::LicenseFault fault) {
    switch (fault) {
        case crypto::LicenseFault::point:
            return {Detail::E_LIC_POINT, "the license's public key is no point of the curve"};
        case crypto::LicenseFault::tag:
            return {Detail::E_LIC_TAG,
                    "the license is not for this chip (certificate, UID), or a byte was changed"};
        case crypto::LicenseFault::format:
            break;
    }
    return {Detail::E_LIC_FORMAT, "the key inside the license does not have the form of a firmware key"};
}

}  // namespace

Answer<crypto::FirmwareKey> open_license(ByteView bytes, const Identity& identity, const LicenseUse& use) {
    const image::License license = TRY(parsed(image::parse_license(bytes)));
    TRY(check_use(license, use));
    const crypto::PrivateKey device{ByteView(identity.private_key)};
    auto key =
        crypto::unwrap_license(device, identity.certificate, identity.uid,
                               bytes.first(image::kLicenseHeaderBytes), license.wrapped_key, license.tag);
    if (!key) return refusal_of(key.error());
    if (!image::firmware_id_fits(license.firmware_id, use.firmware_id))
        return Refusal{Detail::E_LIC_FWID, "the license is for another firmware identifier"};
    return std::move(*key);
}

Answer<Bytes> open_module(const image::Module& module, ByteView license, const Identity& identity) {
    const crypto::FirmwareKey firmware =
        TRY(open_license(license, identity, {.module = true, .firmware_id = {}, .session = 0}));
    // Never the firmware key itself: under it the nonce is the IV of an image's header.
    const auto derived = crypto::module_key(firmware.key.view());
    if (!derived) return Refusal{Detail::E_STATE, derived.error().message};
    auto key = aes_gcm::Key::make(derived->view());
    if (!key) return Refusal{Detail::E_STATE, key.error().message};
    Bytes plaintext(module.ciphertext.size());
    if (aes_gcm::open(*key, image::area_iv(firmware.nonce.view(), 0), image::module_aad(module.header),
                      module.ciphertext, module.header.tag, plaintext) != aes_gcm::Status::ok)
        return Refusal{Detail::E_HDR_TAG, "the module's tag does not match: changed, or of another key"};
    return plaintext;
}

}  // namespace h7::rss

#include "rss/crypto/firmware_id.hpp"
#include "rss/host/hsm/hsm.hpp"

namespace h7::hsm {

Issuer::Issuer(std::shared_ptr<KeyStore> keys, const HsmId& id, const Settings& settings)
    : keys_(std::move(keys)), id_(id), settings_(settings) {
    if (settings_.purpose == Purpose::sfi) firmware_id_ = crypto::firmware_id(settings_.name);
}

image::LicenseType Issuer::type(const ChipRequest& request) const {
    if (settings_.purpose == Purpose::smi) return image::LicenseType::smi_static;
    return request.live_session == 0 ? image::LicenseType::sfi_static : image::LicenseType::sfi_live;
}

Result<LicenseBytes> Issuer::make(const ChipRequest& request) const {
    if (settings_.purpose == Purpose::smi && request.live_session != 0)
        return misuse("a module's license is static: it has no session");
    return license::issue({
        .certificate = request.certificate, .uid = request.uid, .ca = settings_.ca,
        .firmware = TRY(keys_->firmware(id_, settings_.key))
        , .type = type(request), .session = request.live_session, .firmware_id = firmware_id_,
          .agree = [&](ByteView point) { return keys_->agree(point); }
    });
}

Result<LicenseBytes> Lease::issue(const ChipRequest& request) {
    std::uint32_t left = left_.load();
    do {
        if (left == 0) return refused("every license of this lease is given");
    } while (!left_.compare_exchange_weak(left, left - 1));
    auto license = issuer_->make(request);
    if (!license) ++left_;
    return license;
}

}  // namespace h7::hsm

#include "rss/host/license_server/key_store.hpp"

namespace h7::license_server {
namespace {

class KeyInMemory final : public KeyStore {
public:
    explicit KeyInMemory(license::Firmware firmware) : firmware_(std::move(firmware)) {}

    Answered<Wrapped> wrap(const image::Certificate& chip, ByteView certificate, ByteView uid,
                           std::uint32_t session) override {
        const auto license = license::wrap_for(firmware_, chip, certificate, uid, session);
        if (!license) return bad_certificate(license.error().message);
        return Wrapped{.license = *license};
    }
    image::LicenseType type() const override { return firmware_.type; }
    std::string describe() const override { return "key file"; }

private:
    license::Firmware firmware_;
};

}  // namespace

Refusal bad_certificate(std::string what) {
    return {422,
            "certificate",
            std::move(what),
            "certificate",
            "certificate (4.5)",
            "send the 136 bytes the chip itself gave, and a chip of this product's CA"};
}

std::unique_ptr<KeyStore> key_in_memory(license::Firmware firmware) {
    return std::make_unique<KeyInMemory>(std::move(firmware));
}

}  // namespace h7::license_server

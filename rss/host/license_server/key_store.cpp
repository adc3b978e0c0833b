#include "rss/host/license_server/key_store.hpp"

namespace h7::license_server {
namespace {

class KeyInMemory final : public KeyStore {
public:
    explicit KeyInMemory(license::Firmware firmware) : firmware_(std::move(firmware)) {}

    Result<license::LicenseBytes> wrap(const image::Certificate& chip, ByteView certificate, ByteView uid,
                                       std::uint32_t session) override {
        return license::wrap_for(firmware_, chip, certificate, uid, session);
    }
    image::LicenseType type() const override { return firmware_.type; }

private:
    license::Firmware firmware_;
};

}  // namespace

std::unique_ptr<KeyStore> key_in_memory(license::Firmware firmware) {
    return std::make_unique<KeyInMemory>(std::move(firmware));
}

}  // namespace h7::license_server

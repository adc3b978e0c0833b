#include "rss/image/license.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::image {
namespace {

// clang-format off
enum At : std::size_t {
    kTypeAt = 0x00, kSessionAt = 0x04, kVersionAt = 0x08, kExtensionsAt = 0x0C, kRfuAt = 0x10, kProviderAt = 0x18,
    kWrappedAt = 0x58, kTagAt = 0x78,
};
// clang-format on
static_assert(kWrappedAt == kLicenseHeaderBytes && kTagAt + 16 == kLicenseBytes);

}  // namespace

Parsed<License> parse_license(ByteView bytes) {
    if (bytes.size() != kLicenseBytes)
        return Fault{Detail::E_LIC_FORMAT, std::min(bytes.size(), kLicenseBytes),
                     fmt::format("a license has {} bytes, not {}", kLicenseBytes, bytes.size())};
    const std::uint32_t type = load_le32(bytes, kTypeAt), version = load_le32(bytes, kVersionAt);
    License license;
    license.session = load_le32(bytes, kSessionAt);
    license.extensions_min_version = load_le32(bytes, kExtensionsAt);
    if (version != kLicenseVersion)
        return Fault{Detail::E_LIC_VERSION, kVersionAt,
                     fmt::format("license version 0x{:x}, must be 1", version)};
    if (type < 1 || type > 3)
        return Fault{
            Detail::E_LIC_FORMAT, kTypeAt,
            fmt::format("license type {}; there are 1 (SFI static), 2 (SFI live), 3 (SMI static)", type)};
    license.type = static_cast<LicenseType>(type);
    if (license.type != LicenseType::sfi_live && license.session != 0)
        return Fault{Detail::E_LIC_FORMAT, kSessionAt,
                     fmt::format("a static license with session 0x{:08x}", license.session)};
    std::copy_n(bytes.begin() + kRfuAt, 8, license.firmware_id.begin());
    std::copy_n(bytes.begin() + kProviderAt, 64, license.ephemeral.begin());
    std::copy_n(bytes.begin() + kWrappedAt, 32, license.wrapped_key.begin());
    std::copy_n(bytes.begin() + kTagAt, 16, license.tag.begin());
    return license;
}

std::array<std::uint8_t, kLicenseBytes> serialise(const License& license) {
    std::array<std::uint8_t, kLicenseBytes> bytes{};
    store_le32(bytes, kTypeAt, static_cast<std::uint32_t>(license.type));
    store_le32(bytes, kSessionAt, license.session);
    store_le32(bytes, kVersionAt, license.version);
    store_le32(bytes, kExtensionsAt, license.extensions_min_version);
    std::ranges::copy(license.firmware_id, bytes.begin() + kRfuAt);
    std::ranges::copy(license.ephemeral, bytes.begin() + kProviderAt);
    std::ranges::copy(license.wrapped_key, bytes.begin() + kWrappedAt);
    std::ranges::copy(license.tag, bytes.begin() + kTagAt);
    return bytes;
}

bool firmware_id_fits(const std::array<std::uint8_t, 8>& license, const std::array<std::uint8_t, 8>& image) {
    return license == std::array<std::uint8_t, 8>{} || license == image;
}

}  // namespace h7::image

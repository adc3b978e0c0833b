// A license, 136 bytes: ST's published frame (RSS.h), our values (rss-sfi-bootloader.md 4.6, LIC-1, D-11).
#pragma once

#include <array>

#include "emulator/base/bytes.hpp"
#include "rss/image/detail.hpp"

namespace h7::image {

inline constexpr std::size_t kLicenseBytes = 136;
inline constexpr std::size_t kLicenseHeaderBytes = 88;  // what the tag covers besides the wrapped key
inline constexpr std::uint32_t kLicenseVersion = 1;

enum class LicenseType : std::uint32_t { sfi_static = 1, sfi_live = 2, smi_static = 3 };

struct License {
    LicenseType type = LicenseType::sfi_static;
    std::uint32_t session = 0;  // 0 unless live
    std::uint32_t version = kLicenseVersion;
    std::uint32_t extensions_min_version = 0;    // unused on H7
    std::array<std::uint8_t, 8> firmware_id{};   // zeros: any image
    std::array<std::uint8_t, 64> ephemeral{};    // providerPublicKey, X||Y
    std::array<std::uint8_t, 32> wrapped_key{};  // enc(IV16 || key16)
    std::array<std::uint8_t, 16> tag{};
};

/// E_LIC_FORMAT (length, type, a static license with a session), E_LIC_VERSION. The point and the tag need
/// the chip's key: crypto::unwrap_license.
Parsed<License> parse_license(ByteView bytes);
std::array<std::uint8_t, kLicenseBytes> serialise(const License& license);

/// May a license with this firmware id open an image with that one? (4.6: equal, or zeros in the license.)
bool firmware_id_fits(const std::array<std::uint8_t, 8>& license, const std::array<std::uint8_t, 8>& image);

}  // namespace h7::image

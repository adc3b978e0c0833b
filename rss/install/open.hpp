// What a license opens: the firmware key of an image, and a module with its own key
// (rss-sfi-bootloader.md 4.6, 4.10). Refusals name the precise check; key material is never in them.
#pragma once

#include "rss/crypto/license_key.hpp"
#include "rss/identity.hpp"
#include "rss/image/license.hpp"
#include "rss/image/smi.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

/// A parser's result, its fault as the refusal of the service.
template <class T>
Answer<T> parsed(image::Parsed<T> result) {
    if (!result) return refusal_of(result.error());
    return std::move(*result);
}

/// What is to be installed decides which licenses serve.
struct LicenseUse {
    bool module = false;  // SMI: type 3 only. An image: types 1 and 2
    std::array<std::uint8_t, 8> firmware_id{};
    std::uint32_t session = 0;  // the session number given out; 0: none
};

/// E_LIC_FORMAT, E_LIC_VERSION, E_LIC_SESSION, E_LIC_POINT, E_LIC_TAG, E_LIC_FWID.
Answer<crypto::FirmwareKey> open_license(ByteView bytes, const Identity& identity, const LicenseUse& use);

/// The plaintext of a module: E_HDR_TAG when header or ciphertext were changed, or under another key. (A
/// module has one tag over both.)
Answer<Bytes> open_module(const image::Module& module, ByteView license, const Identity& identity);

}  // namespace h7::rss

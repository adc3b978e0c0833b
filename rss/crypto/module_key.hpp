// The key of an SMI module, from the firmware key a license carries (rss-sfi-bootloader.md 4.10; ours, D-11).
#pragma once

#include "emulator/base/result.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::crypto {

/// HKDF-SHA-256(firmware key, no salt, info "H7RSS-SMI-1"), 16 bytes. Never the firmware key itself: the IV
/// of a module is the nonce, which under the firmware key belongs to the header of an SFI image.
Result<Secret<16>> module_key(ByteView firmware_key);

}  // namespace h7::crypto

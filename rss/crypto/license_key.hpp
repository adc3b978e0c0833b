// LIC-1: how a license carries the firmware key to one chip and no other (rss-sfi-bootloader.md 4.6; ours,
// D-11). Both ends are here: the issuer wraps, the RSS unwraps. Raw bytes only; the layout of the 136 bytes
// is rss/image/license.hpp.
//
//   Z    = x-coordinate of ECDH(ephemeral, device)
//   OKM  = HKDF-SHA-256(Z, salt = SHA-256(certificate), info = "H7RSS-LIC-1" || UID || license header), 28
//   bytes KEK  = OKM[0..15], IV = OKM[16..27] wrapped, tag = AES-128-GCM(KEK, IV, AAD = license header, nonce
//   || 00000000 || firmware key)
#pragma once

#include "rss/crypto/openssl_ecdh.hpp"

namespace h7::crypto {

inline constexpr std::size_t kUidBytes = 12;
inline constexpr std::size_t kCertificateBytes = 136;
inline constexpr std::size_t kLicenseHeaderBytes = 88;  // bytes 0x18..0x57 are the ephemeral public key
inline constexpr std::size_t kEphemeralOffset = 0x18;
inline constexpr std::size_t kWrappedBytes = 32;

/// What a license carries: the AES-128 key and the 96-bit nonce of one firmware image.
struct FirmwareKey {
    Secret<16> key;
    Secret<12> nonce;
};

struct WrappedKey {
    std::array<std::uint8_t, kWrappedBytes> wrapped;
    std::array<std::uint8_t, 16> tag;
};

/// Which check failed. The chip shows one code for all of them (no oracle); the host's trace names this one.
enum class LicenseFault : std::uint8_t {
    point,   // a public key is not on the curve, or Z is zero
    tag,     // not for this chip (certificate, device key, UID), or a changed byte
    format,  // a length is wrong, or the last four bytes of the decrypted IV16 are not zero
};

/// The issuer's end. `header`: the 88 bytes with the ephemeral public key of `ephemeral` in place. Errors
/// (misuse): a length, a point off the curve.
Result<WrappedKey> wrap_license(const PrivateKey& ephemeral, ByteView device_point, ByteView certificate,
                                ByteView uid, ByteView header, const FirmwareKey& firmware);

/// The same from the shared secret, for an issuer whose ephemeral key lives elsewhere (a token).
Result<WrappedKey> wrap_license(const Secret<32>& z, ByteView certificate, ByteView uid, ByteView header,
                                const FirmwareKey& firmware);

/// The chip's end.
Expected<FirmwareKey, LicenseFault> unwrap_license(const PrivateKey& device, ByteView certificate,
                                                   ByteView uid, ByteView header, ByteView wrapped,
                                                   ByteView tag);

/// The 28 bytes KEK || IV, from Z. Exposed for the test vectors.
Result<Secret<28>> license_okm(ByteView z, ByteView certificate, ByteView uid, ByteView header);

}  // namespace h7::crypto

// Which nonces have been spent under which key. AES-GCM is lost as soon as one (key, IV) seals two different
// things: even another image version over the same bytes gives the authentication key away
// (rss-sfi-bootloader.md 4.3).
#pragma once

#include <filesystem>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/image/sfi.hpp"

namespace h7::package {

/// Binds (SHA-256(key), nonce) to the SHA-256 of the finished image in the text file `path` (made when
/// absent, replaced atomically, locked against a second packer). Packing the same image again is fine;
/// anything else under that nonce, or under one less than 256 away, is refused (exit 1). One registry serves
/// SFI and SMI. Errors (misuse): the file cannot be read or written, or is no registry.
Result<void> claim_nonce(const std::filesystem::path& path, ByteView key, ByteView nonce,
                         const crypto::Digest& image);

/// A key from the operating system's randomness.
Result<Bytes> fresh_key();
/// A nonce from the same source, its low byte clear: an image spends the nonce and the 255 after it.
Result<image::Nonce> fresh_nonce();

}  // namespace h7::package

// Where a product's firmware key is, and who wraps it: a key in memory, an HSM file, a PKCS#11 token. The
// server asks for a license of one chip and never sees the key.
#pragma once

#include <memory>

#include "rss/host/license/issuer.hpp"

namespace h7::license_server {

class KeyStore {
public:
    virtual ~KeyStore() = default;

    /// A license for a chip whose certificate has been checked. Called from any thread, and only after a
    /// quota was reserved. Errors (misuse): the chip's data; (refused): the store has no license left.
    virtual Result<license::LicenseBytes> wrap(const image::Certificate& chip, ByteView certificate,
                                               ByteView uid, std::uint32_t session) = 0;
    virtual image::LicenseType type() const = 0;
};

/// The key in this process's memory, read from a file when the server starts.
std::unique_ptr<KeyStore> key_in_memory(license::Firmware firmware);

}  // namespace h7::license_server

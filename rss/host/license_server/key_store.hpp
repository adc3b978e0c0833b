// Where a product's firmware key is, and who wraps it: a key in memory, an HSM file, a PKCS#11 token. The
// server asks for a license of one chip and never sees the key.
#pragma once

#include <memory>
#include <optional>

#include "rss/host/license/issuer.hpp"
#include "rss/host/license_server/refusal.hpp"

namespace h7::license_server {

struct Wrapped {
    license::LicenseBytes license{};
    bool counted = false;  // the store has a counter, and it moved
};

class KeyStore {
public:
    virtual ~KeyStore() = default;

    /// A license for a chip whose certificate has been checked. Called from any thread, and only after a
    /// quota was reserved. What the store counts is durable when it returns. Refusals: the chip's data; the
    /// store has no license left, or cannot count one.
    virtual Answered<Wrapped> wrap(const image::Certificate& chip, ByteView certificate, ByteView uid,
                                   std::uint32_t session) = 0;
    /// A counted license that was never released: the store may give it to another chip.
    virtual void take_back() {}

    virtual image::LicenseType type() const = 0;
    /// "HSM vault.hsm, opened by a passphrase": for people.
    virtual std::string describe() const = 0;
    /// Licenses the store itself may still give; nothing: it does not count.
    virtual std::optional<std::uint64_t> left() const { return {}; }
    /// False: it gives nothing until a restart.
    virtual bool healthy() const { return true; }
    /// Ends giving; returns to the counter what was reserved and not given, and says how many. No request is
    /// under way. Error: the counter could not be written; they are lost.
    virtual Result<std::uint32_t> close() { return 0U; }
};

/// The certificate cannot have a license.
Refusal bad_certificate(std::string what);

/// The key in this process's memory, read from a file when the server starts.
std::unique_ptr<KeyStore> key_in_memory(license::Firmware firmware);

}  // namespace h7::license_server

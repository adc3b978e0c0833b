// SHA-256, by OpenSSL. A failure of OpenSSL itself (no memory, broken installation) ends the process with a
// line.
#pragma once

#include <memory>

#include "emulator/base/bytes.hpp"

namespace h7::crypto {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(ByteView bytes);

/// The same in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(ByteView bytes);
    /// The digest of everything so far; the object starts again from nothing.
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace h7::crypto

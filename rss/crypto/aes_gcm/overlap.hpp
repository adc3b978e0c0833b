// Which buffers may be used together.
#pragma once

#include <functional>

#include "emulator/base/bytes.hpp"

namespace h7::aes_gcm {

/// Do the two share a byte?
inline bool overlap(ByteView a, ByteView b) {
    if (a.empty() || b.empty()) return false;
    const std::less<const std::uint8_t*> before;
    return before(a.data(), b.data() + b.size()) && before(b.data(), a.data() + a.size());
}

/// Input and output: the same buffer, or two that share no byte.
inline bool legal_pair(ByteView in, ByteView out) { return in.data() == out.data() || !overlap(in, out); }

}  // namespace h7::aes_gcm

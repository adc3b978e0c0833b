// Key material of fixed size that overwrites itself when it goes.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "emulator/base/bytes.hpp"

namespace h7::crypto {

template <std::size_t N>
class Secret {
public:
    Secret() = default;
    /// `bytes` has exactly N bytes; the caller has checked.
    explicit Secret(ByteView bytes) { std::copy_n(bytes.begin(), N, bytes_.begin()); }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }

    static constexpr std::size_t size() { return N; }
    ByteView view() const { return bytes_; }
    MutableBytes bytes() { return bytes_; }

private:
    std::array<std::uint8_t, N> bytes_{};
};

/// Equality in a time that depends on the lengths only.
inline bool equal_in_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    if (a.size() >= 8 && a.size() <= 16) {  // a tag: two words, which may overlap
        const auto word = [](ByteView bytes, std::size_t at) {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data() + at, sizeof value);
            return value;
        };
        const std::size_t last = a.size() - 8;
        return ((word(a, 0) ^ word(b, 0)) | (word(a, last) ^ word(b, last))) == 0;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

}  // namespace h7::crypto

// Repeatable randomness for everything the guest can see. Secrets come from the operating system instead
// (rss/crypto).
#pragma once

#include <cstdint>

#include "emulator/base/bytes.hpp"

namespace h7 {

/// SplitMix64: a seed gives the same sequence on every host, for ever.
class SeededRandom {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15U);
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBU;
        return z ^ (z >> 31);
    }
    void fill(MutableBytes bytes) {
        std::size_t i = 0;
        for (; i + 8 <= bytes.size(); i += 8) store_le<std::uint64_t>(bytes.data() + i, next());
        for (std::uint64_t tail = i < bytes.size() ? next() : 0; i < bytes.size(); ++i, tail >>= 8)
            bytes[i] = static_cast<std::uint8_t>(tail);
    }
    std::uint64_t state() const { return state_; }

private:
    std::uint64_t state_;
};

}  // namespace h7

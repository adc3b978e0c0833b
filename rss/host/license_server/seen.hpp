// Whether a license may be in the ledger already: a Bloom filter that answers for most fresh chips without a
// search. It never forgets, so "no" is certain; "perhaps" means look. 4 MiB: beside five million licenses one
// fresh chip in 25 is searched for in vain, beside more of them more, and nothing is wrong.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "rss/crypto/openssl_sha256.hpp"

namespace h7::license_server {

/// Any thread may ask while one adds.
class Seen {
public:
    /// `subject`: a hash; whoever can choose it can only cause searches.
    void add(const crypto::Digest& subject) {
        for (const std::uint32_t bit : bits_of(subject))
            word(bit).fetch_or(std::uint64_t{1} << (bit % 64), std::memory_order_relaxed);
    }
    bool perhaps(const crypto::Digest& subject) const {
        bool all = true;
        for (const std::uint32_t bit : bits_of(subject))
            all = all && ((word(bit).load(std::memory_order_relaxed) >> (bit % 64)) & 1U) != 0;
        return all;
    }

private:
    static constexpr std::size_t kBits = std::size_t{1} << 25, kHashes = 4;
    using Words = std::array<std::atomic<std::uint64_t>, kBits / 64>;

    static std::array<std::uint32_t, kHashes> bits_of(const crypto::Digest& subject) {
        std::array<std::uint32_t, kHashes> bits{};
        for (std::size_t i = 0; i < kHashes; ++i)
            bits[i] = load_le<std::uint32_t>(subject.data() + 4 * i) % kBits;
        return bits;
    }
    std::atomic<std::uint64_t>& word(std::uint32_t bit) const { return (*words_)[bit / 64]; }

    std::unique_ptr<Words> words_ = std::make_unique<Words>();
};

}  // namespace h7::license_server

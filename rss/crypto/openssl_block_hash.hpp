// SHA-1, SHA-224, SHA-256 and MD5 with a state that can be kept and copied: what the HASH processor
// calculates with. The compression functions are OpenSSL's.
#pragma once

#include "emulator/base/bytes.hpp"

namespace h7::crypto {

class BlockHash {
public:
    enum class Algorithm : std::uint8_t { sha1, md5, sha224, sha256 };
    static constexpr std::size_t kBlock = 64, kLongestDigest = 32;

    struct State {
        Algorithm algorithm = Algorithm::sha1;
        std::array<std::uint32_t, 8> chain{};
        std::uint64_t bytes = 0;  // taken so far; the last bytes % 64 of them are in `pending`
        std::array<std::uint8_t, kBlock> pending{};
    };

    explicit BlockHash(Algorithm algorithm = Algorithm::sha1) { begin(algorithm); }
    void begin(Algorithm algorithm);
    void update(ByteView bytes);
    /// The digest of everything so far: 20, 16, 28 or 32 bytes. The object starts again from nothing.
    Bytes finish();

    const State& state() const { return state_; }
    void set_state(const State& state) { state_ = state; }

private:
    void compress(const std::uint8_t* block);

    State state_;
};

std::size_t digest_size(BlockHash::Algorithm algorithm);

}  // namespace h7::crypto

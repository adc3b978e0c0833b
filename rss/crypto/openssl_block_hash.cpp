// The functions that take one block are deprecated in OpenSSL 3 in favour of contexts that cannot be kept.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rss/crypto/openssl_block_hash.hpp"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>

namespace h7::crypto {
namespace {

using Algorithm = BlockHash::Algorithm;

// FIPS 180-4, 5.3.1 to 5.3.3; RFC 1321, 3.3 (the first four words of SHA-1's).
constexpr std::array<std::uint32_t, 8> kStart1 = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
constexpr std::array<std::uint32_t, 8> kStart224 = {0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939,
                                                    0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4};
constexpr std::array<std::uint32_t, 8> kStart256 = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                                    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

}  // namespace

std::size_t digest_size(Algorithm algorithm) {
    constexpr std::array<std::size_t, 4> kSizes = {20, 16, 28, 32};
    return kSizes[static_cast<unsigned>(algorithm)];
}

void BlockHash::begin(Algorithm algorithm) {
    state_ = {};
    state_.algorithm = algorithm;
    state_.chain = algorithm == Algorithm::sha256   ? kStart256
                   : algorithm == Algorithm::sha224 ? kStart224
                                                    : kStart1;
}

void BlockHash::compress(const std::uint8_t* block) {
    auto& h = state_.chain;
    switch (state_.algorithm) {
        case Algorithm::sha1: {
            SHA_CTX c{};
            c.h0 = h[0], c.h1 = h[1], c.h2 = h[2], c.h3 = h[3], c.h4 = h[4];
            SHA1_Transform(&c, block);
            h = {c.h0, c.h1, c.h2, c.h3, c.h4};
            break;
        }
        case Algorithm::md5: {
            MD5_CTX c{};
            c.A = h[0], c.B = h[1], c.C = h[2], c.D = h[3];
            MD5_Transform(&c, block);
            h = {c.A, c.B, c.C, c.D};
            break;
        }
        case Algorithm::sha224:
        case Algorithm::sha256: {
            SHA256_CTX c{};
            std::copy(h.begin(), h.end(), std::begin(c.h));
            SHA256_Transform(&c, block);
            std::copy(std::begin(c.h), std::end(c.h), h.begin());
            break;
        }
    }
}

void BlockHash::update(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
        state_.pending[state_.bytes % kBlock] = byte;
        if (++state_.bytes % kBlock == 0) compress(state_.pending.data());
    }
}

Bytes BlockHash::finish() {
    const bool little = state_.algorithm == Algorithm::md5;
    const std::uint64_t bits = 8 * state_.bytes;
    Bytes tail{0x80};
    tail.resize(1 + (119 - state_.bytes % kBlock) % kBlock);
    for (unsigned n = 0; n < 8; ++n)
        tail.push_back(static_cast<std::uint8_t>(bits >> (little ? 8 * n : 56 - 8 * n)));
    update(tail);
    Bytes digest;
    for (std::size_t n = 0; n < digest_size(state_.algorithm); ++n)
        digest.push_back(
            static_cast<std::uint8_t>(state_.chain[n / 4] >> (little ? 8 * (n % 4) : 24 - 8 * (n % 4))));
    begin(state_.algorithm);
    return digest;
}

}  // namespace h7::crypto

// AES-GCM on x86-64 with VAES and VPCLMULQDQ in 256-bit vectors: two blocks an instruction, no AVX-512.
#include <immintrin.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"
#include "rss/crypto/aes_gcm/x86_block.hpp"

struct Isa : X86Block {
    using Vec = __m256i;
    static constexpr int kLanes = 2, kGroup = 8, kGroupsASum = 2, kTail = 4, kSparePowers = 8;
    static constexpr std::size_t kStackBytes = 1280, kShortStackBytes = 384;

    using X86Block::add, X86Block::add_32, X86Block::reversed, X86Block::swap_halves, X86Block::low_halves,
        X86Block::high_halves, X86Block::multiply_low, X86Block::multiply_high, X86Block::store,
        X86Block::keep, X86Block::first_round, X86Block::round, X86Block::last_round;

    H7_INLINE Vec load(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const Vec*>(p)); }
    H7_INLINE void store(std::uint8_t* p, Vec v) { _mm256_storeu_si256(reinterpret_cast<Vec*>(p), v); }
    H7_INLINE Vec load_part(const std::uint8_t* p, std::size_t size) {
        if (size == 32) return load(p);
        if (size == 16) return widen(load_block(p));
        if (size < 16) return widen(words(aes_gcm::load_part(p, size)));
        return _mm256_inserti128_si256(widen(load_block(p)), words(aes_gcm::load_part(p + 16, size - 16)), 1);
    }
    H7_INLINE void store_part(std::uint8_t* p, Vec v, std::size_t size) {
        if (size == 32) return store(p, v);
        const Block low = _mm256_castsi256_si128(v);
        if (size < 16) return aes_gcm::store_part(p, words_of(low), size);
        store(p, low);
        if (size > 16) aes_gcm::store_part(p + 16, words_of(_mm256_extracti128_si256(v, 1)), size - 16);
    }
    H7_INLINE Vec keep(Vec v, std::size_t size) {
        const Block low = load_block(kKeep + (size < 16 ? 16 - size : 0));
        const Block high = load_block(kKeep + (size < 16 ? 16 : 32 - size));
        return _mm256_and_si256(v, _mm256_inserti128_si256(widen(low), high, 1));
    }
    H7_INLINE Vec broadcast(Block v) { return _mm256_broadcastsi128_si256(v); }
    H7_INLINE Vec joined(const Block (&b)[2]) { return _mm256_set_m128i(b[1], b[0]); }
    H7_INLINE Vec widen(Block v) { return _mm256_zextsi128_si256(v); }
    H7_INLINE Block fold(Vec v) { return add(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)); }

    H7_INLINE Vec add(Vec a, Vec b) { return _mm256_xor_si256(a, b); }
    H7_INLINE Vec add(Vec a, Vec b, Vec c) { return add(add(a, b), c); }
    H7_INLINE Vec add_32(Vec a, Vec b) { return _mm256_add_epi32(a, b); }
    H7_INLINE Vec reversed(Vec v) {
        return _mm256_shuffle_epi8(
            v, broadcast(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
    }
    H7_INLINE Vec swap_halves(Vec v) { return _mm256_shuffle_epi32(v, 0x4E); }
    H7_INLINE Vec low_halves(Vec a, Vec b) { return _mm256_unpacklo_epi64(a, b); }
    H7_INLINE Vec high_halves(Vec a, Vec b) { return _mm256_unpackhi_epi64(a, b); }
    H7_INLINE Vec multiply_low(Vec a, Vec b) { return _mm256_clmulepi64_epi128(a, b, 0x00); }
    H7_INLINE Vec multiply_high(Vec a, Vec b) { return _mm256_clmulepi64_epi128(a, b, 0x11); }
    H7_INLINE Vec last_byte(int first) {
        return _mm256_set_epi32((first + 1) << 24, 0, 0, 0, first << 24, 0, 0, 0);
    }
    H7_INLINE Vec lane_numbers() { return _mm256_set_epi32(0, 0, 0, 1, 0, 0, 0, 0); }

    H7_INLINE Vec first_round(Vec v, Vec key) { return add(v, key); }
    H7_INLINE Vec round(Vec v, Vec key) { return _mm256_aesenc_epi128(v, key); }
    H7_INLINE Vec last_round(Vec v, Vec, Vec last) { return _mm256_aesenclast_epi128(v, last); }
    /// By reference: g++ 12 then hoists less into the sixteen registers.
    H7_INLINE Vec fence(Vec& v) {
        asm volatile("" : "+x"(v));
        return v;
    }

    /// Round keys and keystream must not stay in the vector registers after the call.
    H7_INLINE void forget_registers() { forget_low_registers(); }
};

// Each builds on the one before.
// clang-format off
#include "rss/crypto/aes_gcm/clmul.hpp"
#include "rss/crypto/aes_gcm/body.hpp"
// clang-format on

}  // namespace

const Kernel kernel_vaes256 = kernel_called("vaes256", kAes | kPclmul | kAvx | kAvx2 | kVaes | kVpclmul);

}  // namespace h7::aes_gcm

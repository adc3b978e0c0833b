// AES-GCM on x86-64 with AES-NI and PCLMULQDQ: 128-bit vectors, eight blocks in flight, Karatsuba products
// (three multiplications a block: the multiplier, not AES, is the bottleneck on current cores).
#include <immintrin.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#define H7_INLINE [[gnu::always_inline]] static inline

struct Isa {
    using Vec = __m128i;
    static constexpr int kGroup = 8;

    struct Keys {
        Vec round[15];
        unsigned rounds;
    };
    struct HashKey {
        Vec value, mid;  // mid: both halves hold high + low
    };
    struct Product {
        Vec low, mid, high;
    };

    H7_INLINE Vec load(const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const Vec*>(p)); }
    H7_INLINE void store(std::uint8_t* p, Vec v) { _mm_storeu_si128(reinterpret_cast<Vec*>(p), v); }
    H7_INLINE Vec add(Vec a, Vec b) { return _mm_xor_si128(a, b); }
    H7_INLINE Vec words(std::uint64_t high, std::uint64_t low) {
        return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
    }
    H7_INLINE std::uint64_t high(Vec v) { return static_cast<std::uint64_t>(_mm_extract_epi64(v, 1)); }
    H7_INLINE std::uint64_t low(Vec v) { return static_cast<std::uint64_t>(_mm_cvtsi128_si64(v)); }
    H7_INLINE Vec reversed(Vec v) {
        return _mm_shuffle_epi8(v, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    H7_INLINE Vec without_counter(Vec block) { return _mm_and_si128(block, _mm_set_epi32(0, -1, -1, -1)); }
    H7_INLINE Vec with_counter(Vec prefix, std::uint32_t counter) {
        return _mm_insert_epi32(prefix, static_cast<int>(__builtin_bswap32(counter)), 3);
    }

    H7_INLINE Vec swap_halves(Vec v) { return _mm_shuffle_epi32(v, 0x4E); }
    H7_INLINE HashKey hash_key(Vec h) { return {h, add(h, swap_halves(h))}; }
    H7_INLINE void multiply(Product& sum, Vec a, const HashKey& b) {
        sum.low = add(sum.low, _mm_clmulepi64_si128(a, b.value, 0x00));
        sum.high = add(sum.high, _mm_clmulepi64_si128(a, b.value, 0x11));
        sum.mid = add(sum.mid, _mm_clmulepi64_si128(add(a, swap_halves(a)), b.mid, 0x00));
    }
    /// Folds the low 128 bits, which are the high powers of x, upwards in two steps of 64.
    H7_INLINE Vec reduce(const Product& sum) {
        const Vec poly = words(0xC200'0000'0000'0000U, 1);
        const Vec middle = add(sum.mid, add(sum.low, sum.high));
        const Vec first = add(add(middle, swap_halves(sum.low)), _mm_clmulepi64_si128(sum.low, poly, 0x10));
        return add(add(sum.high, swap_halves(first)), _mm_clmulepi64_si128(first, poly, 0x10));
    }

    /// a with the running XOR of its words, plus `word` in every word: one step of FIPS 197's key expansion.
    H7_INLINE Vec next_round_key(Vec a, Vec word) {
        a = add(a, _mm_slli_si128(a, 4));
        a = add(a, _mm_slli_si128(a, 8));
        return add(a, word);
    }
    /// SubWord of word 3 in every column (rotated when `rotate`), plus the round constant. AESENCLAST on four
    /// equal columns is SubBytes: ShiftRows changes nothing.
    H7_INLINE Vec sub_word(Vec a, bool rotate, unsigned constant) {
        const Vec spread = rotate ? _mm_set1_epi32(0x0C0F'0E0D) : _mm_set1_epi32(0x0F0E'0D0C);
        return _mm_aesenclast_si128(_mm_shuffle_epi8(a, spread), _mm_set1_epi32(static_cast<int>(constant)));
    }
    static void expand(Keys& keys, const std::uint8_t* key, unsigned rounds) {
        keys.rounds = rounds;
        const unsigned words = rounds == 10 ? 1 : 2;  // key length in vectors
        for (unsigned i = 0; i < words; ++i) keys.round[i] = load(key + 16 * i);
        unsigned constant = 1;
        for (unsigned i = words; i <= rounds; ++i) {
            const bool rotate = words == 1 || i % 2 == 0;
            keys.round[i] = next_round_key(keys.round[i - words],
                                           sub_word(keys.round[i - 1], rotate, rotate ? constant : 0));
            if (rotate) constant = (constant << 1) ^ ((constant >> 7) * 0x11B);
        }
    }

    H7_INLINE void encrypt(const Keys& keys, Vec (&group)[kGroup]) {
#pragma GCC unroll 8
        for (int i = 0; i < kGroup; ++i) group[i] = add(group[i], keys.round[0]);
#pragma GCC unroll 9
        for (unsigned r = 1; r < 10; ++r) round(keys.round[r], group);
        if (keys.rounds == 14) {
#pragma GCC unroll 4
            for (unsigned r = 10; r < 14; ++r) round(keys.round[r], group);
        }
        const Vec last = keys.round[keys.rounds];
#pragma GCC unroll 8
        for (int i = 0; i < kGroup; ++i) group[i] = _mm_aesenclast_si128(group[i], last);
    }
    H7_INLINE void round(Vec key, Vec (&group)[kGroup]) {
#pragma GCC unroll 8
        for (int i = 0; i < kGroup; ++i) group[i] = _mm_aesenc_si128(group[i], key);
    }

    H7_INLINE void forget(Vec (&group)[kGroup]) {
        for (Vec& v : group) v = _mm_setzero_si128();
        asm volatile("" : : "r"(&group) : "memory");
    }
    /// Round keys and keystream must not stay in the vector registers after the call.
    H7_INLINE void forget_registers() {
        asm volatile(
            "pxor %%xmm0, %%xmm0\n pxor %%xmm1, %%xmm1\n pxor %%xmm2, %%xmm2\n pxor %%xmm3, %%xmm3\n"
            "pxor %%xmm4, %%xmm4\n pxor %%xmm5, %%xmm5\n pxor %%xmm6, %%xmm6\n pxor %%xmm7, %%xmm7\n"
            "pxor %%xmm8, %%xmm8\n pxor %%xmm9, %%xmm9\n pxor %%xmm10, %%xmm10\n pxor %%xmm11, %%xmm11\n"
            "pxor %%xmm12, %%xmm12\n pxor %%xmm13, %%xmm13\n pxor %%xmm14, %%xmm14\n pxor %%xmm15, %%xmm15\n"
            :
            :
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
              "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory");
    }
};

#include "rss/crypto/aes_gcm/body.hpp"

}  // namespace

const Kernel kernel_aesni{"aesni",       kSsse3 | kSse41 | kAes | kPclmul,
                          sizeof(State), set_key,
                          encrypt_block, hash_blocks,
                          ctr_blocks,    seal_blocks,
                          open_blocks};

}  // namespace h7::aes_gcm

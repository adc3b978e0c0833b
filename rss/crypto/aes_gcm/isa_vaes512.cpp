// AES-GCM on x86-64 with VAES and VPCLMULQDQ in 512-bit vectors: four blocks an instruction, sixteen vectors
// in flight.
#include <immintrin.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"
#include "rss/crypto/aes_gcm/x86_block.hpp"

struct Isa : X86Block {
    using Vec = __m512i;
    static constexpr int kLanes = 4, kGroup = 16, kGroupsASum = 1, kTail = 8, kSparePowers = 16;
    static constexpr std::size_t kStackBytes = 512, kShortStackBytes = 256;

    using X86Block::add, X86Block::add_32, X86Block::reversed, X86Block::swap_halves, X86Block::low_halves,
        X86Block::high_halves, X86Block::multiply_low, X86Block::multiply_high, X86Block::store,
        X86Block::keep, X86Block::first_round, X86Block::round, X86Block::last_round;

    H7_INLINE Vec load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }
    H7_INLINE void store(std::uint8_t* p, Vec v) { _mm512_storeu_si512(p, v); }
    H7_INLINE __mmask64 first_bytes(std::size_t size) {
        return _bzhi_u64(~0ULL, static_cast<unsigned>(size));
    }
    H7_INLINE Vec load_part(const std::uint8_t* p, std::size_t size) {
        return _mm512_maskz_loadu_epi8(first_bytes(size), p);
    }
    H7_INLINE void store_part(std::uint8_t* p, Vec v, std::size_t size) {
        _mm512_mask_storeu_epi8(p, first_bytes(size), v);
    }
    H7_INLINE Vec keep(Vec v, std::size_t size) { return _mm512_maskz_mov_epi8(first_bytes(size), v); }
    /// The masked form because g++ 12 takes the plain one for uninitialised.
    H7_INLINE Vec broadcast(Block v) { return _mm512_maskz_broadcast_i32x4(static_cast<__mmask16>(-1), v); }
    H7_INLINE Vec joined(const Block (&b)[4]) {
        const __m256i low = _mm256_set_m128i(b[1], b[0]), high = _mm256_set_m128i(b[3], b[2]);
        return _mm512_inserti64x4(_mm512_zextsi256_si512(low), high, 1);
    }
    H7_INLINE Vec widen(Block v) { return _mm512_zextsi128_si512(v); }
    H7_INLINE Block fold(Vec v) {
        const __m256i two = _mm256_xor_si256(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
        return add(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
    }

    H7_INLINE Block add(Block a, Block b, Block c) { return _mm_ternarylogic_epi32(a, b, c, 0x96); }
    H7_INLINE Vec add(Vec a, Vec b) { return _mm512_xor_si512(a, b); }
    H7_INLINE Vec add(Vec a, Vec b, Vec c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
    H7_INLINE Vec add_32(Vec a, Vec b) { return _mm512_add_epi32(a, b); }
    H7_INLINE Vec reversed(Vec v) {
        return _mm512_shuffle_epi8(
            v, broadcast(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
    }
    H7_INLINE Vec swap_halves(Vec v) { return _mm512_shuffle_epi32(v, _MM_PERM_BADC); }
    H7_INLINE Vec low_halves(Vec a, Vec b) { return _mm512_unpacklo_epi64(a, b); }
    H7_INLINE Vec high_halves(Vec a, Vec b) { return _mm512_unpackhi_epi64(a, b); }
    H7_INLINE Vec multiply_low(Vec a, Vec b) { return _mm512_clmulepi64_epi128(a, b, 0x00); }
    H7_INLINE Vec multiply_high(Vec a, Vec b) { return _mm512_clmulepi64_epi128(a, b, 0x11); }
    H7_INLINE Vec last_byte(int first) {
        return _mm512_set_epi32((first + 3) << 24, 0, 0, 0, (first + 2) << 24, 0, 0, 0, (first + 1) << 24, 0,
                                0, 0, first << 24, 0, 0, 0);
    }
    H7_INLINE Vec lane_numbers() { return _mm512_set_epi32(0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0); }

    H7_INLINE Vec first_round(Vec v, Vec key) { return add(v, key); }
    H7_INLINE Vec round(Vec v, Vec key) { return _mm512_aesenc_epi128(v, key); }
    H7_INLINE Vec last_round(Vec v, Vec, Vec last) { return _mm512_aesenclast_epi128(v, last); }
    /// By value: otherwise g++ 12 keeps a place on the stack for every vector, which forget_stack() would
    /// have to overwrite.
    H7_INLINE Vec fence(Vec v) {
        asm volatile("" : "+v"(v));
        return v;
    }

    /// Round keys and keystream must not stay in the vector registers after the call. VZEROALL knows only the
    /// lower sixteen.
    H7_INLINE void forget_registers() {
        forget_low_registers();
        asm volatile(
            "vpxorq %%xmm16, %%xmm16, %%xmm16\n vpxorq %%xmm17, %%xmm17, %%xmm17\n"
            "vpxorq %%xmm18, %%xmm18, %%xmm18\n vpxorq %%xmm19, %%xmm19, %%xmm19\n"
            "vpxorq %%xmm20, %%xmm20, %%xmm20\n vpxorq %%xmm21, %%xmm21, %%xmm21\n"
            "vpxorq %%xmm22, %%xmm22, %%xmm22\n vpxorq %%xmm23, %%xmm23, %%xmm23\n"
            "vpxorq %%xmm24, %%xmm24, %%xmm24\n vpxorq %%xmm25, %%xmm25, %%xmm25\n"
            "vpxorq %%xmm26, %%xmm26, %%xmm26\n vpxorq %%xmm27, %%xmm27, %%xmm27\n"
            "vpxorq %%xmm28, %%xmm28, %%xmm28\n vpxorq %%xmm29, %%xmm29, %%xmm29\n"
            "vpxorq %%xmm30, %%xmm30, %%xmm30\n vpxorq %%xmm31, %%xmm31, %%xmm31\n"
            :
            :
            : "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",
              "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "memory");
    }
};

// Each builds on the one before.
// clang-format off
#include "rss/crypto/aes_gcm/clmul.hpp"
#include "rss/crypto/aes_gcm/body.hpp"
// clang-format on

}  // namespace

const Kernel kernel_vaes512 =
    kernel_called("vaes512", kAes | kPclmul | kAvx | kAvx2 | kVaes | kVpclmul | kAvx512);

}  // namespace h7::aes_gcm

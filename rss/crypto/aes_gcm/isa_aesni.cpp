// AES-GCM on x86-64 with AES-NI and PCLMULQDQ: 128-bit vectors, eight in flight, in the three-operand
// encoding of AVX.
#include <immintrin.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"
#include "rss/crypto/aes_gcm/x86_block.hpp"

struct Isa : X86Block {
    using Vec = __m128i;
    static constexpr int kLanes = 1, kGroup = 8, kGroupsASum = 2, kTail = 4, kSparePowers = 4;
    static constexpr std::size_t kStackBytes = 768, kShortStackBytes = 384;

    H7_INLINE Vec load(const std::uint8_t* p) { return load_block(p); }
    H7_INLINE Vec load_part(const std::uint8_t* p, std::size_t size) {
        return size == 16 ? load_block(p) : words(aes_gcm::load_part(p, size));
    }
    H7_INLINE void store_part(std::uint8_t* p, Vec v, std::size_t size) {
        if (size == 16)
            store(p, v);
        else
            aes_gcm::store_part(p, words_of(v), size);
    }
    H7_INLINE Vec broadcast(Block v) { return v; }
    H7_INLINE Vec joined(const Block (&b)[1]) { return b[0]; }
    H7_INLINE Vec widen(Block v) { return v; }
    H7_INLINE Block fold(Vec v) { return v; }
    H7_INLINE Vec last_byte(int first) { return _mm_set_epi32(first << 24, 0, 0, 0); }
    H7_INLINE Vec lane_numbers() { return _mm_setzero_si128(); }
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

const Kernel kernel_aesni = kernel_called("aesni", kAes | kPclmul | kAvx);

}  // namespace h7::aes_gcm

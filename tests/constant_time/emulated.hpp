// The wide kernels for a machine without VAES, such as valgrind's: the same body with vectors made of
// H7_LANES blocks, the same groups and sums, every operation done lane by lane with AES-NI and PCLMULQDQ.
// What memcheck finds out about branches and addresses here holds for the algorithm of the real ones;
// scripts/check-kernel-code looks at their code. Included by emulated_*.cpp, which say H7_LANES, H7_GROUP and
// the rest.
#include <immintrin.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

// Functions stay functions: unrolled four lanes wide, the compiler would work on this for minutes.
#define H7_INLINE [[maybe_unused]] static

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"
#include "rss/crypto/aes_gcm/x86_block.hpp"

struct Isa : X86Block {
    static constexpr int kLanes = H7_LANES, kGroup = H7_GROUP, kGroupsASum = H7_GROUPS_A_SUM, kTail = H7_TAIL,
                         kSparePowers = H7_SPARE_POWERS;
    static constexpr std::size_t kStackBytes = 4096, kShortStackBytes = 4096;
    struct Vec {
        Block lane[kLanes];
    };

    using X86Block::add, X86Block::add_32, X86Block::reversed, X86Block::swap_halves, X86Block::low_halves,
        X86Block::high_halves, X86Block::multiply_low, X86Block::multiply_high, X86Block::store,
        X86Block::keep, X86Block::first_round, X86Block::round, X86Block::last_round;

    template <class Operation, class... Vecs>
    H7_INLINE Vec each(Operation operation, Vecs... v) {
        Vec result;
        for (int i = 0; i < kLanes; ++i) result.lane[i] = operation(v.lane[i]...);
        return result;
    }
    /// Bytes of lane i when the vector has `size`.
    H7_INLINE std::size_t part(int i, std::size_t size) {
        const std::size_t before = 16 * static_cast<std::size_t>(i);
        return size <= before ? 0 : size - before < 16 ? size - before : 16;
    }

    H7_INLINE Vec load(const std::uint8_t* p) { return load_part(p, 16 * kLanes); }
    H7_INLINE Vec load_part(const std::uint8_t* p, std::size_t size) {
        Vec v;
        for (int i = 0; i < kLanes; ++i)
            v.lane[i] =
                part(i, size) == 0 ? words({0, 0}) : words(aes_gcm::load_part(p + 16 * i, part(i, size)));
        return v;
    }
    H7_INLINE void store(std::uint8_t* p, Vec v) { store_part(p, v, 16 * kLanes); }
    H7_INLINE void store_part(std::uint8_t* p, Vec v, std::size_t size) {
        for (int i = 0; i < kLanes; ++i)
            if (part(i, size) > 0) aes_gcm::store_part(p + 16 * i, words_of(v.lane[i]), part(i, size));
    }
    H7_INLINE Vec keep(Vec v, std::size_t size) {
        for (int i = 0; i < kLanes; ++i) v.lane[i] = keep(v.lane[i], part(i, size));
        return v;
    }
    H7_INLINE Vec broadcast(Block b) {
        Vec v;
        for (Block& lane : v.lane) lane = b;
        return v;
    }
    H7_INLINE Vec widen(Block b) {
        Vec v = broadcast(words({0, 0}));
        v.lane[0] = b;
        return v;
    }
    H7_INLINE Vec joined(const Block (&b)[kLanes]) {
        Vec v;
        for (int i = 0; i < kLanes; ++i) v.lane[i] = b[i];
        return v;
    }
    H7_INLINE Block fold(Vec v) {
        Block sum = v.lane[0];
        for (int i = 1; i < kLanes; ++i) sum = add(sum, v.lane[i]);
        return sum;
    }
    H7_INLINE Vec add(Vec a, Vec b) {
        return each([](Block x, Block y) { return X86Block::add(x, y); }, a, b);
    }
    H7_INLINE Vec add(Vec a, Vec b, Vec c) { return add(add(a, b), c); }
    H7_INLINE Vec add_32(Vec a, Vec b) { return each(&X86Block::add_32, a, b); }
    H7_INLINE Vec reversed(Vec v) { return each(&X86Block::reversed, v); }
    H7_INLINE Vec swap_halves(Vec v) { return each(&X86Block::swap_halves, v); }
    H7_INLINE Vec low_halves(Vec a, Vec b) { return each(&X86Block::low_halves, a, b); }
    H7_INLINE Vec high_halves(Vec a, Vec b) { return each(&X86Block::high_halves, a, b); }
    H7_INLINE Vec multiply_low(Vec a, Vec b) { return each(&X86Block::multiply_low, a, b); }
    H7_INLINE Vec multiply_high(Vec a, Vec b) { return each(&X86Block::multiply_high, a, b); }
    H7_INLINE Vec last_byte(int first) {
        Vec v;
        for (int i = 0; i < kLanes; ++i) v.lane[i] = _mm_set_epi32((first + i) << 24, 0, 0, 0);
        return v;
    }
    H7_INLINE Vec lane_numbers() {
        Vec v;
        for (int i = 0; i < kLanes; ++i) v.lane[i] = _mm_set_epi32(0, 0, 0, i);
        return v;
    }
    H7_INLINE Vec first_round(Vec v, Vec key) { return add(v, key); }
    H7_INLINE Vec round(Vec v, Vec key) { return each(&X86Block::round, v, key); }
    H7_INLINE Vec last_round(Vec v, Vec, Vec last) {
        return each([](Block x, Block k) { return _mm_aesenclast_si128(x, k); }, v, last);
    }
    H7_INLINE Vec fence(Vec v) { return v; }
    H7_INLINE void forget_registers() { forget_low_registers(); }
};

// clang-format off
#include "rss/crypto/aes_gcm/clmul.hpp"
#include "rss/crypto/aes_gcm/body.hpp"
// clang-format on

}  // namespace
}  // namespace h7::aes_gcm

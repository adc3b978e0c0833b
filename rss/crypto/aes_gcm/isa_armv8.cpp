// AES-GCM on ARMv8 with the Cryptography Extension: AESE and AESMC, PMULL on 64 bits; eight blocks in flight.
#include <arm_neon.h>

#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"

struct Isa {
    using Block = uint8x16_t;
    using Vec = Block;
    static constexpr int kLanes = 1, kGroup = 8, kGroupsASum = 2, kTail = 4, kSparePowers = 4;
    static constexpr std::size_t kStackBytes = 1024, kShortStackBytes = 1024;

    H7_INLINE Block words(Words w) {
        return vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(w.low), vcreate_u64(w.high)));
    }
    H7_INLINE Words words_of(Block v) {
        const uint64x2_t w = vreinterpretq_u64_u8(v);
        return {vgetq_lane_u64(w, 0), vgetq_lane_u64(w, 1)};
    }
    H7_INLINE Block load_block(const std::uint8_t* p) { return vld1q_u8(p); }
    H7_INLINE Vec load(const std::uint8_t* p) { return vld1q_u8(p); }
    H7_INLINE Block load_iv(const std::uint8_t* p) {
        return words({load_word<std::uint64_t>(p), load_word<std::uint32_t>(p + 8)});
    }
    H7_INLINE Vec load_part(const std::uint8_t* p, std::size_t size) {
        return size == 16 ? load(p) : words(aes_gcm::load_part(p, size));
    }
    H7_INLINE void store(std::uint8_t* p, Block v) { vst1q_u8(p, v); }
    H7_INLINE void store_part(std::uint8_t* p, Vec v, std::size_t size) {
        if (size == 16)
            store(p, v);
        else
            aes_gcm::store_part(p, words_of(v), size);
    }
    H7_INLINE Block keep(Block v, std::size_t size) { return vandq_u8(v, vld1q_u8(kKeep + 16 - size)); }
    H7_INLINE Vec broadcast(Block v) { return v; }
    H7_INLINE Vec joined(const Block (&b)[1]) { return b[0]; }
    H7_INLINE Vec widen(Block v) { return v; }
    H7_INLINE Block fold(Vec v) { return v; }

    H7_INLINE Block add(Block a, Block b) { return veorq_u8(a, b); }
    H7_INLINE Block add(Block a, Block b, Block c) { return add(add(a, b), c); }
    H7_INLINE Block add_32(Block a, Block b) {
        return vreinterpretq_u8_u32(vaddq_u32(vreinterpretq_u32_u8(a), vreinterpretq_u32_u8(b)));
    }
    H7_INLINE Block reversed(Block v) {
        const Block halves = vrev64q_u8(v);
        return vextq_u8(halves, halves, 8);
    }
    H7_INLINE Block swap_halves(Block v) { return vextq_u8(v, v, 8); }
    H7_INLINE Block low_halves(Block a, Block b) {
        return vreinterpretq_u8_u64(vtrn1q_u64(vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b)));
    }
    H7_INLINE Block high_halves(Block a, Block b) {
        return vreinterpretq_u8_u64(vtrn2q_u64(vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b)));
    }
    H7_INLINE Block multiply_low(Block a, Block b) {
        return vreinterpretq_u8_p128(
            vmull_p64(static_cast<poly64_t>(words_of(a).low), static_cast<poly64_t>(words_of(b).low)));
    }
    H7_INLINE Block multiply_high(Block a, Block b) {
        return vreinterpretq_u8_p128(vmull_high_p64(vreinterpretq_p64_u8(a), vreinterpretq_p64_u8(b)));
    }
    H7_INLINE Vec last_byte(int first) {
        return words({0, std::uint64_t{static_cast<unsigned>(first)} << 56});
    }
    H7_INLINE Vec lane_numbers() { return vdupq_n_u8(0); }

    // AESE adds the key of the round before and comes first: the last round's key is added alone.
    static constexpr int kKeyOfRound = 1;
    H7_INLINE Block first_round(Block v, Block) { return v; }
    H7_INLINE Block round(Block v, Block key) { return vaesmcq_u8(vaeseq_u8(v, key)); }
    H7_INLINE Block last_round(Block v, Block key, Block last) { return add(vaeseq_u8(v, key), last); }

    template <int bytes>
    H7_INLINE Block shift_up(Block v) {
        return vextq_u8(vdupq_n_u8(0), v, 16 - bytes);
    }
    /// See x86_block.hpp: SubBytes by AESE with a zero key on four equal columns.
    H7_INLINE Block sub_word(Block a, bool rotate, unsigned constant) {
        const std::uint32_t word = vgetq_lane_u32(vreinterpretq_u32_u8(a), 3);
        const Block columns = vreinterpretq_u8_u32(vdupq_n_u32(rotate ? word >> 8 | word << 24 : word));
        return add(vaeseq_u8(columns, vdupq_n_u8(0)), vreinterpretq_u8_u32(vdupq_n_u32(constant)));
    }
    H7_INLINE Vec fence(Vec v) {
        asm volatile("" : "+w"(v));
        return v;
    }

    /// Round keys and keystream must not stay in the vector registers after the call.
    H7_INLINE void forget_registers() {
        asm volatile(
            "movi v0.2d, #0\n movi v1.2d, #0\n movi v2.2d, #0\n movi v3.2d, #0\n movi v4.2d, #0\n"
            "movi v5.2d, #0\n movi v6.2d, #0\n movi v7.2d, #0\n movi v8.2d, #0\n movi v9.2d, #0\n"
            "movi v10.2d, #0\n movi v11.2d, #0\n movi v12.2d, #0\n movi v13.2d, #0\n"
            "movi v14.2d, #0\n movi v15.2d, #0\n movi v16.2d, #0\n movi v17.2d, #0\n"
            "movi v18.2d, #0\n movi v19.2d, #0\n movi v20.2d, #0\n movi v21.2d, #0\n movi v22.2d, #0\n"
            "movi v23.2d, #0\n movi v24.2d, #0\n movi v25.2d, #0\n movi v26.2d, #0\n movi v27.2d, #0\n"
            "movi v28.2d, #0\n movi v29.2d, #0\n movi v30.2d, #0\n movi v31.2d, #0\n"
            :
            :
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
              "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
              "v28", "v29", "v30", "v31", "memory");
    }
};

// Each builds on the one before.
// clang-format off
#include "rss/crypto/aes_gcm/clmul.hpp"
#include "rss/crypto/aes_gcm/body.hpp"
// clang-format on

}  // namespace

const Kernel kernel_armv8 = kernel_called("armv8", kArmAes | kArmPmull);

}  // namespace h7::aes_gcm

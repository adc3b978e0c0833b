// AES-GCM in plain 64-bit integers, for any machine, and the reference that the other kernels are compared
// with. There is no table: AES is bitsliced, four blocks at a time, GHASH multiplies integers whose bits are
// spread apart. Time and addresses do not depend on secrets, given a multiplier of constant time (every
// 64-bit core since 2008).
#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {
namespace {

#include "rss/crypto/aes_gcm/parts.hpp"

using Word = std::uint64_t;

// Bitsliced AES. Plane b, bit 16 k + i holds bit b of byte i of block k; byte i is row i % 4, column i / 4.

/// Bit c of byte r becomes bit r of byte c.
inline Word transpose_bits(Word x) {
    Word t = (x ^ (x >> 7)) & 0x00AA'00AA'00AA'00AA;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000'CCCC'0000'CCCC;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x0000'0000'F0F0'F0F0;
    return x ^ t ^ (t << 28);
}

/// Byte b of w[j] becomes byte j of w[b].
inline void transpose_bytes(Word (&w)[8]) {
    const Word masks[3] = {0x00FF'00FF'00FF'00FF, 0x0000'FFFF'0000'FFFF, 0x0000'0000'FFFF'FFFF};
    for (unsigned step = 0; step < 3; ++step) {
        const unsigned distance = 1U << step, shift = 8U << step;
        for (unsigned j = 0; j < 8; ++j) {
            if ((j & distance) != 0) continue;
            const Word t = ((w[j] >> shift) ^ w[j + distance]) & masks[step];
            w[j + distance] ^= t;
            w[j] ^= t << shift;
        }
    }
}

inline void to_planes(Word (&w)[8]) {
    for (Word& word : w) word = transpose_bits(word);
    transpose_bytes(w);
}
inline void from_planes(Word (&w)[8]) {
    transpose_bytes(w);
    for (Word& word : w) word = transpose_bits(word);
}

/// SubBytes: the 113-gate circuit of Boyar and Peralta, "A new combinational logic minimization technique
/// with applications to cryptology" (2010), in the paper's names. x0 is the most significant bit.
inline void sub_bytes(Word (&q)[8]) {
    // clang-format off
    const Word x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
    const Word y14 = x3 ^ x5,   y13 = x0 ^ x6,   y9  = x0 ^ x3,   y8  = x0 ^ x5,   u0  = x1 ^ x2;
    const Word y1  = u0 ^ x7,   y4  = y1 ^ x3,   y12 = y13 ^ y14, y2  = y1 ^ x0,   y5  = y1 ^ x6;
    const Word y3  = y5 ^ y8,   u1  = x4 ^ y12,  y15 = u1 ^ x5,   y20 = u1 ^ x1,   y6  = y15 ^ x7;
    const Word y10 = y15 ^ u0,  y11 = y20 ^ y9,  y7  = x7 ^ y11,  y17 = y10 ^ y11, y19 = y10 ^ y8;
    const Word y16 = u0 ^ y11,  y21 = y13 ^ y16, y18 = x0 ^ y16;

    const Word t2  = y12 & y15, t3  = y3 & y6,   t4  = t3 ^ t2,   t5  = y4 & x7,   t6  = t5 ^ t2;
    const Word t7  = y13 & y16, t8  = y5 & y1,   t9  = t8 ^ t7,   t10 = y2 & y7,   t11 = t10 ^ t7;
    const Word t12 = y9 & y11,  t13 = y14 & y17, t14 = t13 ^ t12, t15 = y8 & y10,  t16 = t15 ^ t12;
    const Word t17 = t4 ^ t14,  t18 = t6 ^ t16,  t19 = t9 ^ t14,  t20 = t11 ^ t16;
    const Word t21 = t17 ^ y20, t22 = t18 ^ y19, t23 = t19 ^ y21, t24 = t20 ^ y18;
    const Word t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t28 = t25 & t27, t29 = t28 ^ t22;
    const Word t30 = t23 ^ t24, t31 = t22 ^ t26, t32 = t31 & t30, t33 = t32 ^ t24, t34 = t23 ^ t33;
    const Word t35 = t27 ^ t33, t36 = t24 & t35, t37 = t36 ^ t34, t38 = t27 ^ t36, t39 = t29 & t38;
    const Word t40 = t25 ^ t39, t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37;
    const Word t45 = t42 ^ t41;

    const Word z0  = t44 & y15, z1  = t37 & y6,  z2  = t33 & x7,  z3  = t43 & y16, z4  = t40 & y1;
    const Word z5  = t29 & y7,  z6  = t42 & y11, z7  = t45 & y17, z8  = t41 & y10, z9  = t44 & y12;
    const Word z10 = t37 & y3,  z11 = t33 & y4,  z12 = t43 & y13, z13 = t40 & y5,  z14 = t29 & y2;
    const Word z15 = t42 & y9,  z16 = t45 & y14, z17 = t41 & y8;

    const Word t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13,  t49 = z9 ^ z10,  t50 = z2 ^ z12;
    const Word t51 = z2 ^ z5,   t52 = z7 ^ z8,   t53 = z0 ^ z3,   t54 = z6 ^ z7,   t55 = z16 ^ z17;
    const Word t56 = z12 ^ t48, t57 = t50 ^ t53, t58 = z4 ^ t46,  t59 = z3 ^ t54,  t60 = t46 ^ t57;
    const Word t61 = z14 ^ t57, t62 = t52 ^ t58, t63 = t49 ^ t58, t64 = z4 ^ t59,  t65 = t61 ^ t62;
    const Word t66 = z1 ^ t63,  t67 = t64 ^ t65;
    const Word s0 = t59 ^ t63,  s3 = t53 ^ t66,  s4 = t51 ^ t66,  s5 = t47 ^ t65;
    q[7] = s0;         q[6] = t64 ^ ~s3;  q[5] = t55 ^ ~t67; q[4] = s3;
    q[3] = s4;         q[2] = s5;         q[1] = t56 ^ ~t62; q[0] = t48 ^ ~t60;
    // clang-format on
}

/// Row r turns by r columns: within each block's 16 bits, the row's bits turn right by 4 r.
inline void shift_rows(Word (&q)[8]) {
    for (Word& x : q) {
        x = (x & 0x1111'1111'1111'1111) |                                               //
            ((x >> 4) & 0x0222'0222'0222'0222) | ((x << 12) & 0x2000'2000'2000'2000) |  //
            ((x >> 8) & 0x0044'0044'0044'0044) | ((x << 8) & 0x4400'4400'4400'4400) |   //
            ((x >> 12) & 0x0008'0008'0008'0008) | ((x << 4) & 0x8880'8880'8880'8880);
    }
}

/// The rows below by one and by two, in every column.
inline Word next_row(Word x) {
    return ((x >> 1) & 0x7777'7777'7777'7777) | ((x << 3) & 0x8888'8888'8888'8888);
}
inline Word row_after(Word x) {
    return ((x >> 2) & 0x3333'3333'3333'3333) | ((x << 2) & 0xCCCC'CCCC'CCCC'CCCC);
}

/// a'[r] = 2 (a[r] + a[r+1]) + a[r+1] + (a[r+2] + a[r+3]).
inline void mix_columns(Word (&q)[8]) {
    Word next[8], pair[8];
    for (int b = 0; b < 8; ++b) {
        next[b] = next_row(q[b]);
        pair[b] = q[b] ^ next[b];
    }
    const Word top = pair[7];
    const Word doubled[8] = {top,           pair[0] ^ top, pair[1], pair[2] ^ top,
                             pair[3] ^ top, pair[4],       pair[5], pair[6]};
    for (int b = 0; b < 8; ++b) q[b] = doubled[b] ^ next[b] ^ row_after(pair[b]);
}

/// The low 64 bits of the carry-less product. Each operand is cut into four numbers that use every fourth
/// bit: sums of up to fifteen products cannot reach the next used bit, and a sixteenth occurs only at bit 60,
/// where it falls out.
inline Word multiply_low(Word x, Word y) {
    const Word m0 = 0x1111'1111'1111'1111, m1 = m0 << 1, m2 = m0 << 2, m3 = m0 << 3;
    const Word x0 = x & m0, x1 = x & m1, x2 = x & m2, x3 = x & m3;
    const Word y0 = y & m0, y1 = y & m1, y2 = y & m2, y3 = y & m3;
    return (((x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)) & m0) |
           (((x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)) & m1) |
           (((x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)) & m2) |
           (((x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)) & m3);
}

inline Word reverse_bits(Word x) {
    x = ((x >> 1) & 0x5555'5555'5555'5555) | ((x & 0x5555'5555'5555'5555) << 1);
    x = ((x >> 2) & 0x3333'3333'3333'3333) | ((x & 0x3333'3333'3333'3333) << 2);
    x = ((x >> 4) & 0x0F0F'0F0F'0F0F'0F0F) | ((x & 0x0F0F'0F0F'0F0F'0F0F) << 4);
    return __builtin_bswap64(x);
}

struct Isa {
    struct Block {
        Word low, high;  // bytes 0..7 and 8..15, little-endian
    };
    using Vec = Block;
    [[maybe_unused]] static constexpr int kLanes = 1, kGroup = 4, kGroupsASum = 1, kTail = 4,
                                          kSparePowers = 4;
    static constexpr std::size_t kStackBytes = 4096, kShortStackBytes = 4096;

    static Block words(Words w) { return {w.low, w.high}; }
    static Words words_of(Block v) { return {v.low, v.high}; }
    static Block load_block(const std::uint8_t* p) { return {load_word<Word>(p), load_word<Word>(p + 8)}; }
    static Block load(const std::uint8_t* p) { return load_block(p); }
    static Block load_iv(const std::uint8_t* p) {
        return {load_word<Word>(p), load_word<std::uint32_t>(p + 8)};
    }
    static Block load_part(const std::uint8_t* p, std::size_t size) {
        return words(aes_gcm::load_part(p, size));
    }
    static void store(std::uint8_t* p, Block v) {
        store_word(p, v.low);
        store_word(p + 8, v.high);
    }
    static void store_part(std::uint8_t* p, Block v, std::size_t size) {
        aes_gcm::store_part(p, words_of(v), size);
    }
    static Block keep(Block v, std::size_t size) {
        const Block mask = load_block(kKeep + 16 - size);
        return {v.low & mask.low, v.high & mask.high};
    }
    static Block add(Block a, Block b) { return {a.low ^ b.low, a.high ^ b.high}; }
    static Block reversed(Block v) { return {__builtin_bswap64(v.high), __builtin_bswap64(v.low)}; }
    static Block widen(Block v) { return v; }
    static void forget_registers() {}  // general registers are used again at once by whatever follows
};

using Vec = Isa::Vec;
using Block = Isa::Block;
constexpr int kLanes = Isa::kLanes;
constexpr std::size_t kVecBytes = 16;
constexpr std::size_t kSumVectors = Isa::kGroup;
constexpr std::size_t kPowers = kSumVectors + Isa::kSparePowers;

// GHASH.

struct HashKey {
    Word high, low, mid, high_reversed, low_reversed, mid_reversed;
};
/// Highest first, as in clmul.hpp.
struct Powers {
    HashKey descending[kPowers];
};
inline const HashKey& power(const Powers& powers, std::size_t left) {
    return powers.descending[kPowers - left];
}

/// Products of the high halves, the low halves and the half sums; the upper 64 bits of each are kept
/// reversed, because the product of the reversed operands is the reversed product.
using Sum = HashKey;
inline Sum empty_sum() { return {}; }

inline void multiply(Sum& sum, Block a, const HashKey& b) {
    const Word high = reverse_bits(a.high), low = reverse_bits(a.low);
    sum.high ^= multiply_low(a.high, b.high);
    sum.low ^= multiply_low(a.low, b.low);
    sum.mid ^= multiply_low(a.high ^ a.low, b.mid);
    sum.high_reversed ^= multiply_low(high, b.high_reversed);
    sum.low_reversed ^= multiply_low(low, b.low_reversed);
    sum.mid_reversed ^= multiply_low(high ^ low, b.mid_reversed);
}
inline Block reduce(const Sum& sum) {
    // A product of two 64-bit polynomials has 127 bits: the reversed one ends one bit early.
    const Word low1 = reverse_bits(sum.low_reversed) >> 1, high1 = reverse_bits(sum.high_reversed) >> 1;
    const Word mid0 = sum.mid ^ sum.low ^ sum.high;
    const Word mid1 = (reverse_bits(sum.mid_reversed) >> 1) ^ low1 ^ high1;
    Word v[4] = {sum.low, low1 ^ mid0, sum.high ^ mid1, high1};
    // x^128 = x^7 + x^2 + x + 1: the two low words hold the powers above 127.
    for (int i = 0; i < 2; ++i) {
        v[i + 2] ^= v[i] ^ (v[i] >> 1) ^ (v[i] >> 2) ^ (v[i] >> 7);
        v[i + 1] ^= (v[i] << 63) ^ (v[i] << 62) ^ (v[i] << 57);
    }
    return {v[2], v[3]};
}
inline HashKey hash_key(Block h) {
    const Word mid = h.high ^ h.low;
    return {h.high, h.low, mid, reverse_bits(h.high), reverse_bits(h.low), reverse_bits(mid)};
}

inline void absorb(Sum& sum, Vec x, const Powers& powers, std::size_t left) {
    multiply(sum, x, power(powers, left));
}
inline void absorb_block(Sum& sum, Block x, const Powers& powers, std::size_t left) {
    absorb(sum, x, powers, left);
}
inline void absorb_pair(Sum& sum, Vec x0, Vec x1, const Powers& powers, std::size_t left) {
    absorb(sum, x0, powers, left);
    absorb(sum, x1, powers, left - 1);
}
inline void absorb_pair_ends(Sum& sum, Vec x0, Vec x1, const Powers& powers, std::size_t pair) {
    absorb_pair(sum, x0, x1, powers, kSumVectors - 2 * pair);
}
/// There is nothing to put between rounds of AES here: a bitsliced group is encrypted in one go.
inline void absorb_pair_middles(Sum&, Vec, Vec, const Powers&, std::size_t) {}

inline std::size_t make_powers(Powers& powers, Block h, std::size_t wanted) {
    const HashKey first = hash_key(h);
    powers.descending[kPowers - 1] = first;
    std::size_t have = 1;
    for (; have < wanted && have < kPowers; ++have) {
        Sum sum = empty_sum();
        multiply(sum, h, first);
        h = reduce(sum);
        powers.descending[kPowers - 1 - have] = hash_key(h);
    }
    return have;
}

// AES.

struct Keys {
    Word round[15][8];  // planes
};

inline std::uint32_t sub_word(std::uint32_t word) {
    Word q[8] = {word};
    to_planes(q);
    sub_bytes(q);
    from_planes(q);
    return static_cast<std::uint32_t>(q[0]);
}
/// FIPS 197 5.2; words little-endian, so that byte 0 is the low one.
template <int rounds>
void expand(Keys& keys, const std::uint8_t* key) {
    constexpr int kLength = rounds == 10 ? 4 : 8;
    std::uint32_t w[4 * (rounds + 1)];
    for (int i = 0; i < kLength; ++i) w[i] = load_word<std::uint32_t>(key + 4 * i);
    unsigned constant = 1;
    for (int i = kLength; i < 4 * (rounds + 1); ++i) {
        std::uint32_t t = w[i - 1];
        if (i % kLength == 0) {
            t = sub_word(t >> 8 | t << 24) ^ constant;
            constant = (constant << 1) ^ ((constant >> 7) * 0x11B);
        } else if (kLength == 8 && i % 8 == 4) {
            t = sub_word(t);
        }
        w[i] = w[i - kLength] ^ t;
    }
    for (int r = 0; r <= rounds; ++r) {
        Word(&q)[8] = keys.round[r];
        for (int j = 0; j < 8; ++j) {
            const std::uint32_t* half = w + 4 * r + 2 * (j % 2);
            q[j] = Word{half[0]} | Word{half[1]} << 32;
        }
        to_planes(q);
    }
}

inline void add_key(Word (&q)[8], const Word (&key)[8]) {
    for (int b = 0; b < 8; ++b) q[b] ^= key[b];
}
/// Up to four blocks at once; the places left over carry zeros.
template <int rounds, int n, class Between>
void encrypt(const Keys& keys, Vec (&c)[n], const Between& between) {
    Word q[8] = {};
    for (int k = 0; k < n; ++k) {
        q[2 * k] = c[k].low;
        q[2 * k + 1] = c[k].high;
    }
    to_planes(q);
    add_key(q, keys.round[0]);
    for (int r = 1; r < rounds; ++r) {
        sub_bytes(q);
        shift_rows(q);
        mix_columns(q);
        add_key(q, keys.round[r]);
    }
    sub_bytes(q);
    shift_rows(q);
    add_key(q, keys.round[rounds]);
    from_planes(q);
    for (int k = 0; k < n; ++k) c[k] = {q[2 * k], q[2 * k + 1]};
    for (int r = 1; r < rounds; ++r) between(r);
}
template <int rounds>
Block encrypt_one(const Keys& keys, Block v) {
    Vec c[1] = {v};
    encrypt<rounds>(keys, c, [](int) {});
    return c[0];
}
template <int rounds>
Vec finish(const Keys&, Vec keystream, Vec data) {
    return Isa::add(keystream, data);
}

template <int n, class Counter>
void counter_blocks(Vec (&c)[n], const Counter& counter) {
    for (int i = 0; i < n; ++i) {
        const std::uint32_t value = counter.next + static_cast<std::uint32_t>(i);
        c[i] = {counter.prefix.low, counter.prefix.high | Word{__builtin_bswap32(value)} << 32};
    }
}

#include "rss/crypto/aes_gcm/body.hpp"

}  // namespace

const Kernel kernel_portable = kernel_called("portable", 0);

}  // namespace h7::aes_gcm

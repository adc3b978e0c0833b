// AES by instructions and GHASH by a carry-less multiplier. Included by isa_*.cpp inside the unnamed
// namespace, after `struct Isa` (body.hpp says what that brings) and before body.hpp. The portable kernel has
// its own.
//
// Karatsuba: three products a block, because on the cores measured (docs/rss/aes-gcm.md) the multiplier, not
// AES, is the bottleneck. The sums of halves it needs are packed: one vector holds those of two.

using Vec = Isa::Vec;
using Block = Isa::Block;
constexpr int kLanes = Isa::kLanes;
constexpr std::size_t kVecBytes = 16 * kLanes;
constexpr std::size_t kSumVectors = std::size_t{Isa::kGroup} * Isa::kGroupsASum;
constexpr std::size_t kPowers = kSumVectors * kLanes + Isa::kSparePowers;

struct Keys {
    std::uint8_t round[15][16];
};

/// Powers of the hash key, divided by x (see body.hpp), highest first: those of a sum of n blocks are the
/// last n. The halves of `middles` belong to the vectors of a whole sum. Behind the last power something may
/// be read: it is multiplied with zero.
struct Powers {
    alignas(64) std::uint8_t descending[kPowers * 16];
    alignas(64) std::uint8_t middles[kSumVectors / 2][kVecBytes];
};

struct Sum {
    Vec low, middle, high;
};
H7_INLINE Sum empty_sum() {
    const Vec zero = Isa::widen(Isa::words({0, 0}));
    return {zero, zero, zero};
}

H7_INLINE const std::uint8_t* power(const Powers& powers, std::size_t left) {
    return powers.descending + 16 * (kPowers - left);
}

/// Folds the low 128 bits, which are the high powers of x, upwards in two steps of 64.
template <class V>
H7_INLINE V reduced(V low, V middle, V high, V polynomial) {
    const V first = Isa::add(middle, Isa::swap_halves(low), Isa::multiply_low(low, polynomial));
    return Isa::add(high, Isa::swap_halves(first), Isa::multiply_low(first, polynomial));
}
H7_INLINE Block block_polynomial() { return Isa::words({0xC200'0000'0000'0000U, 0xC200'0000'0000'0000U}); }

H7_INLINE Block reduce(const Sum& sum) {
    const Vec middle = Isa::add(sum.middle, sum.low, sum.high);
    return reduced(Isa::fold(sum.low), Isa::fold(middle), Isa::fold(sum.high), block_polynomial());
}

template <class V>
H7_INLINE V halves_added(V v) {
    return Isa::add(v, Isa::swap_halves(v));
}
template <class V>
H7_INLINE V halves_added(V a, V b) {
    return Isa::add(Isa::low_halves(a, b), Isa::high_halves(a, b));
}
template <class V>
H7_INLINE V product(V a, V b, V polynomial) {
    const V low = Isa::multiply_low(a, b), high = Isa::multiply_high(a, b);
    const V middle = Isa::multiply_low(halves_added(a), halves_added(b));
    return reduced(low, Isa::add(middle, low, high), high, polynomial);
}

/// sum += x * the powers for `left` blocks to come. One block, one vector, two vectors.
H7_INLINE void absorb_block(Sum& sum, Block x, const Powers& powers, std::size_t left) {
    const Block h = Isa::load_block(power(powers, left));
    sum.low = Isa::add(sum.low, Isa::widen(Isa::multiply_low(x, h)));
    sum.high = Isa::add(sum.high, Isa::widen(Isa::multiply_high(x, h)));
    sum.middle = Isa::add(sum.middle, Isa::widen(Isa::multiply_low(halves_added(x), halves_added(h))));
}
H7_INLINE void absorb(Sum& sum, Vec x, const Powers& powers, std::size_t left) {
    const Vec h = Isa::load(power(powers, left));
    sum.low = Isa::add(sum.low, Isa::multiply_low(x, h));
    sum.high = Isa::add(sum.high, Isa::multiply_high(x, h));
    sum.middle = Isa::add(sum.middle, Isa::multiply_low(halves_added(x), halves_added(h)));
}
H7_INLINE void absorb_middles(Sum& sum, Vec x, Vec h) {
    sum.middle = Isa::add(sum.middle, Isa::multiply_low(x, h), Isa::multiply_high(x, h));
}
H7_INLINE void absorb_ends(Sum& sum, Vec x0, Vec x1, Vec h0, Vec h1) {
    sum.low = Isa::add(sum.low, Isa::multiply_low(x0, h0), Isa::multiply_low(x1, h1));
    sum.high = Isa::add(sum.high, Isa::multiply_high(x0, h0), Isa::multiply_high(x1, h1));
}
H7_INLINE void absorb_pair(Sum& sum, Vec x0, Vec x1, const Powers& powers, std::size_t left) {
    const Vec h0 = Isa::load(power(powers, left)), h1 = Isa::load(power(powers, left) + kVecBytes);
    absorb_ends(sum, x0, x1, h0, h1);
    absorb_middles(sum, halves_added(x0, x1), halves_added(h0, h1));
}
/// The same for pair `pair` of a whole sum, in two steps to be put between rounds of AES.
H7_INLINE void absorb_pair_ends(Sum& sum, Vec x0, Vec x1, const Powers& powers, std::size_t pair) {
    const std::uint8_t* h = power(powers, kSumVectors * kLanes) + 2 * pair * kVecBytes;
    absorb_ends(sum, x0, x1, Isa::load(h), Isa::load(h + kVecBytes));
}
H7_INLINE void absorb_pair_middles(Sum& sum, Vec x0, Vec x1, const Powers& powers, std::size_t pair) {
    absorb_middles(sum, halves_added(x0, x1), Isa::load(powers.middles[pair]));
}

/// At least `wanted` powers of h (all when that is much), by doubling; answers how many, a multiple of
/// kLanes.
H7_INLINE std::size_t make_powers(Powers& powers, Block h, std::size_t wanted) {
    std::uint8_t* const end = powers.descending + sizeof powers.descending;
    // The first vector is put together in registers: memory would have to wait for its parts.
    Block first[kLanes];
    first[kLanes - 1] = h;
#pragma GCC unroll 4
    for (int e = 2; e <= kLanes; ++e)
        first[kLanes - e] = product(first[kLanes - e / 2], first[kLanes - (e - e / 2)], block_polynomial());
    Isa::store(end - kVecBytes, Isa::joined(first));
    std::size_t have = kLanes;
    const Vec polynomial = Isa::broadcast(block_polynomial());
    while (have < wanted && have < kPowers) {
        const Vec factor = Isa::broadcast(Isa::load_block(end - 16 * have));
        const std::size_t more = kPowers - have < have ? kPowers - have : have;
        for (std::size_t i = kLanes; i <= more; i += kLanes)
            Isa::store(end - 16 * (have + i), product(Isa::load(end - 16 * i), factor, polynomial));
        have += more;
    }
    if (have == kPowers) {
        for (std::size_t pair = 0; pair < kSumVectors / 2; ++pair) {
            const std::uint8_t* both = power(powers, kSumVectors * kLanes) + 2 * pair * kVecBytes;
            Isa::store(powers.middles[pair], halves_added(Isa::load(both), Isa::load(both + kVecBytes)));
        }
    }
    return have;
}

/// FIPS 197 5.2. One round key from the one before it (or two before it): the running XOR of its words, plus
/// a substituted word.
template <int rounds>
H7_INLINE void expand(Keys& keys, const std::uint8_t* key) {
    constexpr int kWords = rounds == 10 ? 1 : 2;  // key length in blocks
    Block round[rounds + 1];
    for (int i = 0; i < kWords; ++i) round[i] = Isa::load_block(key + 16 * i);
    unsigned constant = 1;
#pragma GCC unroll 15
    for (int i = kWords; i <= rounds; ++i) {
        const bool rotate = kWords == 1 || i % 2 == 0;
        Block a = round[i - kWords];
        a = Isa::add(a, Isa::template shift_up<4>(a));
        a = Isa::add(a, Isa::template shift_up<8>(a));
        round[i] = Isa::add(a, Isa::sub_word(round[i - 1], rotate, rotate ? constant : 0));
        if (rotate) constant = (constant << 1) ^ ((constant >> 7) * 0x11B);
    }
#pragma GCC unroll 15
    for (int i = 0; i <= rounds; ++i) Isa::store(keys.round[i], round[i]);
}

H7_INLINE Block block_key(const Keys& keys, int round) { return Isa::load_block(keys.round[round]); }
H7_INLINE Vec vector_key(const Keys& keys, int round) { return Isa::broadcast(block_key(keys, round)); }

template <int rounds>
H7_INLINE Block encrypt_one(const Keys& keys, Block v) {
    v = Isa::first_round(v, block_key(keys, 0));
#pragma GCC unroll 15
    for (int r = 1; r < rounds; ++r) v = Isa::round(v, block_key(keys, r - Isa::kKeyOfRound));
    return Isa::last_round(v, block_key(keys, rounds - 1), block_key(keys, rounds));
}

/// All rounds but the last, `between(r)` after round r. The fence keeps the compiler from moving AES and
/// GHASH apart again.
template <int rounds, int n, class Between>
H7_INLINE void encrypt(const Keys& keys, Vec (&c)[n], const Between& between) {
    const Vec whitening = vector_key(keys, 0);
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) c[i] = Isa::first_round(c[i], whitening);
#pragma GCC unroll 15
    for (int r = 1; r < rounds; ++r) {
        const Vec key = vector_key(keys, r - Isa::kKeyOfRound);
#pragma GCC unroll 16
        for (int i = 0; i < n; ++i) c[i] = Isa::round(c[i], key);
        between(r);
#pragma GCC unroll 16
        for (int i = 0; i < n; ++i) c[i] = Isa::fence(c[i]);
    }
}
/// The last round, and the keystream added to the data.
template <int rounds>
H7_INLINE Vec finish(const Keys& keys, Vec c, Vec data) {
    return Isa::last_round(c, vector_key(keys, rounds - 1), Isa::add(vector_key(keys, rounds), data));
}

/// The counter blocks of n vectors. A counter that comes from the hash of a longer IV is as secret as the
/// hash key: whether its last byte carries may decide nothing.
template <int n, class Counter>
H7_INLINE void counter_blocks(Vec (&c)[n], const Counter& counter) {
    const Words start{0, std::uint64_t{__builtin_bswap32(counter.next)} << 32};
    const Vec base = Isa::broadcast(Isa::add(counter.prefix, Isa::words(start)));
    if (counter.is_public && (counter.next & 0xFF) + n * kLanes <= 256) {
        // Only the last byte changes: its place is the top of a word.
#pragma GCC unroll 16
        for (int i = 0; i < n; ++i) c[i] = Isa::add_32(base, Isa::last_byte(i * kLanes));
    } else {
        Vec next = Isa::add_32(Isa::reversed(base), Isa::lane_numbers());
#pragma GCC unroll 16
        for (int i = 0; i < n; ++i) {
            c[i] = Isa::reversed(next);
            next = Isa::add_32(next, Isa::broadcast(Isa::words({kLanes, 0})));
        }
    }
}

// The one AES-GCM algorithm, included by each isa_*.cpp inside an unnamed namespace after its `struct Isa`.
// No #include, nothing of std:: here (see kernel.hpp).
//
// Isa brings:
//   Vec                        one block; load/store in wire order
//   kGroup                     blocks encrypted side by side
//   Keys, expand, encrypt      round keys; encrypt(keys, Vec (&)[kGroup]) in place
//   reversed(Vec)              bytes reversed: wire order <-> the polynomial with x^0 in the top bit
//   words, high, low           a polynomial from and to its two 64-bit halves
//   HashKey, hash_key(Vec)     a polynomial prepared for being multiplied with
//   Product, multiply, reduce  unreduced sum of products: sum += a * b * x; then one reduction
//
// Polynomials are "reflected" as GCM has them: bit 127 is x^0. A plain carry-less product of two such numbers
// comes out one bit low, that is times x; hash keys are therefore kept divided by x, and the factor cancels.

using Vec = Isa::Vec;
constexpr int kGroup = Isa::kGroup;

struct State {
    Isa::Keys keys;
    Isa::HashKey powers[kGroup];  // powers[i] = H^(i+1) / x
};
static_assert(sizeof(State) <= 2048, "Key::state_ is too small for this kernel");

/// h / x. The bit that falls out at the top is x^-1 = x^127 + x^6 + x + 1.
inline Vec divided_by_x(Vec h) {
    const std::uint64_t high = Isa::high(h), low = Isa::low(h);
    const std::uint64_t carry = 0 - (high >> 63);
    return Isa::words((high << 1 | low >> 63) ^ (carry & 0xC200'0000'0000'0000U), (low << 1) ^ (carry & 1U));
}

/// One block on its own: the other lanes of the group carry zeros.
inline Vec encrypt_one(const State& state, Vec block) {
    Vec group[kGroup];
    for (int i = 0; i < kGroup; ++i) group[i] = Isa::words(0, 0);
    group[0] = block;
    Isa::encrypt(state.keys, group);
    return group[0];
}

void set_key(void* memory, const std::uint8_t* key, unsigned rounds) {
    State& state = *static_cast<State*>(memory);
    Isa::expand(state.keys, key, rounds);
    const Vec h = divided_by_x(Isa::reversed(encrypt_one(state, Isa::words(0, 0))));
    state.powers[0] = Isa::hash_key(h);
    Vec power = h;
    for (int i = 1; i < kGroup; ++i) {
        typename Isa::Product product{};
        Isa::multiply(product, power, state.powers[0]);
        power = Isa::reduce(product);
        state.powers[i] = Isa::hash_key(power);
    }
    Isa::forget_registers();
}

void encrypt_block(const void* memory, const std::uint8_t* in, std::uint8_t* out) {
    Isa::store(out, encrypt_one(*static_cast<const State*>(memory), Isa::load(in)));
    Isa::forget_registers();
}

/// hash = (hash + in[0]) * H^n + in[1] * H^(n-1) + .. + in[n-1] * H, n <= kGroup, one reduction.
inline Vec hash_few(const State& state, Vec hash, const std::uint8_t* in, int n) {
    typename Isa::Product sum{};
    for (int i = 0; i < n; ++i) {
        Vec block = Isa::reversed(Isa::load(in + 16 * i));
        if (i == 0) block = Isa::add(block, hash);
        Isa::multiply(sum, block, state.powers[n - 1 - i]);
    }
    return Isa::reduce(sum);
}

/// The fixed size lets the compiler unroll and keep the sums in registers.
inline Vec hash_group(const State& state, Vec hash, const std::uint8_t* in) {
    typename Isa::Product sum{};
#pragma GCC unroll 8
    for (int i = 0; i < kGroup; ++i) {
        Vec block = Isa::reversed(Isa::load(in + 16 * i));
        if (i == 0) block = Isa::add(block, hash);
        Isa::multiply(sum, block, state.powers[kGroup - 1 - i]);
    }
    return Isa::reduce(sum);
}

/// The counter blocks of one group; `prefix` has zeros in its last four bytes.
inline void counter_blocks(Vec prefix, std::uint32_t counter, Vec (&group)[kGroup]) {
#pragma GCC unroll 8
    for (int i = 0; i < kGroup; ++i)
        group[i] = Isa::with_counter(prefix, counter + static_cast<std::uint32_t>(i));
}

inline std::uint32_t counter_of(const std::uint8_t* block) {
    return static_cast<std::uint32_t>(block[12]) << 24 | static_cast<std::uint32_t>(block[13]) << 16 |
           static_cast<std::uint32_t>(block[14]) << 8 | block[15];
}
inline void set_counter(std::uint8_t* block, std::uint32_t counter) {
    for (int i = 0; i < 4; ++i) block[12 + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i));
}

enum class Way { ctr, seal, open };

/// Counter mode over whole blocks, hashing the ciphertext beside it. In place is allowed: every group is
/// read, and when opening hashed, before it is overwritten.
template <Way way>
inline void run(const State& state, std::uint8_t* hash_bytes, std::uint8_t* counter_block,
                const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
    std::uint32_t counter = counter_of(counter_block);
    const Vec prefix = Isa::without_counter(Isa::load(counter_block));
    Vec hash = way == Way::ctr ? Isa::words(0, 0) : Isa::reversed(Isa::load(hash_bytes));
    Vec group[kGroup];

    while (blocks >= kGroup) {
        counter_blocks(prefix, counter, group);
        if constexpr (way == Way::open) hash = hash_group(state, hash, in);
        Isa::encrypt(state.keys, group);
#pragma GCC unroll 8
        for (int i = 0; i < kGroup; ++i) Isa::store(out + 16 * i, Isa::add(Isa::load(in + 16 * i), group[i]));
        if constexpr (way == Way::seal) hash = hash_group(state, hash, out);
        in += 16 * kGroup;
        out += 16 * kGroup;
        counter += kGroup;
        blocks -= kGroup;
    }
    if (blocks > 0) {
        const int n = static_cast<int>(blocks);
        counter_blocks(prefix, counter, group);
        if constexpr (way == Way::open) hash = hash_few(state, hash, in, n);
        Isa::encrypt(state.keys, group);
        for (int i = 0; i < n; ++i) Isa::store(out + 16 * i, Isa::add(Isa::load(in + 16 * i), group[i]));
        if constexpr (way == Way::seal) hash = hash_few(state, hash, out, n);
        counter += static_cast<std::uint32_t>(n);
    }
    set_counter(counter_block, counter);
    if constexpr (way != Way::ctr) Isa::store(hash_bytes, Isa::reversed(hash));
    Isa::forget(group);
    Isa::forget_registers();
}

void hash_blocks(const void* memory, std::uint8_t* hash_bytes, const std::uint8_t* in, std::size_t blocks) {
    const State& state = *static_cast<const State*>(memory);
    Vec hash = Isa::reversed(Isa::load(hash_bytes));
    for (; blocks >= kGroup; blocks -= kGroup, in += 16 * kGroup) hash = hash_group(state, hash, in);
    if (blocks > 0) hash = hash_few(state, hash, in, static_cast<int>(blocks));
    Isa::store(hash_bytes, Isa::reversed(hash));
    Isa::forget_registers();
}

void ctr_blocks(const void* memory, std::uint8_t* counter, const std::uint8_t* in, std::uint8_t* out,
                std::size_t blocks) {
    run<Way::ctr>(*static_cast<const State*>(memory), nullptr, counter, in, out, blocks);
}
void seal_blocks(const void* memory, std::uint8_t* hash, std::uint8_t* counter, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks) {
    run<Way::seal>(*static_cast<const State*>(memory), hash, counter, in, out, blocks);
}
void open_blocks(const void* memory, std::uint8_t* hash, std::uint8_t* counter, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks) {
    run<Way::open>(*static_cast<const State*>(memory), hash, counter, in, out, blocks);
}

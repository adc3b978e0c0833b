// The one AES-GCM algorithm, included by each isa_*.cpp inside its unnamed namespace, last. No #include,
// nothing of std:: here (see kernel.hpp).
//
// From `struct Isa`:
//   Block, Vec, kLanes         one block; kLanes blocks side by side
//   kGroup                     vectors encrypted side by side while a group's worth is hashed (even)
//   kGroupsASum                groups that share one reduction
//   kTail                      vectors side by side where no whole group is left
//   kSparePowers               powers beyond a sum: short messages become one sum with AAD and lengths
//   load, load_block, load_part, store, store_part, keep, load_iv, words, words_of, add, reversed, widen
// From clmul.hpp, or isa_portable.cpp's own:
//   Keys, expand, encrypt_one, encrypt, finish, counter_blocks
//   Powers, make_powers, Sum, absorb.., reduce
//
// Polynomials are "reflected" as GCM has them: bit 127 is x^0. A plain carry-less product of two such numbers
// comes out one bit low, that is times x; hash keys are therefore kept divided by x, and the factor cancels.
//
// A sum: (hash + b1) H^n + b2 H^(n-1) + .. + bn H, one reduction at its end. `left` is the number of blocks
// that are still to come in it, which is the next block's power.

constexpr std::size_t kGroupBytes = Isa::kGroup * kVecBytes;
constexpr std::size_t kSumBytes = Isa::kGroupsASum * kGroupBytes;
static_assert(Isa::kGroup % 2 == 0 && Isa::kSparePowers % kLanes == 0);

struct alignas(64) State {
    Keys keys;
    unsigned rounds;
    std::size_t ready;  // powers that were made, kPowers when all
    Powers powers;
};
static_assert(sizeof(State) <= kStateBytes, "a Key has too little room for this kernel");

enum class Way { ctr, seal, open };

H7_INLINE Block zero_block() { return Isa::words({0, 0}); }

/// h / x. The bit that falls out at the top is x^-1 = x^127 + x^6 + x + 1.
H7_INLINE Block divided_by_x(Block h) {
    const Words w = Isa::words_of(h);
    const std::uint64_t carry = 0 - (w.high >> 63);
    return Isa::words(
        {(w.low << 1) ^ (carry & 1U), (w.high << 1 | w.low >> 63) ^ (carry & 0xC200'0000'0000'0000U)});
}

struct Counter {
    Block prefix;  // zeros in its last four bytes
    std::uint32_t next;
    bool is_public;  // see counter_blocks
};
H7_INLINE Counter counter_of(const std::uint8_t* block, bool is_public) {
    return {Isa::keep(Isa::load_block(block), 12), __builtin_bswap32(load_word<std::uint32_t>(block + 12)),
            is_public};
}
H7_INLINE Block block_of(Counter counter) {
    return Isa::add(counter.prefix, Isa::words({0, std::uint64_t{__builtin_bswap32(counter.next)} << 32}));
}

/// Blocks to be hashed: AAD, data, lengths.
H7_INLINE std::size_t message_blocks(const Message& message) {
    return (message.aad_bytes + 15) / 16 + (message.bytes + 15) / 16 + 1;
}

/// Adds `bytes` bytes, the last block filled up with zeros, to a sum; `hash` to the first block.
H7_INLINE void absorb_bytes(const State& state, Sum& sum, Block& hash, std::size_t& left,
                            const std::uint8_t* in, std::size_t bytes) {
    while (bytes > kVecBytes) {
        const std::size_t second = bytes < 2 * kVecBytes ? bytes - kVecBytes : kVecBytes;
        const Vec x0 = Isa::add(Isa::reversed(Isa::load(in)), Isa::widen(hash));
        const Vec x1 = Isa::reversed(Isa::load_part(in + kVecBytes, second));
        absorb_pair(sum, x0, x1, state.powers, left);
        left -= kLanes + (second + 15) / 16;
        hash = zero_block();
        in += kVecBytes + second;
        bytes -= kVecBytes + second;
    }
    if (bytes == 0) return;
    const Vec x = Isa::add(Isa::reversed(Isa::load_part(in, bytes)), Isa::widen(hash));
    absorb(sum, x, state.powers, left);
    left -= (bytes + 15) / 16;
    hash = zero_block();
}

/// The hash of `hash` and `bytes` bytes, the last block filled up with zeros.
[[gnu::noinline]] Block hash_bytes(const State& state, Block hash, const std::uint8_t* in,
                                   std::size_t bytes) {
    while (bytes > 0) {
        const std::size_t n = bytes < 16 * state.ready ? bytes : 16 * state.ready;
        std::size_t left = (n + 15) / 16;
        Sum sum = empty_sum();
        absorb_bytes(state, sum, hash, left, in, n);
        hash = reduce(sum);
        in += n;
        bytes -= n;
    }
    return hash;
}

/// `sums` times kSumBytes bytes: counter mode with the ciphertext hashed beside it, when sealing one group
/// behind. In place is fine: a group is read, and when opening hashed, before it is overwritten.
template <int rounds, Way way>
[[gnu::noinline]] Block run_sums(const State& state, Block hash, Counter counter, const std::uint8_t* in,
                                 std::uint8_t* out, std::size_t sums) {
    constexpr int kPairs = Isa::kGroup / 2;
    Vec c[Isa::kGroup];
    Vec x0 = Isa::widen(hash), x1 = x0;
    Sum sum = empty_sum();

    // Step 0..kGroup-1 of hashing group `slot` of a sum. The pair that waits for the previous sum's hash
    // comes last.
    const auto hash_step = [&](const std::uint8_t* from, int slot, int step) __attribute__((always_inline)) {
        const int pair = (step / 2 + 1) % kPairs;
        const auto index = static_cast<std::size_t>(slot * kPairs + pair);
        if (step % 2 == 0) {
            x0 = Isa::reversed(Isa::load(from + 2 * static_cast<std::size_t>(pair) * kVecBytes));
            x1 = Isa::reversed(Isa::load(from + (2 * static_cast<std::size_t>(pair) + 1) * kVecBytes));
            if (slot == 0 && pair == 0) x0 = Isa::add(x0, Isa::widen(hash));
            absorb_pair_ends(sum, x0, x1, state.powers, index);
        } else {
            absorb_pair_middles(sum, x0, x1, state.powers, index);
        }
    };
    const auto end_sum = [&]() __attribute__((always_inline)) {
        hash = reduce(sum);
        sum = empty_sum();
    };
    const auto crypt = [&](const auto& between) __attribute__((always_inline)) {
        counter_blocks(c, counter);
        counter.next += Isa::kGroup * kLanes;
        encrypt<rounds>(state.keys, c, between);
    };
    const auto write = [&]() __attribute__((always_inline)) {
#pragma GCC unroll 16
        for (int i = 0; i < Isa::kGroup; ++i) {
            const std::size_t at = static_cast<std::size_t>(i) * kVecBytes;
            Isa::store(out + at, finish<rounds>(state.keys, c[i], Isa::load(in + at)));
        }
        in += kGroupBytes;
        out += kGroupBytes;
    };
    const auto stitched = [&](const std::uint8_t* from, int slot) __attribute__((always_inline)) {
        crypt([&](int r) __attribute__((always_inline)) {
#pragma GCC unroll 16
            for (int s = (r - 1) * Isa::kGroup / (rounds - 1); s < r * Isa::kGroup / (rounds - 1); ++s)
                hash_step(from, slot, s);
        });
        if (slot == Isa::kGroupsASum - 1) end_sum();
        write();
    };
    const auto no_hash = [](int) {};

    if constexpr (way == Way::ctr) {
        for (sums *= Isa::kGroupsASum; sums > 0; --sums) {
            crypt(no_hash);
            write();
        }
    } else if constexpr (way == Way::open) {
        for (; sums > 0; --sums) {
#pragma GCC unroll 4
            for (int slot = 0; slot < Isa::kGroupsASum; ++slot) stitched(in, slot);
        }
    } else {
        crypt(no_hash);
        write();
        for (;; --sums) {
#pragma GCC unroll 4
            for (int slot = 0; slot < Isa::kGroupsASum - 1; ++slot) stitched(out - kGroupBytes, slot);
            if (sums == 1) break;
            stitched(out - kGroupBytes, Isa::kGroupsASum - 1);
        }
#pragma GCC unroll 16
        for (int s = 0; s < Isa::kGroup; ++s) hash_step(out - kGroupBytes, Isa::kGroupsASum - 1, s);
        end_sum();
    }
    return hash;
}

/// n vectors, the last one perhaps in part, within a sum.
template <int rounds, Way way, int n>
H7_INLINE void few(const State& state, Sum& sum, Block& hash, std::size_t& left, Counter& counter,
                   const std::uint8_t* in, std::uint8_t* out, std::size_t bytes) {
    Vec c[n];
    counter_blocks(c, counter);
    counter.next += static_cast<std::uint32_t>((bytes + 15) / 16);
    encrypt<rounds>(state.keys, c, [](int) {});
    const std::size_t last = bytes - (n - 1) * kVecBytes;
    Vec even = c[0];
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i) {
        const std::size_t at = static_cast<std::size_t>(i) * kVecBytes;
        const bool whole = i < n - 1;
        const Vec data = whole ? Isa::load(in + at) : Isa::load_part(in + at, last);
        const Vec result = finish<rounds>(state.keys, c[i], data);
        if (whole)
            Isa::store(out + at, result);
        else
            Isa::store_part(out + at, result, last);
        if constexpr (way == Way::ctr) continue;
        Vec x = Isa::reversed(way == Way::open ? data : whole ? result : Isa::keep(result, last));
        if (i == 0) x = Isa::add(x, Isa::widen(hash));
        if (i % 2 == 0)
            even = x;
        else
            absorb_pair(sum, even, x, state.powers, left - static_cast<std::size_t>(i - 1) * kLanes);
        if (i % 2 == 0 && !whole)
            absorb(sum, even, state.powers, left - static_cast<std::size_t>(i) * kLanes);
    }
    if constexpr (way != Way::ctr) {
        hash = zero_block();
        left -= (bytes + 15) / 16;
    }
}

template <int rounds, Way way, int n>
H7_INLINE void up_to(const State& state, Sum& sum, Block& hash, std::size_t& left, Counter& counter,
                     const std::uint8_t* in, std::uint8_t* out, std::size_t bytes) {
    if (bytes > (n - 1) * kVecBytes) {
        few<rounds, way, n>(state, sum, hash, left, counter, in, out, bytes);
    } else if constexpr (n > 1) {
        up_to<rounds, way, n - 1>(state, sum, hash, left, counter, in, out, bytes);
    }
}

/// Any number of bytes that the sum has room for.
template <int rounds, Way way>
H7_INLINE void crypt_bytes(const State& state, Sum& sum, Block& hash, std::size_t& left, Counter& counter,
                           const std::uint8_t* in, std::uint8_t* out, std::size_t bytes) {
    constexpr std::size_t kStep = Isa::kTail * kVecBytes;
    for (; bytes > kStep; in += kStep, out += kStep, bytes -= kStep)
        few<rounds, way, Isa::kTail>(state, sum, hash, left, counter, in, out, kStep);
    up_to<rounds, way, Isa::kTail>(state, sum, hash, left, counter, in, out, bytes);
}

/// SP 800-38D 7.1 step 2: the block before the first counter.
H7_INLINE Counter first_counter(const State& state, const std::uint8_t* iv, std::size_t bytes) {
    if (bytes == 12) return {Isa::load_iv(iv), 1, true};
    Block hash = hash_bytes(state, zero_block(), iv, bytes);
    Sum sum = empty_sum();
    absorb_block(sum, Isa::add(hash, Isa::words({8 * std::uint64_t{bytes}, 0})), state.powers, 1);
    hash = Isa::reversed(reduce(sum));
    return {Isa::keep(hash, 12),
            __builtin_bswap32(static_cast<std::uint32_t>(Isa::words_of(hash).high >> 32)), false};
}

/// The last sum of a message: what is left of the data, the lengths, and the tag.
template <int rounds, Way way>
H7_INLINE void finish_message(const State& state, Sum& sum, Block hash, std::size_t left, Counter counter,
                              const Message& message, std::size_t done, Block mask) {
    crypt_bytes<rounds, way>(state, sum, hash, left, counter, message.in + done, message.out + done,
                             message.bytes - done);
    const Block lengths =
        Isa::words({8 * std::uint64_t{message.bytes}, 8 * std::uint64_t{message.aad_bytes}});
    absorb_block(sum, Isa::add(hash, lengths), state.powers, 1);
    Isa::store(message.tag, Isa::add(Isa::reversed(reduce(sum)), mask));
}

/// AAD, data and lengths in one sum, after a 96-bit IV: everything stays in registers.
template <int rounds, Way way>
[[gnu::noinline]] void crypt_short_message(const State& state, const Message& message) {
    Counter counter{Isa::load_iv(message.iv), 1, true};
    const Block mask = encrypt_one<rounds>(state.keys, block_of(counter));
    ++counter.next;
    Sum sum = empty_sum();
    Block hash = zero_block();
    std::size_t left = message_blocks(message);
    absorb_bytes(state, sum, hash, left, message.aad, message.aad_bytes);
    finish_message<rounds, way>(state, sum, hash, left, counter, message, 0, mask);
}

template <int rounds, Way way>
[[gnu::noinline]] void crypt_long_message(const State& state, const Message& message) {
    Counter counter = first_counter(state, message.iv, message.iv_bytes);
    const Block mask = encrypt_one<rounds>(state.keys, block_of(counter));
    ++counter.next;
    Block hash = hash_bytes(state, zero_block(), message.aad, message.aad_bytes);
    std::size_t done = 0;
    if (const std::size_t sums = message.bytes / kSumBytes; sums > 0 && state.ready == kPowers) {
        hash = run_sums<rounds, way>(state, hash, counter, message.in, message.out, sums);
        done = sums * kSumBytes;
        counter.next += static_cast<std::uint32_t>(done / 16);
    }
    Sum sum = empty_sum();
    std::size_t left = (message.bytes - done + 15) / 16 + 1;
    while (left > state.ready) {  // with the lengths it is more than one sum
        const std::size_t whole = (message.bytes - done) / 16;
        left = whole < state.ready ? whole : state.ready;
        const std::size_t n = 16 * left;
        crypt_bytes<rounds, way>(state, sum, hash, left, counter, message.in + done, message.out + done, n);
        hash = reduce(sum);
        sum = empty_sum();
        done += n;
        left = (message.bytes - done + 15) / 16 + 1;
    }
    finish_message<rounds, way>(state, sum, hash, left, counter, message, done, mask);
}

/// Some of the block under way; its ciphertext is hashed when it is full.
template <Way way>
H7_INLINE void crypt_part(Progress& progress, const std::uint8_t* in, std::uint8_t* out, std::size_t bytes) {
    const Block data = Isa::words(load_part(in, bytes));
    const Block result = Isa::add(data, Isa::load_block(progress.keystream + progress.used));
    store_part(out, Isa::words_of(result), bytes);
    Isa::store(progress.partial + progress.used, Isa::keep(way == Way::open ? data : result, bytes));
    progress.used += bytes;
}

template <int rounds, Way way>
[[gnu::noinline]] void crypt_more(const State& state, Progress& progress, const std::uint8_t* in,
                                  std::uint8_t* out, std::size_t bytes) {
    if (bytes == 0) return;
    Block pending = zero_block();
    std::size_t first = 0;  // 1: the block under way became full
    if (progress.used > 0) {
        const std::size_t n = bytes < 16 - progress.used ? bytes : 16 - progress.used;
        crypt_part<way>(progress, in, out, n);
        if (progress.used < 16) return;
        pending = Isa::reversed(Isa::load_block(progress.partial));
        first = 1;
        in += n;
        out += n;
        bytes -= n;
    }
    Block hash = Isa::reversed(Isa::load_block(progress.hash));
    Counter counter = counter_of(progress.counter, progress.counter_is_public);
    if (const std::size_t sums = bytes / kSumBytes; sums > 0 && state.ready == kPowers) {
        if (first == 1) {
            Sum sum = empty_sum();
            absorb_block(sum, Isa::add(hash, pending), state.powers, 1);
            hash = reduce(sum);
            first = 0;
        }
        hash = run_sums<rounds, way>(state, hash, counter, in, out, sums);
        counter.next += static_cast<std::uint32_t>(sums * (kSumBytes / 16));
        in += sums * kSumBytes;
        out += sums * kSumBytes;
        bytes -= sums * kSumBytes;
    }
    while (first + bytes / 16 > 0) {
        std::size_t left = first + bytes / 16 < state.ready ? first + bytes / 16 : state.ready;
        const std::size_t n = 16 * (left - first);
        Sum sum = empty_sum();
        if (first == 1) {
            absorb_block(sum, Isa::add(hash, pending), state.powers, left);
            --left;
            hash = zero_block();
            first = 0;
        }
        crypt_bytes<rounds, way>(state, sum, hash, left, counter, in, out, n);
        hash = reduce(sum);
        in += n;
        out += n;
        bytes -= n;
    }
    progress.used = 0;
    if (bytes > 0) {
        Isa::store(progress.keystream, encrypt_one<rounds>(state.keys, block_of(counter)));
        ++counter.next;
        crypt_part<way>(progress, in, out, bytes);
    }
    Isa::store(progress.hash, Isa::reversed(hash));
    Isa::store(progress.counter, block_of(counter));
}

// What the kernel's table points to: the number of rounds chosen, and nothing left behind.

/// The stack below, where the functions above kept what their registers did not hold, and the vector
/// registers. scripts/check-kernel-code compares the sizes with what the compiler made of them.
template <std::size_t bytes>
[[gnu::noinline]] void forget_stack() {
    alignas(64) std::uint8_t area[bytes];
#pragma GCC unroll 64
    for (std::size_t i = 0; i < bytes; i += kVecBytes) Isa::store(area + i, Isa::widen(zero_block()));
    asm volatile("" : : "r"(area) : "memory");
}
H7_INLINE void forget() {
    forget_stack<Isa::kStackBytes>();
    Isa::forget_registers();
}

template <int rounds>
[[gnu::noinline]] void prepare(State& state, const std::uint8_t* key, std::size_t blocks) {
    expand<rounds>(state.keys, key);
    const Block h = divided_by_x(Isa::reversed(encrypt_one<rounds>(state.keys, zero_block())));
    state.rounds = rounds;
    // For a short message, more powers would cost more than they save. A partial block and the lengths come
    // on top: at least two powers.
    constexpr std::size_t kFew = 4 * kLanes;
    const std::size_t few = blocks + 2 < kFew ? blocks + 2 : kFew;
    const std::size_t wanted = blocks <= 96 ? few : kPowers;
    state.ready = make_powers(state.powers, h, wanted);
}
void set_key(void* memory, const std::uint8_t* key, unsigned rounds, std::size_t blocks) {
    State& state = *static_cast<State*>(memory);
    rounds == 10 ? prepare<10>(state, key, blocks) : prepare<14>(state, key, blocks);
    forget();
}

void encrypt_block(const void* memory, const std::uint8_t* in, std::uint8_t* out) {
    const State& state = *static_cast<const State*>(memory);
    const Block v = Isa::load_block(in);
    Isa::store(out, state.rounds == 10 ? encrypt_one<10>(state.keys, v) : encrypt_one<14>(state.keys, v));
    forget();
}

void hash_blocks(const void* memory, std::uint8_t* hash, const std::uint8_t* in, std::size_t blocks) {
    const State& state = *static_cast<const State*>(memory);
    const Block before = Isa::reversed(Isa::load_block(hash));
    Isa::store(hash, Isa::reversed(hash_bytes(state, before, in, 16 * blocks)));
    forget();
}

template <int rounds>
[[gnu::noinline]] void run_ctr(const State& state, std::uint8_t* counter_block, const std::uint8_t* in,
                               std::uint8_t* out, std::size_t blocks) {
    Counter counter = counter_of(counter_block, false);
    const std::size_t sums = 16 * blocks / kSumBytes, done = sums * kSumBytes;
    Block hash = zero_block();
    run_sums<rounds, Way::ctr>(state, hash, counter, in, out, sums);
    counter.next += static_cast<std::uint32_t>(done / 16);
    Sum sum = empty_sum();
    std::size_t left = 0;
    crypt_bytes<rounds, Way::ctr>(state, sum, hash, left, counter, in + done, out + done, 16 * blocks - done);
    Isa::store(counter_block, block_of(counter));
}
void ctr_blocks(const void* memory, std::uint8_t* counter, const std::uint8_t* in, std::uint8_t* out,
                std::size_t blocks) {
    const State& state = *static_cast<const State*>(memory);
    state.rounds == 10 ? run_ctr<10>(state, counter, in, out, blocks)
                       : run_ctr<14>(state, counter, in, out, blocks);
    forget();
}

template <Way way>
void whole(const void* memory, const Message& message) {
    const State& state = *static_cast<const State*>(memory);
    if (message.iv_bytes == 12 && message_blocks(message) <= state.ready) {
        state.rounds == 10 ? crypt_short_message<10, way>(state, message)
                           : crypt_short_message<14, way>(state, message);
        forget_stack<Isa::kShortStackBytes>();
        Isa::forget_registers();
        return;
    }
    state.rounds == 10 ? crypt_long_message<10, way>(state, message)
                       : crypt_long_message<14, way>(state, message);
    forget();
}
template <Way way>
void more(const void* memory, Progress& progress, const std::uint8_t* in, std::uint8_t* out,
          std::size_t bytes) {
    const State& state = *static_cast<const State*>(memory);
    state.rounds == 10 ? crypt_more<10, way>(state, progress, in, out, bytes)
                       : crypt_more<14, way>(state, progress, in, out, bytes);
    if (bytes < kSumBytes)
        forget_stack<Isa::kShortStackBytes>();
    else
        forget_stack<Isa::kStackBytes>();
    Isa::forget_registers();
}

constexpr Kernel kernel_called(const char* name, unsigned needs) {
    return {name,           needs,      sizeof(State),    set_key,          encrypt_block,
            hash_blocks,    ctr_blocks, whole<Way::seal>, whole<Way::open>, more<Way::seal>,
            more<Way::open>};
}

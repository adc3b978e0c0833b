// Pieces of a block, 0..16 bytes, without touching a byte beside them and without a copy on the stack.
// Included by each isa_*.cpp inside its unnamed namespace (see kernel.hpp).

#ifndef H7_INLINE
#define H7_INLINE [[gnu::always_inline]] static inline
#endif

struct Words {
    std::uint64_t low, high;  // bytes 0..7 and 8..15, little-endian
};

template <class T>
H7_INLINE T load_word(const std::uint8_t* p) {
    T word;
    __builtin_memcpy(&word, p, sizeof word);
    return word;
}
template <class T>
H7_INLINE void store_word(std::uint8_t* p, T word) {
    __builtin_memcpy(p, &word, sizeof word);
}

/// 1..8 bytes: two loads that may overlap.
H7_INLINE std::uint64_t load_part_word(const std::uint8_t* p, std::size_t size) {
    if (size >= 4) {
        const std::uint64_t high = load_word<std::uint32_t>(p + size - 4);
        return load_word<std::uint32_t>(p) | high << (8 * (size - 4));
    }
    std::uint64_t word = p[0];
    if (size >= 2) word |= std::uint64_t{load_word<std::uint16_t>(p + size - 2)} << (8 * (size - 2));
    return word;
}
H7_INLINE void store_part_word(std::uint8_t* p, std::uint64_t word, std::size_t size) {
    if (size >= 4) {
        store_word(p, static_cast<std::uint32_t>(word));
        store_word(p + size - 4, static_cast<std::uint32_t>(word >> (8 * (size - 4))));
        return;
    }
    p[0] = static_cast<std::uint8_t>(word);
    if (size >= 2) store_word(p + size - 2, static_cast<std::uint16_t>(word >> (8 * (size - 2))));
}

/// The first 1..16 bytes, zeros behind them.
H7_INLINE Words load_part(const std::uint8_t* p, std::size_t size) {
    if (size > 8) {
        const std::size_t skipped = 16 - size;  // 0..7 bytes are read twice
        return {load_word<std::uint64_t>(p), load_word<std::uint64_t>(p + size - 8) >> (8 * skipped)};
    }
    return {load_part_word(p, size), 0};
}
H7_INLINE void store_part(std::uint8_t* p, Words words, std::size_t size) {
    if (size <= 8) {
        store_part_word(p, words.low, size);
    } else {
        store_word(p, words.low);
        store_part_word(p + 8, words.high, size - 8);
    }
}

/// 16 bytes of this table, beginning 16 - size bytes into it, keep `size` bytes.
alignas(32) constexpr std::uint8_t kKeep[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

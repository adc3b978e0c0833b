// One block in an XMM register: what the x86 kernels share. Included by isa_*.cpp inside the unnamed
// namespace.

struct X86Block {
    using Block = __m128i;

    H7_INLINE Block load_block(const std::uint8_t* p) {
        return _mm_loadu_si128(reinterpret_cast<const Block*>(p));
    }
    H7_INLINE void store(std::uint8_t* p, Block v) { _mm_storeu_si128(reinterpret_cast<Block*>(p), v); }
    /// Twelve bytes and four zeros. Two loads into the register: a copy through memory would have to wait for
    /// it.
    H7_INLINE Block load_iv(const std::uint8_t* p) {
        const Block low = _mm_loadl_epi64(reinterpret_cast<const Block*>(p));
        return _mm_insert_epi32(low, static_cast<int>(load_word<std::uint32_t>(p + 8)), 2);
    }
    H7_INLINE Block words(Words w) {
        return _mm_set_epi64x(static_cast<long long>(w.high), static_cast<long long>(w.low));
    }
    H7_INLINE Words words_of(Block v) {
        return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(v)),
                static_cast<std::uint64_t>(_mm_extract_epi64(v, 1))};
    }
    H7_INLINE Block keep(Block v, std::size_t size) {
        return _mm_and_si128(v, load_block(kKeep + 16 - size));
    }

    H7_INLINE Block add(Block a, Block b) { return _mm_xor_si128(a, b); }
    H7_INLINE Block add(Block a, Block b, Block c) { return add(add(a, b), c); }
    H7_INLINE Block add_32(Block a, Block b) { return _mm_add_epi32(a, b); }
    H7_INLINE Block reversed(Block v) {
        return _mm_shuffle_epi8(v, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    H7_INLINE Block swap_halves(Block v) { return _mm_shuffle_epi32(v, 0x4E); }
    H7_INLINE Block low_halves(Block a, Block b) { return _mm_unpacklo_epi64(a, b); }
    H7_INLINE Block high_halves(Block a, Block b) { return _mm_unpackhi_epi64(a, b); }
    H7_INLINE Block multiply_low(Block a, Block b) { return _mm_clmulepi64_si128(a, b, 0x00); }
    H7_INLINE Block multiply_high(Block a, Block b) { return _mm_clmulepi64_si128(a, b, 0x11); }

    H7_INLINE Block first_round(Block v, Block key) { return add(v, key); }
    H7_INLINE Block round(Block v, Block key) { return _mm_aesenc_si128(v, key); }
    H7_INLINE Block last_round(Block v, Block, Block last) { return _mm_aesenclast_si128(v, last); }
    static constexpr int kKeyOfRound = 0;  // AESENC adds the key of its own round, at the end

    /// All of the lower sixteen vector registers, in full width. Not VZEROALL: it takes ten nanoseconds.
    H7_INLINE void forget_low_registers() {
        asm volatile(
            "vpxor %%xmm0, %%xmm0, %%xmm0\n vpxor %%xmm1, %%xmm1, %%xmm1\n vpxor %%xmm2, %%xmm2, %%xmm2\n"
            "vpxor %%xmm3, %%xmm3, %%xmm3\n vpxor %%xmm4, %%xmm4, %%xmm4\n vpxor %%xmm5, %%xmm5, %%xmm5\n"
            "vpxor %%xmm6, %%xmm6, %%xmm6\n vpxor %%xmm7, %%xmm7, %%xmm7\n vpxor %%xmm8, %%xmm8, %%xmm8\n"
            "vpxor %%xmm9, %%xmm9, %%xmm9\n vpxor %%xmm10, %%xmm10, %%xmm10\n"
            "vpxor %%xmm11, %%xmm11, %%xmm11\n vpxor %%xmm12, %%xmm12, %%xmm12\n"
            "vpxor %%xmm13, %%xmm13, %%xmm13\n vpxor %%xmm14, %%xmm14, %%xmm14\n"
            "vpxor %%xmm15, %%xmm15, %%xmm15\n"
            :
            :
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
              "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory");
    }

    template <int bytes>
    H7_INLINE Block shift_up(Block v) {
        return _mm_slli_si128(v, bytes);
    }
    /// SubWord of word 3 in every column (rotated when `rotate`), plus `constant`. AESENCLAST on four equal
    /// columns is SubBytes: ShiftRows changes nothing.
    H7_INLINE Block sub_word(Block a, bool rotate, unsigned constant) {
        const Block spread = rotate ? _mm_set1_epi32(0x0C0F'0E0D) : _mm_set1_epi32(0x0F0E'0D0C);
        return _mm_aesenclast_si128(_mm_shuffle_epi8(a, spread), _mm_set1_epi32(static_cast<int>(constant)));
    }
};

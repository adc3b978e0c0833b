// What an instruction set brings to AES-GCM. The isa_*.cpp files include this file, intrinsics and the *.hpp
// pieces that are made for them (blocks, clmul, body), and nothing else: a template of the standard library
// compiled with -mavx512f could be the copy the linker keeps for everybody (scripts/check-isa-symbols).
#pragma once

#include <cstddef>
#include <cstdint>

namespace h7::aes_gcm {

/// What a machine may have; a kernel lists what it cannot do without. The vector features count only when the
/// operating system saves the registers they use.
enum Feature : unsigned {
    kAes = 1U << 0,       // AES-NI
    kPclmul = 1U << 1,    // PCLMULQDQ
    kAvx = 1U << 2,       // AVX, with SSSE3 and SSE4.1; YMM registers saved
    kAvx2 = 1U << 3,      // AVX2
    kVaes = 1U << 4,      // VAES
    kVpclmul = 1U << 5,   // VPCLMULQDQ
    kAvx512 = 1U << 6,    // AVX-512 F, BW, DQ and VL, with BMI2; ZMM and mask registers saved
    kArmAes = 1U << 7,    // ARMv8 AESE, AESMC
    kArmPmull = 1U << 8,  // ARMv8 PMULL on 64 bits
};

/// A whole message. `tag` receives 16 bytes: for `seal` the tag, for `open` what the tag must be.
struct Message {
    const std::uint8_t* iv;
    std::size_t iv_bytes;
    const std::uint8_t* aad;
    std::size_t aad_bytes;
    const std::uint8_t* in;
    std::uint8_t* out;  // `in` itself, or no byte in common
    std::size_t bytes;
    std::uint8_t* tag;
};

/// A message under way. The arrays of 32 are 16 bytes and zeros behind them, so that 16 may be read at any
/// place of the block.
struct Progress {
    alignas(16) std::uint8_t hash[16];  // GHASH so far, wire order
    alignas(
        16) std::uint8_t counter[16];  // of the next block: its last four bytes count (big-endian, wrapping)
    alignas(16) std::uint8_t keystream[32];  // of the block under way
    alignas(16) std::uint8_t partial[32];    // the ciphertext of it, filled up with zeros
    bool counter_is_public;                  // it comes from a 96-bit IV; else from the hash key, a secret
    std::size_t used;                        // bytes of it, 0..15
};

/// The longest message a key may be prepared for: all powers of the hash key.
inline constexpr std::size_t kAnyLength = ~std::size_t{0};

/// Room for an expanded key, enough for every kernel.
inline constexpr std::size_t kStateBytes = 2048;

/// One implementation. `state` is 64-byte aligned memory of `state_bytes` bytes, filled by `set_key`, never
/// changed afterwards. `blocks` counts 16-byte blocks and may be 0.
struct Kernel {
    const char* name;
    unsigned needs;  // Feature bits
    std::size_t state_bytes;
    /// rounds: 10 (AES-128) or 14 (AES-256). `blocks`: AAD and data of the messages to come; longer ones work
    /// too, but slower.
    void (*set_key)(void* state, const std::uint8_t* key, unsigned rounds, std::size_t blocks);
    void (*encrypt_block)(const void* state, const std::uint8_t* in, std::uint8_t* out);
    void (*hash)(const void* state, std::uint8_t* hash, const std::uint8_t* in, std::size_t blocks);
    void (*ctr)(const void* state, std::uint8_t* counter, const std::uint8_t* in, std::uint8_t* out,
                std::size_t blocks);
    void (*seal)(const void* state, const Message& message);
    void (*open)(const void* state, const Message& message);
    void (*seal_more)(const void* state, Progress& progress, const std::uint8_t* in, std::uint8_t* out,
                      std::size_t bytes);
    void (*open_more)(const void* state, Progress& progress, const std::uint8_t* in, std::uint8_t* out,
                      std::size_t bytes);
};

extern const Kernel kernel_portable;
#if defined(__x86_64__)
extern const Kernel kernel_aesni, kernel_vaes256, kernel_vaes512;
#elif defined(__aarch64__)
extern const Kernel kernel_armv8;
#endif

}  // namespace h7::aes_gcm

// What an instruction set brings to AES-GCM. The isa_*.cpp files include this file, <immintrin.h> and
// body.hpp, and nothing else: a template of the standard library compiled with -maes could be the copy the
// linker keeps for everybody (scripts/check-isa-symbols).
#pragma once

#include <cstddef>
#include <cstdint>

namespace h7::aes_gcm {

/// CPU features; a kernel lists those it cannot do without.
enum Feature : unsigned { kSsse3 = 1U << 0, kSse41 = 1U << 1, kAes = 1U << 2, kPclmul = 1U << 3 };

/// One implementation. `state` is 64-byte aligned memory of at least `state_bytes` bytes, filled by
/// `set_key`, never changed afterwards. `blocks` counts 16-byte blocks and may be 0. `counter` is the next
/// counter block: its last four bytes count (big-endian, wrapping), and it is advanced. `hash` is the GHASH
/// state in wire order.
struct Kernel {
    const char* name;
    unsigned needs;  // Feature bits
    std::size_t state_bytes;
    void (*set_key)(void* state, const std::uint8_t* key, unsigned rounds);  // 10: AES-128, 14: AES-256
    void (*encrypt_block)(const void* state, const std::uint8_t* in, std::uint8_t* out);
    void (*hash)(const void* state, std::uint8_t* hash, const std::uint8_t* in, std::size_t blocks);
    void (*ctr)(const void* state, std::uint8_t* counter, const std::uint8_t* in, std::uint8_t* out,
                std::size_t blocks);
    void (*seal)(const void* state, std::uint8_t* hash, std::uint8_t* counter, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks);
    void (*open)(const void* state, std::uint8_t* hash, std::uint8_t* counter, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks);
};

extern const Kernel kernel_portable;
#if defined(__x86_64__)
extern const Kernel kernel_aesni;
#endif

}  // namespace h7::aes_gcm

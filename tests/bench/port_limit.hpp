// What AES-GCM costs at the least on this core: the AES rounds and the carry-less products of each vector,
// without loads, stores, additions or anything that waits for anything. Three products a block (Karatsuba).
#pragma once

#include <cstddef>

namespace h7::bench {

#if defined(__x86_64__)

// Ten registers of AES under way; three products that go nowhere.
#define H7_AES(n) "vaesenc %%" H7_R "15, %%" H7_R #n ", %%" H7_R #n "\n"
#define H7_MUL(n) "vpclmulqdq $0, %%" H7_R "15, %%" H7_R "11, %%" H7_R #n "\n"
#define H7_TEN_ROUNDS \
    H7_AES(0)         \
    H7_AES(1)         \
    H7_AES(2)         \
    H7_MUL(12) H7_AES(3) H7_AES(4) H7_AES(5) H7_MUL(13) H7_AES(6) H7_AES(7) H7_MUL(14) H7_AES(8) H7_AES(9)
#define H7_FOURTEEN_ROUNDS H7_TEN_ROUNDS H7_AES(0) H7_AES(1) H7_AES(2) H7_AES(3)
#define H7_REPEAT(body)                                                                                  \
    asm volatile(".balign 64\n1:\n" body "dec %0\n jnz 1b\n"                                             \
                 : "+r"(vectors)                                                                         \
                 :                                                                                       \
                 : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                   "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

/// The work of `vectors` vectors (more than 0) of 16, 32 or 64 bytes.
inline void use_ports(std::size_t vector_bytes, unsigned rounds, std::size_t vectors) {
#define H7_R "zmm"
    if (vector_bytes == 64 && rounds == 10) H7_REPEAT(H7_TEN_ROUNDS);
    if (vector_bytes == 64 && rounds == 14) H7_REPEAT(H7_FOURTEEN_ROUNDS);
#undef H7_R
#define H7_R "ymm"
    if (vector_bytes == 32 && rounds == 10) H7_REPEAT(H7_TEN_ROUNDS);
    if (vector_bytes == 32 && rounds == 14) H7_REPEAT(H7_FOURTEEN_ROUNDS);
#undef H7_R
#define H7_R "xmm"
    if (vector_bytes == 16 && rounds == 10) H7_REPEAT(H7_TEN_ROUNDS);
    if (vector_bytes == 16 && rounds == 14) H7_REPEAT(H7_FOURTEEN_ROUNDS);
#undef H7_R
    asm volatile("vzeroupper");
}

#else
inline void use_ports(std::size_t, unsigned, std::size_t) {}
#endif

}  // namespace h7::bench

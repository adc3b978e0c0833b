// CRYP_CR.DATATYPE and HASH_CR.DATATYPE: in which order a word on the bus holds the bytes of a message.
#pragma once

#include <cstdint>

namespace h7 {

/// 0: the word as it is; 1: its halfwords, 2: its bytes, 3: its bits in the other order. Its own inverse.
constexpr std::uint32_t arranged(std::uint32_t word, unsigned datatype) {
    switch (datatype) {
        case 1:
            return word << 16 | word >> 16;
        case 2:
            return __builtin_bswap32(word);
        case 3: {
            std::uint32_t turned = 0;
            for (unsigned n = 0; n < 32; ++n) turned |= (word >> n & 1U) << (31 - n);
            return turned;
        }
        default:
            return word;
    }
}
static_assert(arranged(0x0000'0001, 3) == 0x8000'0000 && arranged(0x1122'3344, 1) == 0x3344'1122);

}  // namespace h7

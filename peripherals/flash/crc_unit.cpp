#include "peripherals/flash/crc_unit.hpp"

namespace h7::flash {
namespace {

/// Row k: what the top byte of a word becomes after k + 1 bytes. A whole word takes one look-up in each row.
using Rows = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Rows make_rows() {
    Rows rows{};
    for (std::uint32_t n = 0; n < 256; ++n) {
        std::uint32_t c = n << 24;
        for (auto& row : rows) {
            for (int step = 0; step < 8; ++step)
                c = (c & 0x8000'0000U) != 0 ? (c << 1) ^ 0x04C1'1DB7U : c << 1;
            row[n] = c;
        }
    }
    return rows;
}
constexpr Rows kRows = make_rows();

}  // namespace

std::uint32_t crc_over(std::uint32_t state, ByteView data) {
    for (std::size_t at = 0; at + 4 <= data.size(); at += 4) {
        state ^= load_le<std::uint32_t>(data.data() + at);
        state = kRows[3][state >> 24] ^ kRows[2][state >> 16 & 0xFF] ^ kRows[1][state >> 8 & 0xFF] ^
                kRows[0][state & 0xFF];
        state ^= 0x5555'5555U;
    }
    return state;
}

}  // namespace h7::flash

#include "peripherals/flash/crc_unit.hpp"

namespace h7::flash {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < 256; ++n) {
        std::uint32_t c = n << 24;
        for (int step = 0; step < 8; ++step) c = (c & 0x8000'0000U) != 0 ? (c << 1) ^ 0x04C1'1DB7U : c << 1;
        table[n] = c;
    }
    return table;
}
constexpr auto kTable = make_table();

}  // namespace

std::uint32_t crc_over(std::uint32_t state, ByteView data) {
    for (std::size_t at = 0; at + 4 <= data.size(); at += 4) {
        state ^= load_le<std::uint32_t>(data.data() + at);
        for (int byte = 0; byte < 4; ++byte) state = (state << 8) ^ kTable[state >> 24];
        state ^= 0x5555'5555U;
    }
    return state;
}

}  // namespace h7::flash

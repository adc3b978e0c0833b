// Bit arithmetic in the manual's words: bit 7, bits 15:8.
#pragma once

#include <concepts>
#include <cstdint>

namespace h7 {

/// The mask of bits msb..lsb (inclusive), as the reference manual prints a field: `mask(15, 8)`.
constexpr std::uint32_t mask(unsigned msb, unsigned lsb) {
    return (msb - lsb == 31 ? ~0U : ((1U << (msb - lsb + 1)) - 1U)) << lsb;
}

/// Bits msb..lsb of `value`, moved down to bit 0.
constexpr std::uint32_t extract(std::uint32_t value, unsigned msb, unsigned lsb) {
    return (value & mask(msb, lsb)) >> lsb;
}

/// `value` with bits msb..lsb replaced by the low bits of `field`.
constexpr std::uint32_t insert(std::uint32_t value, unsigned msb, unsigned lsb, std::uint32_t field) {
    return (value & ~mask(msb, lsb)) | ((field << lsb) & mask(msb, lsb));
}

constexpr bool test_bit(std::uint32_t value, unsigned n) { return ((value >> n) & 1U) != 0; }

/// `value` rounded down / up to a multiple of `unit`, a power of two.
template <std::unsigned_integral T>
constexpr T align_down(T value, T unit) {
    return value & ~(unit - 1);
}
template <std::unsigned_integral T>
constexpr T align_up(T value, T unit) {
    return (value + unit - 1) & ~(unit - 1);
}
template <std::unsigned_integral T>
constexpr bool aligned(T value, T unit) {
    return (value & (unit - 1)) == 0;
}

}  // namespace h7

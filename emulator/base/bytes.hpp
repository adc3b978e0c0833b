// Loads and stores of little- and big-endian integers from byte buffers. Never cast an untrusted buffer.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace h7 {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

/// Its bytes in the opposite order.
template <std::unsigned_integral T>
constexpr T reversed(T value) {
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
    return value;
}

/// The little-endian integer T at p[0..sizeof(T)). The caller has checked the length.
template <std::unsigned_integral T>
constexpr T load_le(const std::uint8_t* p) {
    T value = 0;
    // One load; of the loop below GCC at -O2 makes a loop.
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
        std::memcpy(&value, p, sizeof value);
        return value;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | (T{p[i]} << (8 * i)));
    return value;
}

template <std::unsigned_integral T>
constexpr void store_le(std::uint8_t* p, T value) {
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
        std::memcpy(p, &value, sizeof value);
        return;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i) p[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <std::unsigned_integral T>
constexpr T load_be(const std::uint8_t* p) {
    return reversed(load_le<T>(p));
}

template <std::unsigned_integral T>
constexpr void store_be(std::uint8_t* p, T value) {
    store_le<T>(p, reversed(value));
}

inline std::uint32_t load_le32(ByteView bytes, std::size_t at) {
    return load_le<std::uint32_t>(bytes.data() + at);
}
inline void store_le32(MutableBytes bytes, std::size_t at, std::uint32_t value) {
    store_le<std::uint32_t>(bytes.data() + at, value);
}

/// Overwrites secrets. The empty statement claims to read them, so that the compiler may not drop the stores.
inline void wipe(MutableBytes bytes) {
    if (bytes.empty()) return;
    std::memset(bytes.data(), 0, bytes.size());
    asm volatile("" : : "r"(bytes.data()) : "memory");
}

}  // namespace h7

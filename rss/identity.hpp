// Who a chip is: what ST writes into system flash at the factory. rss-sfi-bootloader.md 4.5, 6.1; D-18.
#pragma once

#include <array>
#include <cstdint>

namespace h7::rss {

struct Identity {
    std::array<std::uint8_t, 12> uid{};           // as read at 0x1FF1E800, byte by byte
    std::array<std::uint8_t, 136> certificate{};  // product id, public key X||Y, signature of the CA
    std::array<std::uint8_t, 32> private_key{};  // big-endian; secret (D-14): never mapped, traced or printed

    bool operator==(const Identity&) const = default;
};

}  // namespace h7::rss

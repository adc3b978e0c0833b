// The four words between the two ports of a stream: bytes in, bytes out (RM0399 16.3.14).
#pragma once

#include <array>
#include <cstdint>

#include "emulator/fabric/state.hpp"

namespace h7::dma {

class Fifo {
public:
    static constexpr unsigned kBytes = 16;

    unsigned size() const { return size_; }
    unsigned room() const { return kBytes - size_; }
    void clear() { first_ = size_ = 0; }
    /// The low `count` bytes of `value`, lowest first. There must be room.
    void push(std::uint32_t value, unsigned count) {
        for (unsigned i = 0; i < count; ++i) bytes_[(first_ + size_++) % kBytes] = value >> (8 * i) & 0xFF;
    }
    /// The next bytes; beyond the last one the value is 0.
    std::uint32_t front(unsigned count) const {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < count && i < size_; ++i)
            value |= std::uint32_t{bytes_[(first_ + i) % kBytes]} << (8 * i);
        return value;
    }
    void pop(unsigned count) {
        count = count < size_ ? count : size_;
        first_ = (first_ + count) % kBytes;
        size_ -= count;
    }

    void save(StateWriter& out) const {
        out.u8(static_cast<std::uint8_t>(size_));
        for (unsigned i = 0; i < size_; ++i) out.u8(bytes_[(first_ + i) % kBytes]);
    }
    void load(StateReader& in) {
        clear();
        for (unsigned left = in.u8(); left > 0 && in.ok(); --left)
            if (const std::uint8_t byte = in.u8(); room() > 0) push(byte, 1);
    }

private:
    std::array<std::uint8_t, kBytes> bytes_{};
    unsigned first_ = 0, size_ = 0;
};

}  // namespace h7::dma

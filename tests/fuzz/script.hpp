// An input of a fuzzer read as a script: what happens next, with what.
#pragma once

#include <algorithm>

#include "emulator/base/bytes.hpp"

namespace h7::fuzz {

/// Numbers and bytes of the input, zeros behind its end.
class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
    bool empty() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    std::uint32_t word() {
        std::uint32_t value = byte();
        value |= std::uint32_t{byte()} << 8;
        value |= std::uint32_t{byte()} << 16;
        return value | std::uint32_t{byte()} << 24;
    }
    ByteView take(std::size_t size) {
        const ByteView part = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(part.size());
        return part;
    }

private:
    ByteView rest_;
};

}  // namespace h7::fuzz

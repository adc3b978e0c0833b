#include "peripherals/crc/crc.hpp"

#include <algorithm>
#include <array>

namespace h7::crc {
namespace {

constexpr std::uint32_t reversed(std::uint32_t value, unsigned width) {
    std::uint32_t turned = 0;
    for (unsigned i = 0; i < width; ++i) turned |= (value >> i & 1U) << (width - 1 - i);
    return turned;
}

/// Each unit of `unit` bits within the `width` bits of the data has its bits in the other order.
constexpr std::uint32_t reversed_by(std::uint32_t value, unsigned width, unsigned unit) {
    unit = std::min(unit, width);
    std::uint32_t turned = 0;
    for (unsigned at = 0; at < width; at += unit) turned |= reversed(value >> at, unit) << at;
    return turned;
}
static_assert(reversed_by(0x1A2B'3C4D, 32, 8) == 0x58D4'3CB2);  // the manual's example
static_assert(reversed_by(0x1A2B'3C4D, 32, 16) == 0xD458'B23C);
static_assert(reversed_by(0x1A2B'3C4D, 32, 32) == 0xB23C'D458);

}  // namespace

Crc::Crc() : RegisterBlock("CRC", 0x5802'4C00, 0x400) {}

unsigned Crc::width() const {
    constexpr std::array<unsigned, 4> kWidths = {32, 16, 8, 7};
    return kWidths[regs_.get<"CR.POLYSIZE">()];
}

std::uint32_t Crc::result(unsigned) const {
    const std::uint32_t value = regs_.get<"DR">() & mask(width() - 1, 0);
    return regs_.get<"CR.REV_OUT">() != 0 ? reversed(value, width()) : value;
}

BusResult<void> Crc::data_written(const RegisterWrite& write) {
    const unsigned size = 8U * std::min<unsigned>(write.access.size, 4);
    std::uint32_t data = write.value >> shift(write.access);
    if (const std::uint32_t unit = regs_.get<"CR.REV_IN">(); unit != 0)
        data = reversed_by(data, size, 4U << unit);
    const std::uint32_t top = 1U << (width() - 1), polynomial = regs_.get<"POL">();
    std::uint32_t crc = write.old;
    for (unsigned bit = size; bit-- > 0;) {
        const bool carry = ((crc & top) != 0) != test_bit(data, bit);
        crc = crc << 1 ^ (carry ? polynomial : 0);
    }
    regs_.set<"DR">(crc & mask(width() - 1, 0));
    return {};
}

BusResult<void> Crc::control_written(const RegisterWrite& write) {
    if (test_bit(write.value, 0)) start();
    return {};
}

BusResult<void> Crc::initial_written(const RegisterWrite&) {
    start();
    return {};
}

void Crc::start() { regs_.set<"DR">(regs_.get<"INIT">()); }

}  // namespace h7::crc

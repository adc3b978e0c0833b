// A timer on a bench: its registers by name, and time that moves when a test says so.
#pragma once

#include <gtest/gtest.h>

#include "peripherals/tim/tim.hpp"

namespace h7::tim {

inline constexpr Address kCr1 = 0x00, kCr2 = 0x04, kSmcr = 0x08, kDier = 0x0C, kSr = 0x10, kEgr = 0x14,
                         kCcmr1 = 0x18, kCcmr2 = 0x1C, kCcer = 0x20, kCnt = 0x24, kPsc = 0x28, kArr = 0x2C,
                         kRcr = 0x30, kCcr1 = 0x34, kCcr2 = 0x38, kBdtr = 0x44, kCcr5 = 0x58;
inline constexpr std::uint32_t kCen = 1, kUdis = 2, kUrs = 4, kOpm = 8, kDir = 16, kArpe = 128, kUif = 1;

struct Bench {
    explicit Bench(Kind kind = Kind::general, std::uint32_t hz = 1'000'000)
        : tim("TIMx", 0x4000'0000, kind, clock) {
        tim.set_clock(hz);
    }
    Clock clock;
    Tim tim;

    std::uint32_t read(Address offset, unsigned size = 4) {
        const Access access{0x4000'0000 + offset, static_cast<std::uint8_t>(size), Op::read, Master::cm7};
        return static_cast<std::uint32_t>(tim.read(access).value());
    }
    void write(Address offset, std::uint32_t value, unsigned size = 4) {
        const Access access{0x4000'0000 + offset, static_cast<std::uint8_t>(size), Op::write, Master::cm7};
        EXPECT_TRUE(tim.write(access, value).has_value());
    }
    /// Time goes on; with the 1 MHz of the default, by counter periods.
    void wait(Time time) { clock.advance_to(clock.now() + time); }
    void wait_us(Time us) { wait(us * kMicrosecond); }
};

}  // namespace h7::tim

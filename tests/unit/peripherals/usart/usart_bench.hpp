// A port at 115,108 baud on a 64 MHz kernel clock, and its register offsets and bits.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "peripherals/usart/usart.hpp"

namespace h7::usart::test {

inline constexpr Address kCr1 = 0x00, kCr2 = 0x04, kCr3 = 0x08, kBrr = 0x0C, kGtpr = 0x10, kRtor = 0x14,
                         kRqr = 0x18, kIsr = 0x1C, kIcr = 0x20, kRdr = 0x24, kTdr = 0x28, kPresc = 0x2C;

// CR1
inline constexpr std::uint32_t kUe = 1, kUesm = 2, kRe = 4, kTe = 8, kIdleie = 1U << 4, kRxneie = 1U << 5,
                               kTcie = 1U << 6, kTxeie = 1U << 7, kPeie = 1U << 8, kPs = 1U << 9,
                               kPce = 1U << 10, kWake = 1U << 11, kM0 = 1U << 12, kMme = 1U << 13,
                               kCmie = 1U << 14, kOver8 = 1U << 15, kRtoie = 1U << 26, kM1 = 1U << 28,
                               kFifoen = 1U << 29, kTxfeie = 1U << 30, kRxffie = 1U << 31;
// CR2, CR3
inline constexpr std::uint32_t kAbren = 1U << 20, kRtoen = 1U << 23;
inline constexpr std::uint32_t kEie = 1, kHdsel = 1U << 3, kDmar = 1U << 6, kDmat = 1U << 7, kRtse = 1U << 8,
                               kOvrdis = 1U << 12, kDdre = 1U << 13, kTxftie = 1U << 23, kWufie = 1U << 22,
                               kRxftie = 1U << 28;
// ISR
inline constexpr std::uint32_t kPe = 1, kFe = 2, kNe = 4, kOre = 8, kIdle = 1U << 4, kRxne = 1U << 5,
                               kTc = 1U << 6, kTxe = 1U << 7, kRtof = 1U << 11, kAbre = 1U << 14,
                               kAbrf = 1U << 15, kBusy = 1U << 16, kCmf = 1U << 17, kSbkf = 1U << 18,
                               kRwu = 1U << 19, kWuf = 1U << 20, kTeack = 1U << 21, kReack = 1U << 22,
                               kTxfe = 1U << 23, kRxff = 1U << 24, kRxft = 1U << 26, kTxft = 1U << 27;

class Port {
public:
    explicit Port(Kind kind = Kind::full, Pace pace = Pace::baud)
        : usart(kind == Kind::full        ? "USART3"
                : kind == Kind::low_power ? "LPUART1"
                                          : "UART4",
                0x4000'4800, &clock, kind) {
        usart.set_pace(pace);
        usart.set_kernel_clock(64'000'000);
        usart.transmit = [this](std::uint8_t c) { sent += static_cast<char>(c); };
    }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            usart.read({usart.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(usart.write({usart.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    /// Configured while UE = 0, as ST's drivers do, then switched on; the idle frame of TE is over.
    void open(std::uint32_t cr1, std::uint32_t cr2 = 0, std::uint32_t cr3 = 0) {
        write(kCr1, cr1 & ~kUe);
        write(kCr2, cr2);
        write(kCr3, cr3);
        write(kBrr, usart.describe()[3].fields[0].msb == 19 ? 556 * 256 : 556);
        write(kCr1, cr1 | kUe);
        pass(usart.frame_time());
    }
    void pass(Time time) { clock.advance_to(clock.now() + time); }
    void pass_frames(unsigned n) { pass(n * usart.frame_time()); }
    bool flag(std::uint32_t mask) { return (read(kIsr) & mask) != 0; }

    Clock clock;
    std::string sent;
    Usart usart;
};

}  // namespace h7::usart::test

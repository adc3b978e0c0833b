// An RCC on the bench: words in and out as a bus master sees them.
#pragma once

#include <gtest/gtest.h>

#include "peripherals/rcc/rcc.hpp"

namespace h7::rcc {

class RccTest : public testing::Test {
protected:
    std::uint32_t read(Address offset, Master master = Master::cm7) {
        return static_cast<std::uint32_t>(rcc.read({rcc.base() + offset, 4, Op::read, master}).value());
    }
    void write(Address offset, std::uint32_t value, Master master = Master::cm7) {
        ASSERT_TRUE(rcc.write({rcc.base() + offset, 4, Op::write, master}, value));
    }
    void set_bits(Address offset, std::uint32_t bits) { write(offset, read(offset) | bits); }
    void clear_bits(Address offset, std::uint32_t bits) { write(offset, read(offset) & ~bits); }

    bool dbp = false;
    bool debug_stop_d2 = false;
    Rcc rcc{{.dbp = [this] { return dbp; },
             .debug_keeps_clock = [this](unsigned domain) { return domain == 2 && debug_stop_d2; }}};
};

inline constexpr Address kCr = 0x000, kCfgr = 0x010, kD1cfgr = 0x018, kD2cfgr = 0x01C, kD3cfgr = 0x020,
                         kPllckselr = 0x028, kPllcfgr = 0x02C, kPll1divr = 0x030, kPll1fracr = 0x034,
                         kD2ccip2r = 0x054, kCier = 0x060, kCifr = 0x064, kCicr = 0x068, kBdcr = 0x070,
                         kCsr = 0x074, kAhb4rstr = 0x088, kGcr = 0x0A0, kRsr = 0x0D0, kAhb1enr = 0x0D8,
                         kAhb4enr = 0x0E0, kApb3enr = 0x0E4, kApb1lenr = 0x0E8, kC1 = 0x60, kC2 = 0xC0;
inline constexpr std::uint32_t kD1Ckrdy = 1U << 14, kD2Ckrdy = 1U << 15;

}  // namespace h7::rcc

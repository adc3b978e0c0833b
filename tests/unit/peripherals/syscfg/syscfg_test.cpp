#include "peripherals/syscfg/syscfg.hpp"

#include <gtest/gtest.h>

namespace h7::syscfg {
namespace {

constexpr OptionWords kFactory = {0x17C6'AAF0, 0x0000'00FF, 0x0000'00FF, 0x0000'00FF, 0x0000'00FF,
                                  0x0000'00FF, 0x0000'00FF, 0x1FF0'0800, 0x1000'0810};

class SyscfgTest : public testing::Test {
protected:
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            syscfg.read({syscfg.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(syscfg.write({syscfg.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    std::uint32_t ur(unsigned n) { return read(0x300 + 4 * n); }

    bool csi = false;
    Syscfg syscfg{Package::lqfp144, [this] { return csi; }};
};

using UserRegisters = SyscfgTest;
using Selection = SyscfgTest;

TEST_F(UserRegisters, MirrorFactoryOptions) {  // A15, system.md 4.5
    syscfg.mirror(kFactory, false, false);
    EXPECT_EQ(ur(0), 0x00AA'0001U);  // level 0, banks not inverted
    EXPECT_EQ(ur(1), 0x0001'0001U);  // both cores boot
    EXPECT_EQ(ur(2), 0x0800'0000U);
    EXPECT_EQ(ur(3), 0x0810'1FF0U);  // ST's headers: BCM7_ADD1 low, BCM4_ADD0 high
    EXPECT_EQ(ur(4), 0x0000'1000U);
    EXPECT_EQ(ur(5), 0x00FF'0000U);  // no sector write-protected
    EXPECT_EQ(ur(6), 0x0000'00FFU);
    EXPECT_EQ(ur(11), 0x0001'0000U);  // IWDG1 by software
    EXPECT_EQ(ur(12), 0x0000'0001U);  // IWDG2 by software, SECURE = 0
    EXPECT_EQ(ur(13), 0x0001'0000U);
    EXPECT_EQ(ur(14), 0x0001'0001U);
    EXPECT_EQ(ur(16), 0x0001'0001U);
}

TEST_F(UserRegisters, MirrorAreasProtectionAndSecurity) {  // system.md 4.5
    OptionWords words = kFactory;
    words[1] = 0x8123'0045;  // PCROP of bank 1, DMEP1
    words[2] = 0x0ABC'0DEF;
    words[3] = 0x0011'0022;
    words[4] = 0x8333'0444;  // secure area of bank 2, DMES2
    words[5] = 0x0F;
    words[6] = 0xF0;
    words[0] = 0x3838'CC08;  // IO_HSLV, SECURITY option, ST_RAM_SIZE 3, level 2, BOR 2
    syscfg.mirror(words, true, true);
    EXPECT_EQ(ur(0), 0x00CC'0000U);
    EXPECT_EQ(ur(2) & 3U, 2U);
    EXPECT_EQ(ur(4) >> 16, 1U);
    EXPECT_EQ(ur(5), 0x000F'0000U);
    EXPECT_EQ(ur(6), 0x0123'0045U);
    EXPECT_EQ(ur(7), 0x0011'0022U);
    EXPECT_EQ(ur(8), 0x0001'0000U);
    EXPECT_EQ(ur(9), 0x0DEF'00F0U);
    EXPECT_EQ(ur(10), 0x0444'0ABCU);
    EXPECT_EQ(ur(11), 0x0000'0333U);
    EXPECT_EQ(ur(12), 0x0001'0000U);
    EXPECT_EQ(ur(13), 0x0000'0003U);
    EXPECT_EQ(ur(17), 1U);
}

TEST_F(UserRegisters, WritesAreForgottenAtReset) {  // D-25, D-09
    syscfg.mirror(kFactory, false, false);
    write(0x304, 0);
    write(0x308, 0x2400'0003);
    write(0x300, 0);
    EXPECT_EQ(ur(0), 0x00AA'0001U);
    EXPECT_EQ(ur(1), 0U);
    EXPECT_EQ(ur(2), 0x2400'0000U);
    syscfg.reset(ResetKind::system);
    EXPECT_EQ(ur(1), 0x0001'0001U);
    EXPECT_EQ(ur(2), 0x0800'0000U);
}

TEST_F(UserRegisters, MirrorFollowsWhenTheChipSaysSo) {  // D-09: not at OPTSTART
    syscfg.mirror(kFactory, false, false);
    OptionWords next = kFactory;
    next[0] &= ~(1U << 22);
    EXPECT_EQ(ur(1), 0x0001'0001U);
    syscfg.mirror(next, false, false);
    EXPECT_EQ(ur(1), 0x0001'0000U);
}

TEST_F(Selection, ExtiLinesTakeTheirPort) {  // system.md 4.5
    int changes = 0;
    syscfg.exti_selection_changed = [&] { ++changes; };
    write(0x014, 0x00A2'0300);
    EXPECT_EQ(read(0x014), 0x0300U);
    EXPECT_EQ(syscfg.exti_port(14), 3U);
    EXPECT_EQ(syscfg.exti_port(13), 0U);
    EXPECT_EQ(changes, 1);
    syscfg.reset(ResetKind::peripheral);
    EXPECT_EQ(syscfg.exti_port(14), 0U);
}

TEST_F(Selection, LocksAreSetOnly) {  // system.md 4.5
    write(0x018, 1U << 2 | 1U << 6);
    write(0x018, 0);
    EXPECT_EQ(read(0x018), 1U << 2 | 1U << 6);
    EXPECT_TRUE(syscfg.pvd_locked());
    syscfg.reset(ResetKind::system);
    EXPECT_FALSE(syscfg.pvd_locked());
}

TEST_F(Selection, CompensationCellNeedsTheCsi) {  // system.md 4.5
    write(0x020, 1);
    EXPECT_EQ(read(0x020), 1U);
    csi = true;
    EXPECT_EQ(read(0x020), 0x101U);
}

TEST_F(Selection, IdentityIsReadOnly) {  // system.md 4.5
    EXPECT_EQ(read(0x100), 0x0001'0001U);
    EXPECT_EQ(read(0x124), 3U);
    write(0x124, 9);
    EXPECT_EQ(read(0x124), 3U);
    write(0x02C, 1);
    EXPECT_TRUE(syscfg.overdrive());
}

}  // namespace
}  // namespace h7::syscfg

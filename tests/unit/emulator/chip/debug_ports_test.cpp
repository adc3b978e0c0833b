#include <gtest/gtest.h>

#include "emulator/chip/chip.hpp"

namespace h7::chip {
namespace {

TEST(DebugPorts, LevelTwoClosesThemForEver) {  // F-202, F-203
    auto chip = std::move(*Chip::create({}));
    chip->power_on();
    DebugPort& port = chip->debug_port();
    const auto write = [&](Address address, std::uint32_t value) {
        EXPECT_TRUE(port.write(Master::ap0, address, 4, value));
    };
    write(0x5200'2008, 0x0819'2A3B);
    write(0x5200'2008, 0x4C5D'6E7F);
    write(0x5200'2020, 0x17C6'CCF0);
    write(0x5200'2018, 2);
    EXPECT_EQ(chip->flash().rdp(), security::Rdp::level2);
    EXPECT_TRUE(port.read(Master::ap0, 0x5200'201C, 4));  // attached while it was set
    chip->press_reset();
    EXPECT_TRUE(port.state(Master::ap0, 0).open);
    chip->power_off();
    chip->power_on();
    EXPECT_EQ(port.state(Master::ap0, 0).rule, "F-202");
    EXPECT_FALSE(port.read(Master::ap0, 0x5200'201C, 4));
    EXPECT_FALSE(port.state(Master::ap3, 0).open);
}

TEST(DebugPorts, AtAddressZeroAp3SeesWhatTheCm4Sees) {  // system.md 1.1, 2.3: never the ITCM
    auto chip = std::move(*Chip::create({}));
    chip->power_on();
    EXPECT_TRUE(chip->write(chip->as_core(Master::cm7, 0, 4, Op::write), 0x1234'5678));
    EXPECT_EQ(*chip->debug_port().read(Master::ap0, 0, 4), 0x1234'5678U);
    EXPECT_EQ(*chip->debug_port().read(Master::ap3, 0, 4), 0xFFFF'FFFFU) << "blank flash bank 2";
}

TEST(DebugPorts, Ap1ReachesTheSlavesOfD3Alone) {  // system.md 1.2, 7.1
    auto chip = std::move(*Chip::create({}));
    chip->power_on();
    DebugPort& port = chip->debug_port();
    EXPECT_TRUE(port.read(Master::ap0, 0xE000'ED00, 4));
    EXPECT_FALSE(port.read(Master::ap1, 0xE000'ED00, 4)) << "the CPUID of whom?";
    EXPECT_FALSE(port.write(Master::ap1, 0xE000'ED0C, 4, 0x05FA'0004));
    EXPECT_TRUE(port.read(Master::ap1, 0x3800'0000, 4));
}

TEST(DebugPorts, LevelTwoSetByFirmwareClosesThemAtOnce) {  // F-202, F-206
    auto chip = std::move(*Chip::create({}));
    chip->power_on();
    for (const auto& [address, value] :
         std::initializer_list<std::pair<Address, std::uint32_t>>{{0x5200'2008, 0x0819'2A3B},
                                                                  {0x5200'2008, 0x4C5D'6E7F},
                                                                  {0x5200'2020, 0x17C6'CCF0},
                                                                  {0x5200'2018, 2}})
        EXPECT_TRUE(chip->write(chip->as_core(Master::cm7, address, 4, Op::write), value));
    EXPECT_FALSE(chip->debug_port().state(Master::ap0, 0).open);
}

}  // namespace
}  // namespace h7::chip

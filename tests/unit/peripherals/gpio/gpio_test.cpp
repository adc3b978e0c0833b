#include "peripherals/gpio/gpio.hpp"

#include <gtest/gtest.h>

namespace h7::gpio {
namespace {

constexpr Address kModer = 0x00, kOtyper = 0x04, kOspeedr = 0x08, kPupdr = 0x0C, kIdr = 0x10, kOdr = 0x14,
                  kBsrr = 0x18, kLckr = 0x1C, kAfrl = 0x20, kAfrh = 0x24;

class Port {
public:
    explicit Port(char letter) : gpio(letter) {}
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            gpio.read({gpio.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value, std::uint8_t size = 4) {
        ASSERT_TRUE(gpio.write({gpio.base() + offset, size, Op::write, Master::cm7}, value));
    }
    Gpio gpio;
};

TEST(GpioReset, DebugPinsAreAlternateTheRestIsAnalog) {  // system.md 6.1
    Port a('A'), b('B'), k('K');
    EXPECT_EQ(a.read(kModer), 0xABFF'FFFFU);
    EXPECT_EQ(a.read(kOspeedr), 0x0C00'0000U);
    EXPECT_EQ(a.read(kPupdr), 0x6400'0000U);
    EXPECT_EQ(b.read(kModer), 0xFFFF'FEBFU);
    EXPECT_EQ(b.read(kOspeedr), 0x0000'00C0U);
    EXPECT_EQ(b.read(kPupdr), 0x0000'0100U);
    EXPECT_EQ(k.read(kModer), 0xFFFF'FFFFU);
    EXPECT_EQ(k.gpio.base(), 0x5802'2800U);
    EXPECT_EQ(k.gpio.name(), "GPIOK");
    EXPECT_EQ(a.read(kIdr), 0xA000U);  // pull-ups of PA13 and PA15
}

TEST(GpioPins, OutputIsSeenOnThePin) {  // system.md 6.1
    Port b('B');
    std::vector<std::pair<unsigned, bool>> heard;
    b.gpio.pin_changed = [&](unsigned pin, bool level) { heard.emplace_back(pin, level); };
    b.write(kModer, 0xFFFF'FEBDU);  // PB0 output
    b.write(kBsrr, 1);
    b.write(kBsrr, 1);
    EXPECT_EQ(b.read(kOdr), 1U);
    EXPECT_EQ(b.read(kIdr) & 1U, 1U);
    b.write(kBsrr, 1U << 16);
    EXPECT_EQ(heard, (std::vector<std::pair<unsigned, bool>>{{0, true}, {0, false}}));
    b.write(kBsrr, 1U << 16 | 1U);  // set wins
    EXPECT_EQ(b.read(kOdr), 1U);
    EXPECT_EQ(b.read(kBsrr), 0U);
    b.write(kOdr, 0xFFFF'0004U);
    EXPECT_EQ(b.read(kOdr), 4U);
}

TEST(GpioPins, InputFollowsTheOutsideThenThePull) {  // system.md 6.1
    Port c('C');
    c.write(kModer, 0xF3FF'FFFFU);  // PC13 input
    EXPECT_FALSE(c.gpio.level(13));
    c.write(kPupdr, 1U << 26);
    EXPECT_TRUE(c.gpio.level(13));
    c.gpio.drive(13, false);
    EXPECT_EQ(c.read(kIdr), 0U);
    c.gpio.release(13);
    EXPECT_EQ(c.read(kIdr), 1U << 13);
    c.write(kModer, 0xFFFF'FFFFU);  // analog: the input stage is off
    EXPECT_EQ(c.read(kIdr), 0U);
}

TEST(GpioPins, OpenDrainOnlyPullsDown) {  // system.md 6.1
    Port d('D');
    d.write(kModer, 0xFFFF'FFFDU);
    d.write(kOtyper, 1);
    d.write(kOdr, 1);
    EXPECT_FALSE(d.gpio.level(0));
    d.gpio.drive(0, true);
    EXPECT_TRUE(d.gpio.level(0));
    d.write(kOdr, 0);
    EXPECT_FALSE(d.gpio.level(0));
}

TEST(GpioLock, SequenceFreezesTheConfigurationUntilReset) {  // system.md 6.1
    Port e('E');
    e.write(kLckr, 0x1'8001);
    e.write(kLckr, 0x0'8001);
    EXPECT_EQ(e.read(kLckr), 0x8001U);
    e.write(kLckr, 0x1'8001);
    EXPECT_EQ(e.read(kLckr), 0x1'8001U);
    e.write(kModer, 0);
    EXPECT_EQ(e.read(kModer), 0xC000'0003U);
    e.write(kOtyper, 0xFFFF);
    EXPECT_EQ(e.read(kOtyper), 0x7FFEU);
    e.write(kAfrl, 0xFFFF'FFFF);
    e.write(kAfrh, 0xFFFF'FFFF);
    EXPECT_EQ(e.read(kAfrl), 0xFFFF'FFF0U);
    EXPECT_EQ(e.read(kAfrh), 0x0FFF'FFFFU);
    e.write(kLckr, 0);
    EXPECT_EQ(e.read(kLckr), 0x1'8001U);
    e.gpio.reset(ResetKind::system);
    EXPECT_EQ(e.read(kLckr), 0U);
    e.write(kModer, 0);
    EXPECT_EQ(e.read(kModer), 0U);
}

TEST(GpioLock, BrokenSequenceLocksNothing) {  // system.md 6.1
    Port f('F');
    f.write(kLckr, 0x1'0001);
    f.write(kLckr, 0x0'0002);  // other pins
    f.write(kLckr, 0x1'0001);
    EXPECT_EQ(f.read(kLckr) & 0x1'0000U, 0U);
    f.write(kLckr, 0x0'0001);
    f.write(kLckr, 0x01, 1);  // not a word
    f.write(kLckr, 0x1'0001);
    EXPECT_EQ(f.read(kLckr) & 0x1'0000U, 0U);
}

TEST(SwjPins, FollowPa13AndPa14) {  // rss-sfi-bootloader.md 1.7
    Port a('A');
    EXPECT_TRUE(a.gpio.swj_pins_in_af0());
    a.write(kModer, 0xA3FF'FFFF);  // PA13 input
    EXPECT_FALSE(a.gpio.swj_pins_in_af0());
    a.write(kModer, 0xABFF'FFFF);
    EXPECT_TRUE(a.gpio.swj_pins_in_af0());
    a.write(kAfrh, 0x0100'0000);  // PA14 AF1
    EXPECT_FALSE(a.gpio.swj_pins_in_af0());
    a.gpio.reset(ResetKind::system);
    EXPECT_TRUE(a.gpio.swj_pins_in_af0());
    EXPECT_FALSE(Port('B').gpio.swj_pins_in_af0());
}

}  // namespace
}  // namespace h7::gpio

// The acceptance anchors A1..A18 of system.md 10 on the whole chip, by bus accesses as the cores make them.
// A5, A13 and A16 are shown by firmware (cores_test.cpp); the table of docs/blocks/chip.md has them all.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Master kCm7 = Master::cm7, kCm4 = Master::cm4;
constexpr Address kPwr = 0x5802'4800, kHsem = 0x5802'6400, kAhb4enr = 0x5802'44E0, kApb4enr = 0x5802'44F4;

class Anchors : public ::testing::Test {
protected:
    void SetUp() override { chip.power_on(); }

    std::uint32_t read(Master core, Address address) {
        const auto value = chip.load(core, address);
        EXPECT_TRUE(value.has_value()) << std::hex << address;
        return value ? static_cast<std::uint32_t>(*value) : 0xBADC'0DE0U;
    }
    BusResult<void> write(Master core, Address address, std::uint32_t value, unsigned size = 4) {
        return chip->write(chip->as_core(core, address, size, Op::write), value);
    }
    /// Both cores wait in WFI at the end of these.
    BenchChip chip = a_chip().flashed("hello_m7").flashed("hello_m4");
};

TEST_F(Anchors, A01ColdBootOfBothCores) {
    EXPECT_EQ(chip->boot_choice().cm7, 0x0800'0000U);
    EXPECT_EQ(chip->boot_choice().cm4, 0x0810'0000U);
    EXPECT_TRUE(chip->boot_choice().cm7_starts && chip->boot_choice().cm4_starts);
    EXPECT_EQ(read(kCm7, 0x5802'4530), 0x00FE'0000U);  // C1_RSR
    EXPECT_EQ(read(kCm4, 0x5802'4590), 0x00FE'0000U);  // C2_RSR
    EXPECT_EQ(read(kCm7, 0x5802'44D0), 0x00FE'0000U);
    EXPECT_EQ(read(kCm4, 0x5802'44D0), 0x00FE'0000U);
}

TEST_F(Anchors, A02BootC2ReleasesTheCm4AndResetClearsGcr) {
    BenchChip held = a_chip().with_option("BCM4", 0).flashed("hello_m7").flashed("hello_m4");
    EXPECT_TRUE(held.power_on_until("hello from the Cortex-M7\n"));  // they share the port
    EXPECT_EQ(held->cm4().state(), cpu::RunState::held);
    EXPECT_TRUE(
        held.run_until_text("hello from the Cortex-M7\n"));  // one line at a time: they share the port
    held.store(kCm7, 0x5802'44A0, 8);
    EXPECT_TRUE(held.run_until_text("hello from the Cortex-M4\n"));
    held->press_reset();
    EXPECT_EQ(held.load(kCm7, 0x5802'44A0).value(), 0U);
    EXPECT_EQ(held->cm4().state(), cpu::RunState::held);
}

TEST_F(Anchors, A03WhoIsHeldAndReleased) {
    BenchChip held = a_chip().with_option("BCM7", 0).flashed("hello_m7").flashed("hello_m4");
    held.power_on();
    held.run();
    EXPECT_EQ(held.console(), "hello from the Cortex-M4\n");
    held.store(kCm4, 0x5802'44A0, 4);
    EXPECT_TRUE(held.run_until_text("hello from the Cortex-M7\n"));
    BenchChip neither = a_chip().with_option("BCM7", 0).with_option("BCM4", 0).flashed("hello_m7");
    EXPECT_TRUE(neither.power_on_until("hello from the Cortex-M7\n"));
    EXPECT_EQ(neither->cm4().state(), cpu::RunState::held);
}

TEST_F(Anchors, A04Semaphores) {
    ASSERT_TRUE(write(kCm7, kAhb4enr, 1U << 25));
    ASSERT_TRUE(write(kCm7, kHsem, 0x8000'0300));
    EXPECT_EQ(read(kCm7, kHsem), 0x8000'0300U);
    EXPECT_EQ(read(kCm4, kHsem + 0x80), 0x8000'0300U);
    ASSERT_TRUE(write(kCm7, kHsem, 0x0000'0300));
    EXPECT_EQ(read(kCm7, kHsem), 0U);
    EXPECT_EQ(read(kCm7, kHsem + 0x118) & 1U, 1U);  // C2ISR
    EXPECT_EQ(read(kCm7, kHsem + 0x108) & 1U, 1U);  // C1ISR
}

TEST_F(Anchors, A06SysresetreqOfTheCm4ResetsBothCores) {
    chip.run();
    ASSERT_TRUE(write(kCm7, 0x2400'1000, 0x600D'F00D));
    ASSERT_TRUE(chip->cm4().write_private({0xE000'ED0C, 4, Op::write, kCm4, Context::application, true},
                                          0x05FA'0004));
    chip.run(kMicrosecond);
    EXPECT_EQ(read(kCm7, 0x5802'4530), 0x02FE'0000U);  // 0x00FE0000 and 0x02460000
    EXPECT_EQ(read(kCm4, 0x5802'4590), 0x02FE'0000U);
    EXPECT_EQ(read(kCm7, 0x2400'1000), 0x600D'F00DU);
    EXPECT_EQ(chip->cm7().state(), cpu::RunState::running);
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::running);
}

TEST_F(Anchors, A07AWindowWatchdogAloneAndWithTheSystem) {
    constexpr Address kApb3enr = 0x5802'44E4, kWwdg1 = 0x5000'3000, kGcr = 0x5802'44A0;
    const auto pending = [&](unsigned irq) {
        return *chip->cm4().read_private({0xE000'E200 + irq / 32 * 4, 4, Op::read, kCm4}) >> irq % 32 & 1U;
    };
    for (const bool with_system : {false, true}) {
        chip->power_off();
        chip.power_on();
        chip.run(10 * kMillisecond);
        ASSERT_TRUE(write(kCm4, 0x5800'0040, 1U << 18));                // RTSR3, line 82
        ASSERT_TRUE(write(kCm4, 0x5800'00E0, 0x018B'FFFF | 1U << 18));  // C2IMR3
        ASSERT_TRUE(write(kCm4, 0x2400'1000, 0x600D'F00D));
        const std::uint64_t before = chip->cm4().instructions();
        ASSERT_TRUE(write(kCm7, kGcr, with_system ? 1 : 0));
        ASSERT_TRUE(write(kCm7, kApb3enr, 1U << 6));
        ASSERT_TRUE(write(kCm7, kWwdg1, 0xC0));
        chip.run(kMillisecond);
        EXPECT_EQ(read(kCm7, 0x5802'4530), 0x10FE'0000U);
        EXPECT_EQ(read(kCm4, 0x5800'0040) >> 18 & 1U, with_system ? 0U : 1U) << "EXTI was reset or not";
        EXPECT_EQ(pending(143), with_system ? 0U : 1U);
        EXPECT_EQ(chip->cm4().instructions() > before + 100, with_system) << "the CM4 slept on, or booted";
        EXPECT_EQ(read(kCm7, 0x2400'1000), 0x600D'F00DU);
    }
}

TEST_F(Anchors, A08WhereTheCm4IsAnsweredByNobody) {
    for (const Address address : {0x2000'0000U, 0x2408'0000U, 0xA000'0000U})
        EXPECT_FALSE(chip.load(kCm4, address).has_value()) << std::hex << address;
}

TEST_F(Anchors, A09AliasesOfD2Sram) {
    EXPECT_FALSE(write(kCm7, 0x1004'8000, 1).has_value());
    ASSERT_TRUE(write(kCm4, 0x1004'0000, 0xA11A'5E5U));
    EXPECT_EQ(read(kCm7, 0x3004'0000), 0xA11A'5E5U);
    EXPECT_EQ(read(kCm7, 0x1004'0000), 0xA11A'5E5U);
}

TEST_F(Anchors, A10TheSupplyIsSetOnce) {
    const auto ready = [&] { return read(kCm7, kPwr + 0x04) >> 13 & 1U; };
    EXPECT_EQ(ready(), 0U);
    ASSERT_TRUE(write(kCm7, kPwr + 0x0C, 0x06));  // illegal: the write is lost
    EXPECT_EQ(ready(), 0U);
    ASSERT_TRUE(write(kCm7, kPwr + 0x0C, 0x02));
    EXPECT_EQ(ready(), 0U);
    chip->power_off();
    chip.power_on();
    ASSERT_TRUE(write(kCm7, kPwr + 0x0C, 0x02));
    EXPECT_EQ(ready(), 1U);
    ASSERT_TRUE(write(kCm7, kPwr + 0x0C, 0x04));
    EXPECT_EQ(read(kCm7, kPwr + 0x0C) & 7U, 2U);
    chip->press_reset();
    EXPECT_EQ(read(kCm7, kPwr + 0x0C) & 7U, 2U);
    EXPECT_EQ(ready(), 1U);
}

TEST_F(Anchors, A11BackupRegistersAreBehindDbp) {
    constexpr Address kBkp0r = 0x5800'4050, kBdcr = 0x5802'4470;
    ASSERT_TRUE(write(kCm7, kBkp0r, 0x1111));
    EXPECT_EQ(read(kCm7, kBkp0r), 0U);
    ASSERT_TRUE(write(kCm7, kPwr, read(kCm7, kPwr) | 1U << 8));
    ASSERT_TRUE(write(kCm7, kBkp0r, 0x2222));
    EXPECT_EQ(read(kCm7, kBkp0r), 0x2222U);
    ASSERT_TRUE(chip->cm7().write_private({0xE000'ED0C, 4, Op::write, kCm7, Context::application, true},
                                          0x05FA'0004));
    chip.run(kMicrosecond);
    EXPECT_EQ(read(kCm7, kBkp0r), 0x2222U);
    ASSERT_TRUE(write(kCm7, kPwr, read(kCm7, kPwr) | 1U << 8));
    ASSERT_TRUE(write(kCm7, kBdcr, 1U << 16));
    ASSERT_TRUE(write(kCm7, kBdcr, 0));
    EXPECT_EQ(read(kCm7, kBkp0r), 0U);
}

TEST_F(Anchors, A12TheDebugIdentityNeedsNoClock) {
    constexpr Address kIdc = 0x5C00'1000, kCr = 0x5C00'1004;
    EXPECT_EQ(read(kCm7, kIdc), 0x2003'6450U);
    EXPECT_EQ(read(kCm4, kIdc), 0x2003'6450U);
    ASSERT_TRUE(write(kCm7, kCr, 1));
    chip->press_reset();
    EXPECT_EQ(read(kCm7, kCr) & 1U, 1U);
}

TEST_F(Anchors, A14WhatTheDmaEnginesReach) {
    const auto reads = [&](Master master, Address address) {
        return chip->read({address, 4, Op::read, master, Context::application, true}).has_value();
    };
    EXPECT_TRUE(reads(Master::mdma, 0x2000'0000));
    EXPECT_TRUE(reads(Master::mdma, 0x3800'0000));
    EXPECT_TRUE(reads(Master::dma2, 0x0800'0000));
    EXPECT_FALSE(reads(Master::dma2, 0x2000'0000));
    EXPECT_FALSE(reads(Master::bdma, 0x0800'0000));
    EXPECT_TRUE(reads(Master::bdma, 0x3800'0000));
}

TEST_F(Anchors, A14TheCm4CopiesTheDtcmByMdma) {
    constexpr Address kChannel = 0x5200'0040, kBdma = 0x5802'5400;
    ASSERT_TRUE(write(kCm7, 0x2000'0400, 0x600D'DA7A));
    EXPECT_FALSE(chip.load(kCm4, 0x2000'0400).has_value());
    ASSERT_TRUE(write(kCm4, 0x5802'44D4, 1));
    ASSERT_TRUE(write(kCm4, kAhb4enr, 1U << 21));
    for (const auto& [offset, value] :
         std::initializer_list<std::pair<Address, std::uint32_t>>{{0x10, 5U << 28 | 15U << 18 | 0xAAA},
                                                                  {0x14, 16},
                                                                  {0x18, 0x2000'0400},
                                                                  {0x1C, 0x3800'0000},
                                                                  {0x28, 1U << 16},
                                                                  {0x0C, 1},
                                                                  {0x0C, 1U << 16 | 1}})
        ASSERT_TRUE(write(kCm4, kChannel + offset, value));
    chip.run(kMillisecond);
    EXPECT_EQ(read(kCm4, 0x3800'0000), 0x600D'DA7AU);
    for (const auto& [offset, value] : std::initializer_list<std::pair<Address, std::uint32_t>>{
             {0x0C, 1}, {0x10, 0x0800'0000}, {0x14, 0x3800'0000}, {0x08, 1U << 14 | 2U << 8 | 2U << 10 | 1U}})
        ASSERT_TRUE(write(kCm4, kBdma + offset, value));
    chip.run(kMillisecond);
    EXPECT_EQ(read(kCm4, kBdma) & 8U, 8U) << "TEIF";
    EXPECT_EQ(read(kCm4, kBdma + 8) & 1U, 0U);
}

TEST_F(Anchors, A15TheUserRegistersNeedTheirClock) {
    for (Address offset = 0x300; offset <= 0x344; offset += 4)
        EXPECT_EQ(read(kCm7, 0x5800'0400 + offset), 0U);
    ASSERT_TRUE(write(kCm7, kApb4enr, read(kCm7, kApb4enr) | 2U));
    EXPECT_EQ(read(kCm7, 0x5800'0704), 0x0001'0001U);   // UR1: BCM4, BCM7
    EXPECT_EQ(read(kCm7, 0x5800'0730) >> 16 & 1U, 0U);  // UR12.SECURE
}

TEST_F(Anchors, A17NarrowSemaphoresFaultAndCyclesCount) {
    ASSERT_TRUE(write(kCm7, kAhb4enr, 1U << 25));
    EXPECT_FALSE(chip.load(kCm7, kHsem + 1, 1).has_value());
    const auto set = [&](Address address, std::uint32_t value) {
        ASSERT_TRUE(
            chip->cm7().write_private({address, 4, Op::write, kCm7, Context::application, true}, value));
    };
    const auto count = [&] {
        return *chip->cm7().read_private({0xE000'1004, 4, Op::read, kCm7, Context::application, true});
    };
    set(0xE000'EDFC, 1U << 24);
    set(0xE000'1FB0, 0xC5AC'CE55);
    set(0xE000'1000, 1);
    const std::uint64_t before = count();
    chip.run(10 * kMicrosecond);
    EXPECT_NEAR(static_cast<double>(count() - before), 640, 40);
}

TEST_F(Anchors, A18EachCoreHasItsBankAndGpioIsForBoth) {
    ASSERT_TRUE(write(kCm4, kAhb4enr, 3));
    EXPECT_EQ(read(kCm7, 0x5802'45A0), 3U);
    EXPECT_EQ(read(kCm7, 0x5802'4540), 0U);
    EXPECT_EQ(read(kCm7, kAhb4enr), 0U);
    ASSERT_TRUE(write(kCm7, 0x5802'0014, 0x55));  // GPIOA_ODR: one clock enable is enough for both
    EXPECT_EQ(read(kCm4, 0x5802'0014), 0x55U);
}

}  // namespace
}  // namespace h7::test

// Who starts where: BOOT0 x BCM7 x BCM4 x BOOT_CMx_ADDx x RDP x SECURITY on the whole chip, against a second
// telling of the rules (system.md 2.1-2.3); ST's four boot modes with firmware.
#include <gtest/gtest.h>

#include "emulator/base/bits.hpp"
#include "emulator/loader/loader.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

struct Case {
    bool boot0, bcm7, bcm4, security;
    std::uint32_t rdp;
    std::uint16_t cm7_add, cm4_add;  // the words BOOT0 selects
};

/// Where there is something to boot, told again: not by the memory map of the chip.
bool there(std::uint32_t at, bool cm4) {
    const auto in = [at](std::uint32_t first, std::uint32_t last) { return at >= first && at <= last; };
    const bool shared = in(0x0800'0000, 0x081F'FFFF) || in(0x1000'0000, 0x1004'7FFF) ||
                        in(0x2400'0000, 0x2407'FFFF) || in(0x3000'0000, 0x3004'7FFF) ||
                        in(0x3800'0000, 0x3800'FFFF);
    return shared ||
           (!cm4 && (in(0, 0xFFFF) || in(0x2000'0000, 0x2001'FFFF) || in(0x1FF0'0000, 0x1FF1'FFFF)));
}
std::uint32_t expected(std::uint16_t add, bool boot0, bool cm4, bool level2) {
    std::uint32_t at = std::uint32_t{add} << 16;
    const std::uint32_t flash = cm4 ? 0x0810'0000 : 0x0800'0000;
    if (!there(at, cm4)) at = boot0 ? (cm4 ? 0x1000'0000 : 0) : flash;
    if (level2 && (at < 0x0800'0000 || at > 0x081F'FFFF)) at = flash;
    return at;
}

std::uint32_t vtor(chip::Chip& chip) {
    return static_cast<std::uint32_t>(
        chip.cm7().read_private({0xE000'ED08, 4, Op::read, Master::cm7, Context::application, true}).value());
}

TEST(BootMatrix, EveryCombination) {  // system.md 2.1, 2.2, 2.3, F-202, R-050, A-36
    unsigned cases = 0;
    for (unsigned bits = 0; bits < 16; ++bits)
        for (const std::uint32_t rdp : {0xAAU, 0xBBU, 0xCCU})
            for (const std::uint16_t cm7 :
                 std::initializer_list<std::uint16_t>{0x0800, 0x1FF0, 0x2000, 0x0A00})
                for (const std::uint16_t cm4 : std::initializer_list<std::uint16_t>{0x0810, 0x1000, 0x2000}) {
                    const Case c{
                        (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, rdp, cm7, cm4};
                    const char* field7 = c.boot0 ? "BOOT_CM7_ADD1" : "BOOT_CM7_ADD0";
                    const char* field4 = c.boot0 ? "BOOT_CM4_ADD1" : "BOOT_CM4_ADD0";
                    ChipBuilder wanted = a_chip();
                    wanted.with_option("BCM7", c.bcm7)
                        .with_option("BCM4", c.bcm4)
                        .with_option("SECURITY", c.security);
                    wanted.with_option("RDP", rdp).with_option(field7, cm7).with_option(field4, cm4);
                    if (c.boot0) wanted.boot0_high();
                    BenchChip chip = wanted.build();
                    chip.power_on();
                    SCOPED_TRACE(testing::Message() << std::hex << "boot0 " << c.boot0 << " bcm7 " << c.bcm7
                                                    << " bcm4 " << c.bcm4 << " security " << c.security
                                                    << " rdp " << rdp << " cm7 " << cm7 << " cm4 " << cm4);
                    const std::uint32_t at7 = expected(cm7, c.boot0, false, rdp == 0xCC);
                    const std::uint32_t at4 = expected(cm4, c.boot0, true, rdp == 0xCC);
                    ASSERT_EQ(chip->boot_choice().cm7, at7);
                    ASSERT_EQ(chip->boot_choice().cm4, at4);
                    ASSERT_EQ(chip->boot_choice().cm4_starts, c.bcm4);
                    const auto held = [](const cpu::Core& core) {
                        return core.state() == cpu::RunState::held;
                    };
                    const bool starts7 = c.bcm7 || !c.bcm4;
                    if (!c.security) {
                        ASSERT_EQ(held(chip->cm7()), !starts7);
                        ASSERT_EQ(held(chip->cm4()), !c.bcm4);
                        const bool bootloader = at7 == 0x1FF0'0000 && starts7;
                        ASSERT_EQ(vtor(*chip), bootloader ? 0x1FF0'9800U : at7);
                        // RDP level 1: a boot outside user flash by a core that starts is an intrusion (7.2).
                        const auto outside = [](std::uint32_t at) {
                            return at < 0x0800'0000 || at > 0x081F'FFFF;
                        };
                        ASSERT_EQ(chip->secure_mode().intrusion(),
                                  (starts7 && outside(at7)) || (c.bcm4 && outside(at4)));
                    } else {
                        ASSERT_TRUE(chip->secure_mode().latched());
                        ASSERT_TRUE(c.bcm4 || held(chip->cm4()));
                        const bool waits = held(chip->cm7());
                        ASSERT_TRUE(waits || vtor(*chip) == at7 || vtor(*chip) == 0x1FF0'9800U);
                    }
                    if (held(chip->cm4()) && !c.security) {  // RCC_GCR.BOOT_C2
                        chip.store(Master::cm7, 0x5802'44A0, 8);
                        ASSERT_FALSE(held(chip->cm4()));
                    }
                    if (held(chip->cm7()) && !c.security) {  // RCC_GCR.BOOT_C1
                        chip.store(Master::cm4, 0x5802'44A0, 4);
                        ASSERT_FALSE(held(chip->cm7()));
                    }
                    ++cases;
                }
    EXPECT_EQ(cases, 16U * 3 * 4 * 3);
}

TEST(BootMatrix, TheBootWindowOfTheCortexM4IsCheckedAsTheRealAddress) {  // system.md 2.3, F-230
    BenchChip open = a_chip().flashed("hello_m4");
    open.power_on();
    EXPECT_EQ(open.load(Master::cm4, 0).value(), open.load(Master::cm4, 0x0810'0000).value());
    EXPECT_EQ(open.load(Master::cm4, 0xFFFC).value(), open.load(Master::cm4, 0x0810'FFFC).value());
    EXPECT_FALSE(open.load(Master::cm4, 0x1'0000));
    // A PCROP area over the boot address: zeros through the window as through the address itself.
    BenchChip shut =
        a_chip().with_option("PROT_AREA_START2", 0).with_option("PROT_AREA_END2", 0xFF).holding("hello_m4");
    shut.power_on();
    EXPECT_EQ(shut.load(Master::cm4, 0x40).value(), 0U);
    EXPECT_EQ(shut.load(Master::cm4, 0x0810'0040).value(), 0U);
    EXPECT_EQ(shut->flash().last_refusal()->address, 0x0810'0040U);
    // A secure area there: the same.
    BenchChip secure = a_chip()
                           .with_option("SEC_AREA_START2", 0)
                           .with_option("SEC_AREA_END2", 0xFF)
                           .with_option("BCM4", 0)
                           .holding("hello_m4");
    secure.power_on();
    EXPECT_EQ(secure.load(Master::cm4, 0x40).value(), 0U);
    // RAM behind it.
    BenchChip ram = a_chip().with_option("BOOT_CM4_ADD0", 0x1000).with_option("BCM4", 0);
    ram.power_on();
    EXPECT_EQ(ram.load(Master::cm4, 0x100).value(), ram.load(Master::cm4, 0x3000'0100).value());
}

TEST(BootMatrix, BlankFlashLocksBothCoresUp) {  // system.md 2.3, D-30
    BenchChip chip = a_chip();
    chip.power_on();
    const chip::Stop stop = chip.run();
    EXPECT_EQ(stop.why, chip::Stop::Why::locked_up);
    EXPECT_EQ(chip->cm7().state(), cpu::RunState::locked_up);
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::locked_up);
}

TEST(BootMatrix, BlankFlashOfTheCortexM4AloneLeavesTheOther) {  // D-30
    BenchChip chip = a_chip().flashed("hello_m7");
    EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M7"));
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::locked_up);
}

TEST(VendorBootModes, BothCoresBoot) {  // system.md 2.4: BootCM4_CM7
    BenchChip chip = a_chip().flashed("handshake_cm7").flashed("handshake_cm4");
    EXPECT_TRUE(chip.power_on_until("CM4: woken by semaphore 0"));
}

TEST(VendorBootModes, TheCortexM4IsGated) {  // system.md 2.4: BootCM7_CM4Gated
    BenchChip chip = a_chip().with_option("BCM4", 0).flashed("gated_cm7").flashed("hello_m4");
    chip.power_on();
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::held);
    EXPECT_TRUE(chip.run_until_text("hello from the Cortex-M4"));
    EXPECT_EQ(chip.console().find("CM7: starts the Cortex-M4"), 0U);
    chip->press_reset();  // clears RCC_GCR
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::held);
}

TEST(VendorBootModes, TheCortexM7IsGated) {  // system.md 2.4: BootCM4_CM7Gated
    BenchChip chip = a_chip().with_option("BCM7", 0).flashed("gated_cm4").flashed("hello_m7");
    chip.power_on();
    EXPECT_EQ(chip->cm7().state(), cpu::RunState::held);
    EXPECT_TRUE(chip.run_until_text("hello from the Cortex-M7"));
    EXPECT_EQ(chip.console().find("CM4: starts the Cortex-M7"), 0U);
}

TEST(VendorBootModes, TheCortexM4RunsFromACopyInRam) {  // system.md 2.4: BootCM7_CM4Gated_RAM
    BenchChip chip =
        a_chip().with_option("BCM4", 0).with_option("BOOT_CM4_ADD0", 0x1000).flashed("gated_copy_cm7");
    const loader::Program program = fixture("hello_ram_m4");
    ASSERT_EQ(program.segments.front().address, 0x1000'0000U);
    Bytes bytes(0x4000, 0xFF);
    for (const loader::Segment& segment : program.segments)
        std::copy(segment.bytes.begin(), segment.bytes.end(),
                  bytes.begin() + (segment.address - 0x1000'0000));
    ASSERT_TRUE(chip->program({{0x0810'0000, bytes}}));
    EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M4"));
    EXPECT_EQ(chip->cm4().registers().r[15] >> 16, 0x1000U);
}

}  // namespace
}  // namespace h7::test

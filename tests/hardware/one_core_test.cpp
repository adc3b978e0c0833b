// Parts with one core: what is there, what is not, and that firmware of the Cortex-M7 does not notice.
// Decision 0170; flash-driver-view.md 14; D-10.
#include <gtest/gtest.h>

#include "emulator/base/bits.hpp"
#include "emulator/options/option_names.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

class OneCore : public testing::TestWithParam<const char*> {};

TEST_P(OneCore, TheCortexM7BootsAndThereIsNoOther) {  // system.md 2.2, D-10
    BenchChip chip = a_chip().part(GetParam()).flashed("hello_m7");
    const chip::Part& part = chip->part();
    EXPECT_FALSE(part.cm4);
    EXPECT_EQ(part.exit_abi, 1);
    EXPECT_TRUE(chip.power_on_until("\n"));
    EXPECT_EQ(chip->cm4().instructions(), 0U);
    chip.store(Master::cm7, 0x5802'44A0, 8);  // BOOT_C2
    chip.run(kMillisecond);
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::held);
    EXPECT_FALSE(chip->debug_port().state(Master::ap3, 0x2400'0000).open);
    EXPECT_TRUE(chip->debug_port().state(Master::ap0, 0x2400'0000).open);
}

TEST_P(OneCore, IdentificationAndMemoryMap) {  // system.md 1.4, A12
    BenchChip chip = a_chip().part(GetParam());
    chip.power_on();
    const chip::Part& part = chip->part();
    EXPECT_EQ(chip.load(Master::cm7, 0x1FF1'E880).value() & 0xFFFF, part.flash_kilobytes);
    const std::string line = {'H', '7', part.name[7], part.name[8]};
    const std::uint64_t word = chip.load(Master::cm7, 0x1FF1'E8C0).value();
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(static_cast<char>(word >> (24 - 8 * i)), line[i]) << part.name;
    EXPECT_EQ(chip.load(Master::cm7, 0x5C00'1000).value(), 0x2003'6450U);
    for (const Address absent :
         {0x4002'4400U, 0x4000'2C00U, 0x5800'4C00U, 0x5000'0000U})  // ART WWDG2 IWDG2 DSI
        EXPECT_FALSE(chip.load(Master::cm7, absent)) << std::hex << absent;
    for (const Address there : {0x0800'0000U, 0x2000'0000U, 0x2407'FFFCU, 0x3004'7FFCU, 0x3800'FFFCU})
        EXPECT_TRUE(chip.load(Master::cm7, there)) << std::hex << there;
    chip.store(Master::cm7, 0x5802'44F4, 2);                     // SYSCFGEN
    EXPECT_EQ(chip.load(Master::cm7, 0x5800'0500).value(), 0U);  // SR0: no CM4
    EXPECT_EQ(chip.load(Master::cm7, 0x5800'0704).value(), 0U);  // UR1: no BCM4, BCM7
}

TEST_P(OneCore, OptionBitsOfASecondCoreTakeNoWrite) {  // F-149, decision 0170
    BenchChip chip = a_chip().part(GetParam());
    chip.power_on();
    constexpr Address kFlash = 0x5200'2000;
    const auto put = [&](Address offset, std::uint32_t value) {
        chip.store(Master::cm7, kFlash + offset, value);
    };
    const std::uint32_t now = static_cast<std::uint32_t>(chip.load(Master::cm7, kFlash + 0x1C).value());
    EXPECT_EQ(now, chip::kFactoryOptsrOfOneCore);
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x48).value(), 0U);
    put(0x08, 0x0819'2A3B);
    put(0x08, 0x4C5D'6E7F);
    put(0x20, (now ^ 0x4) | 0x03C0'0020);  // BOR_LEV with BCM7, BCM4, D2 resets, IWDG2_SW
    put(0x4C, 0x1000'0810);
    put(0x18, 2);
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x1C).value(), now ^ 0x4);
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x48).value(), 0U);
    chip->press_reset();
    EXPECT_NE(chip->cm7().state(), cpu::RunState::held);
}

INSTANTIATE_TEST_SUITE_P(Parts, OneCore, testing::Values("H753", "H743", "H742", "H750", "H743G", "H742G"),
                         [](const auto& of) { return std::string(of.param); });

TEST(H750, HasOneSector) {  // flash-driver-view.md 14, decision 0170
    BenchChip chip = a_chip().part("H750");
    chip.power_on();
    EXPECT_TRUE(chip.load(Master::cm7, 0x0801'FFFC));
    for (const Address beyond : {0x0802'0000U, 0x0810'0000U, 0x0811'FFFCU})
        EXPECT_FALSE(chip.load(Master::cm7, beyond)) << std::hex << beyond;
    const auto put = [&](Address at, std::uint32_t value) { chip.store(Master::cm7, at, value); };
    constexpr Address kFlash = 0x5200'2000;
    for (const Address bank : {kFlash, kFlash + 0x100}) {
        put(bank + 0x04, 0x4567'0123);
        put(bank + 0x04, 0xCDEF'89AB);
    }
    put(kFlash + 0x0C, 0xB4);  // SER, sector 0
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x10).value(), 1U << 16);
    put(kFlash + 0x10C, 0xB4);  // bank 2 has none
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x110).value(), 1U << 17);
    put(kFlash + 0x08, 0x0819'2A3B);
    put(kFlash + 0x08, 0x4C5D'6E7F);
    put(kFlash + 0x20, 0x8000'0000U | chip::kFactoryOptsrOfOneCore);
    put(kFlash + 0x18, 2);
    chip->press_reset();
    EXPECT_EQ(chip.load(Master::cm7, kFlash + 0x1C).value(), chip::kFactoryOptsrOfOneCore);
}

TEST(H750, AProgramBehindItsFlashDoesNotFit) {
    auto chip = chip::Chip::create({.part = chip::find_part("H750"), .image = {}, .identity = {}});
    ASSERT_TRUE(chip);
    const Bytes bytes(32, 0);
    EXPECT_TRUE((*chip)->program({{0x0801'FFE0, bytes}}));
    EXPECT_FALSE((*chip)->program({{0x0802'0000, bytes}}));
    EXPECT_FALSE((*chip)->program({{0x0810'0000, bytes}}));
}

TEST(OneCoreSystem, StopNeedsNoSecondCore) {  // system.md 4.3: nobody else keeps the system awake
    for (const char* part : {"H755", "H743"}) {
        BenchChip chip = a_chip().part(part);
        chip.power_on();
        const bool d2 = test_bit(static_cast<std::uint32_t>(chip.load(Master::cm7, 0x5802'4400).value()), 15);
        EXPECT_EQ(d2, std::string_view(part) == "H755")
            << part;  // a core that is not there allocates nothing
    }
}

TEST(OneCoreSystem, TheRssHandsOverWithOneArgument) {  // D-10, R-051
    BenchChip chip = a_chip().part("H753").with_option("SECURITY", 1).flashed("hello_m7");
    chip.power_on();
    EXPECT_TRUE(chip->secure_mode().latched());
    EXPECT_TRUE(chip.run_until_text("\n"));
    BenchChip other = a_chip().part("H743").with_option("SECURITY", 1);
    other.power_on();
    EXPECT_FALSE(other->secure_mode().latched());  // D-02
}

}  // namespace
}  // namespace h7::test

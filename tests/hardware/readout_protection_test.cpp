// Readout protection on the whole chip: every cell of the table of F-204, with the boot the chip really made,
// the debug port, both cores, backup SRAM and RTC backup registers.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kFlash = 0x0800'0000, kFree = 0x0808'0000, kSystem = 0x1FF0'9500, kBackup = 0x3880'0000,
                  kBkp0r = 0x5800'4050;
constexpr Address kKeyr = 0x5200'2004, kOptkeyr = 0x5200'2008, kCr = 0x5200'200C, kSr = 0x5200'2010,
                  kCcr = 0x5200'2014, kOptcr = 0x5200'2018, kOptsrCur = 0x5200'201C, kWpsnCur = 0x5200'2038,
                  kWpsnPrg = 0x5200'203C;
constexpr std::uint32_t kEop = 1U << 16, kWrperr = 1U << 17, kRdperr = 1U << 23;

enum class Boot { user_flash, ram, system_flash };
constexpr Boot kBoots[] = {Boot::user_flash, Boot::ram, Boot::system_flash};

class ReadoutProtection : public ::testing::Test {
protected:
    /// A chip that has booted, its application in flash, the way to the secured regions open.
    static BenchChip booted(Boot boot, std::uint32_t rdp, bool debugger) {
        const std::uint32_t start = boot == Boot::user_flash ? 0x0800 : boot == Boot::ram ? 0x2400 : 0x1FF0;
        BenchChip chip = a_chip()
                             .with_option("RDP", rdp)
                             .with_option("BOOT_CM7_ADD0", start)
                             .with_option("BCM4", 0)
                             .holding("hello_m7");
        chip.power_on();
        if (debugger) (void)chip->debug_port().read(Master::ap0, 0x2400'0000, 4);
        open_secured_regions(chip);
        return chip;
    }
    static void open_secured_regions(BenchChip& chip) {
        put(chip, 0x5802'44E0, 1U << 28);  // RCC_AHB4ENR.BKPRAMEN
        put(chip, 0x5802'44F4, 1U << 16);  // RCC_APB4ENR.RTCAPBEN
        put(chip, 0x5802'4800, 1U << 8);   // PWR_CR1.DBP
    }
    static void put(BenchChip& chip, Address address, std::uint32_t value) {
        chip.store(Master::cm7, address, value);
    }
    static std::uint32_t get(BenchChip& chip, Address address) {
        const auto value = chip.load(Master::cm7, address);
        EXPECT_TRUE(value) << std::hex << address;
        return value ? static_cast<std::uint32_t>(*value) : 0;
    }
    static std::uint32_t flags(BenchChip& chip) {
        const std::uint32_t seen = get(chip, kSr) & 0xFFFF'0000U;
        put(chip, kCcr, ~0U);
        return seen;
    }
    static void expect_user_flash(BenchChip& chip, bool reachable) {
        (void)flags(chip);
        for (const Master who : {Master::cm7, Master::cm4, Master::mdma, Master::dma1, Master::ap0}) {
            const Access read{kFlash, 4, Op::read, who, Context::application, true};
            EXPECT_EQ(chip->read(read).has_value(), reachable) << name_of(who);
            EXPECT_EQ(flags(chip), reachable ? 0U : kRdperr) << name_of(who);
        }
        for (const Master who : {Master::cm7, Master::cm4}) {
            EXPECT_EQ(chip->read(chip->as_core(who, kFlash, 4, Op::fetch)).has_value(), reachable);
            EXPECT_EQ(flags(chip), reachable ? 0U : kRdperr) << name_of(who);
        }
        if ((get(chip, kCr) & 1U) != 0) {
            put(chip, kKeyr, 0x4567'0123);
            put(chip, kKeyr, 0xCDEF'89AB);
        }
        put(chip, kCr, 0x32);
        for (unsigned i = 0; i < 8; ++i) put(chip, kFree + 4 * i, 0x1234'5678);  // never a bus error
        EXPECT_EQ(flags(chip), reachable ? kEop : kWrperr) << "program";
        EXPECT_EQ(chip->image().user[0].words[0x4000],
                  reachable ? flash::WordState::programmed : flash::WordState::erased);
        put(chip, kCr, 0x4B4 & ~0x02U);  // SER, START, sector 4
        EXPECT_EQ(flags(chip), reachable ? kEop : kWrperr) << "erase";
    }
    static void expect_secured_regions(BenchChip& chip, bool reachable) {
        for (const Address region : {kBackup, kBkp0r}) {
            put(chip, region, 0x600D'600D);
            EXPECT_EQ(get(chip, region), reachable ? 0x600D'600DU : 0U) << std::hex << region;
        }
    }
    /// One field changed by firmware; false: OPTCHANGEERR.
    static bool change_options(BenchChip& chip) {
        put(chip, kOptkeyr, 0x0819'2A3B);
        put(chip, kOptkeyr, 0x4C5D'6E7F);
        put(chip, kWpsnPrg, 0x7F);
        put(chip, kOptcr, 2);
        const bool taken = get(chip, kWpsnCur) == 0x7F;
        EXPECT_EQ((get(chip, kOptsrCur) >> 30 & 1U) == 0, taken);
        return taken;
    }
};

TEST_F(ReadoutProtection, EveryCellOfTheTable) {  // F-204 F-196..F-202 F-206, A-36, T-35 T-36
    for (const Boot boot : kBoots)
        for (const std::uint32_t rdp : {0xAAU, 0x55U, 0x00U, 0xCCU})
            for (const bool debugger : {false, true}) {
                SCOPED_TRACE(::testing::Message() << "boot " << static_cast<int>(boot) << " RDP " << std::hex
                                                  << rdp << " debugger " << debugger);
                BenchChip chip = booted(boot, rdp, debugger);
                const bool level1 = rdp == 0x55 || rdp == 0x00;
                if (rdp == 0xCC) {  // such a boot does not exist, nor does such a debugger
                    EXPECT_EQ(chip->boot_choice().cm7, kFlash);
                    EXPECT_FALSE(chip->secure_mode().intrusion());
                    EXPECT_FALSE(chip->debug_port().read(Master::ap0, 0x2400'0000, 4));
                }
                const bool reachable = !level1 || (boot == Boot::user_flash && !debugger);
                expect_user_flash(chip, reachable);
                (void)get(chip, kSystem);  // system flash: R in every row
                EXPECT_EQ(flags(chip), 0U);
                expect_secured_regions(chip, reachable);
                EXPECT_EQ(get(chip, kOptsrCur) >> 8 & 0xFFU, rdp);  // options: R in every row
                EXPECT_EQ(change_options(chip), rdp != 0xCC);
            }
}

TEST_F(ReadoutProtection, TheIntrusionOutlivesTheDebugger) {  // T-36 A-34: until power is removed
    BenchChip chip = booted(Boot::user_flash, 0x55, false);
    expect_user_flash(chip, true);
    expect_secured_regions(chip, true);
    EXPECT_FALSE(chip->debug_port().read(Master::ap0, kFlash, 4));
    expect_user_flash(chip, false);
    expect_secured_regions(chip, false);
    chip->press_reset();
    open_secured_regions(chip);
    expect_user_flash(chip, false);
    expect_secured_regions(chip, false);
    chip->power_off();
    chip.power_on();
    open_secured_regions(chip);
    expect_user_flash(chip, true);
    expect_secured_regions(chip, true);
}

TEST_F(ReadoutProtection, EitherCoreCounts) {  // T-37 F-198
    for (const auto& [start, starts] :
         {std::pair{0x1000U, 1U}, std::pair{0x1000U, 0U}, std::pair{0x0810U, 1U}}) {
        BenchChip chip = a_chip()
                             .with_option("RDP", 0x55)
                             .with_option("BOOT_CM4_ADD0", start)
                             .with_option("BCM4", starts)
                             .holding("hello_m7");
        chip.power_on();
        expect_user_flash(chip, start == 0x0810 || starts == 0);
    }
}

TEST_F(ReadoutProtection, ARegressionClearsTheSecuredRegions) {  // T-38 F-196 F-208
    BenchChip chip = booted(Boot::user_flash, 0x55, false);
    put(chip, kBackup, 0x5EC2'E700);
    put(chip, kBackup + 0xFFC, 0x5EC2'E701);
    put(chip, kBkp0r + 4 * 31, 0x5EC2'E702);
    put(chip, kOptkeyr, 0x0819'2A3B);
    put(chip, kOptkeyr, 0x4C5D'6E7F);
    put(chip, kOptsrCur + 4, (get(chip, kOptsrCur) & 0xFFFF'00FFU) | 0xAA00);
    put(chip, kOptcr, 2);
    EXPECT_EQ(chip->flash().rdp(), security::Rdp::level0);
    for (const Address at : {kBackup, kBackup + 0xFFC, kBkp0r + 4 * 31}) EXPECT_EQ(get(chip, at), 0U);
    EXPECT_EQ(get(chip, kFlash), 0xFFFF'FFFFU);
}

}  // namespace
}  // namespace h7::test

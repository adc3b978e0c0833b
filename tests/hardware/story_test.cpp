// The story of the demo, one test per statement: secure access mode on a chip as an install leaves it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rss/services/engine.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using ::testing::HasSubstr;

constexpr Address kSecureArea = 0x0800'0000, kPcrop = 0x0804'0000, kRssPrivate = 0x1FF0'0000;
constexpr Address kSr1 = 0x5200'2010, kCcr1 = 0x5200'2014;
constexpr std::uint32_t kWrperr = 1U << 17, kRdperr = 1U << 23, kRdserr = 1U << 24;

ChipBuilder installed_chip(const char* boot = "secure_boot") {
    return a_chip()
        .with_option("SECURITY", 1)
        .with_option("SEC_AREA_START1", 0x000)
        .with_option("SEC_AREA_END1", 0x07F)
        .with_option("PROT_AREA_START1", 0x400)
        .with_option("PROT_AREA_END1", 0x401)
        .holding(boot)
        .holding("application")
        .holding("coprocessor");
}

class Story : public ::testing::Test {
protected:
    static BenchChip told(const char* boot = "secure_boot") {
        BenchChip chip = installed_chip(boot).build();
        (void)chip.power_on_until("coprocessor: done\n", kSecond);
        return chip;
    }
};

TEST_F(Story, SecureBootloaderRunsFirstAndChecksTheApplication) {  // F-028, R-003, R-010..R-012, R-014, R-015
    BenchChip chip = told();
    EXPECT_THAT(chip.console(), HasSubstr("secure: SEC_CONFSEC 0x00000002\n"));
    EXPECT_THAT(chip.console(), HasSubstr("SHA-256 ok\n"));
    EXPECT_LT(chip.console().find("secure: leaving"), chip.console().find("application: started"));
}

TEST_F(Story, ApplicationWakesTheCm4) {  // system.md 2.4
    EXPECT_THAT(told().console(), HasSubstr("application: the Cortex-M4 was in CStop and runs now\n"));
}

TEST_F(Story, ApplicationReadsZerosFromTheSecureArea) {  // F-229
    EXPECT_THAT(
        told().console(),
        HasSubstr("application: read secure area 0x08000000: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"));
}

TEST_F(Story, ApplicationCannotFetchTheSecureArea) {  // F-230, R-009: code that ran a moment ago is closed
    EXPECT_THAT(
        told().console(),
        HasSubstr("application: fetch secure area 0x08000000: bus error (IBUSERR), FLASH_SR1 RDSERR\n"));
}

TEST_F(Story, ApplicationCannotProgramTheSecureArea) {  // F-231, F-068
    EXPECT_THAT(told().console(),
                HasSubstr("application: write secure area 0x08000000: no bus error, FLASH_SR1 WRPERR\n"));
}

TEST_F(Story, ApplicationMayCallButNotReadPcrop) {  // F-219, F-220
    const std::string text = told().console();
    EXPECT_THAT(
        text,
        HasSubstr("application: call pcrop_add(2, 3) at 0x08040000: 5, no bus error, FLASH_SR1 none\n"));
    EXPECT_THAT(
        text,
        HasSubstr("application: read PCROP area 0x08040000: 0x00000000, no bus error, FLASH_SR1 RDPERR\n"));
}

TEST_F(Story, ApplicationSeesNothingOfTheRss) {  // D-08, R-042, A-38
    const std::string text = told().console();
    EXPECT_THAT(
        text,
        HasSubstr("application: read system flash 0x1FF00000: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"));
    EXPECT_THAT(
        text,
        HasSubstr("application: fetch system flash 0x1FF00000: bus error (IBUSERR), FLASH_SR1 RDSERR\n"));
}

TEST_F(Story, Cm4SeesNothingOfTheSecureArea) {  // F-236, R-002, R-008
    const std::string text = told().console();
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: read secure area 0x08000000: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"));
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: fetch secure area 0x08000000: bus error (IBUSERR), FLASH_SR1 RDSERR\n"));
    EXPECT_THAT(text,
                HasSubstr("coprocessor: write secure area 0x08000000: no bus error, FLASH_SR1 WRPERR\n"));
}

TEST_F(Story, Cm4ExecutesPcropAsZeros) {  // A-13, D-34
    const std::string text = told().console();
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: read PCROP area 0x08040000: 0x00000000, no bus error, FLASH_SR1 RDPERR\n"));
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: call pcrop_add(2, 3) at 0x08040000: 2, no bus error, FLASH_SR1 RDPERR\n"));
}

TEST_F(Story, Cm4CannotReachSystemMemoryNotEvenTheUid) {  // D-01, R-053
    const std::string text = told().console();
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: read system flash 0x1FF00000: bus error (PRECISERR), FLASH_SR1 none\n"));
    EXPECT_THAT(
        text, HasSubstr("coprocessor: fetch system flash 0x1FF00000: bus error (IBUSERR), FLASH_SR1 none\n"));
    EXPECT_THAT(
        text,
        HasSubstr("coprocessor: read unique device ID 0x1FF1E800: bus error (PRECISERR), FLASH_SR1 none\n"));
}

TEST_F(Story,
       NoMasterSeesTheAreasAfterwards) {  // F-229, F-220, F-236: zeros and the flag for DMA and debugger too
    BenchChip chip = told();
    for (const Master who :
         {Master::mdma, Master::dma1, Master::dma2, Master::dma2d, Master::ap0, Master::ap3}) {
        chip.store(Master::cm7, kCcr1, ~0U);
        const Access secret{kSecureArea, 4, Op::read, who, Context::application, true};
        EXPECT_EQ(chip->read(secret).value(), 0U) << name_of(who);
        EXPECT_EQ(chip.load(Master::cm7, kSr1).value() & (kRdserr | kRdperr | kWrperr), kRdserr)
            << name_of(who);
        chip.store(Master::cm7, kCcr1, ~0U);
        const Access code{kPcrop, 4, Op::read, who, Context::application, true};
        EXPECT_EQ(chip->read(code).value(), 0U) << name_of(who);
        EXPECT_EQ(chip.load(Master::cm7, kSr1).value() & (kRdserr | kRdperr | kWrperr), kRdperr)
            << name_of(who);
    }
}

TEST_F(Story, ASystemResetOpensTheAreaAgain) {  // re-opened code runs, and is not stale
    BenchChip chip = told();
    const std::string first = chip.console();
    chip->press_reset();
    EXPECT_TRUE(chip->secure_mode().user_open());
    chip.run_until_text("never printed", 300 * kMillisecond);
    EXPECT_EQ(chip.console(), first + first);
}

TEST_F(Story, DebugPortIsClosedUntilTheExitWithTheMagic) {  // rss-sfi-bootloader.md 1.7
    BenchChip chip = installed_chip().build();
    chip.power_on();
    EXPECT_FALSE(chip->debug_port().state(Master::ap0, kSecureArea).open);
    ASSERT_TRUE(chip.run_until_text("application: started"));
    EXPECT_TRUE(chip->debug_port().state(Master::ap0, kSecureArea).open);
    EXPECT_EQ(chip->debug_port().read(Master::ap0, kSecureArea, 4).value(), 0U);
}

TEST_F(Story, DebugPortStaysClosedAfterAnExitWithoutTheMagic) {
    BenchChip chip = told("secure_boot_no_debug");
    ASSERT_THAT(chip.console(), HasSubstr("coprocessor: done"));
    EXPECT_FALSE(chip->debug_port().state(Master::ap0, kSecureArea).open);
    EXPECT_FALSE(chip->debug_port().read(Master::ap3, 0x3800'0000, 4));
}

TEST_F(Story, ADamagedApplicationIsNotStarted) {
    BenchChip chip = installed_chip().build();
    flash::Image image = chip->image();
    image.user[0].data[0x2'0500] ^= 1U;
    chip->flash().set_image(image);
    EXPECT_TRUE(chip.power_on_until("secure: application refused: SHA-256 differs\n", kSecond));
    EXPECT_THAT(chip.console(), ::testing::Not(HasSubstr("application: started")));
}

TEST_F(Story, WithSecurityOffTheAreaIsClosedForEverybody) {  // D-03, A-14
    BenchChip chip = installed_chip().with_option("SECURITY", 0).build();
    chip.power_on();
    EXPECT_EQ(chip.load(Master::cm7, kSecureArea).value(), 0U);
    EXPECT_EQ(chip.load(Master::cm7, kSr1).value() & kRdserr, kRdserr);
    EXPECT_EQ(chip->secure_mode().confsec(), 0U);
}

TEST_F(Story, OnAPartWithoutSecurityTheAreaMeansNothing) {  // D-02, D-03
    BenchChip chip = installed_chip().part("H745").build();
    chip.power_on();
    EXPECT_NE(chip.load(Master::cm7, kSecureArea).value(), 0U);
    EXPECT_EQ(chip.load(Master::cm7, 0x5200'201C).value() & (1U << 21), 0U);
}

TEST(Rss, PrivateMemoryIsClosedInStandardMode) {  // D-07, D-08, R-042
    BenchChip chip = a_chip().flashed("hello_m7");
    chip.power_on();
    EXPECT_EQ(chip.load(Master::cm7, kRssPrivate).value(), 0U);
    EXPECT_EQ(chip.load(Master::cm7, kSr1).value() & kRdserr, kRdserr);
    EXPECT_FALSE(chip.load(Master::cm4, kRssPrivate));
    EXPECT_NE(chip.load(Master::cm7, 0x1FF0'9500).value() & 1U, 0U) << "the table is readable in both modes";
}

TEST(Rss, TheTableIsForTheCm7) {  // T-50 R-021 R-042
    BenchChip chip = installed_chip().build();
    chip.power_on();
    ASSERT_EQ(chip->secure_mode().confsec(), 2U);
    for (const Address slot : {0x1FF0'9500U, 0x1FF0'9514U, 0x1FF0'9518U}) {
        EXPECT_EQ(chip.load(Master::cm7, slot).value() & 0xFFF0'0001U, 0x1FF0'0001U) << std::hex << slot;
        EXPECT_FALSE(chip.load(Master::cm4, slot));
    }
}

TEST(Rss, SecurityForcesTheBoot) {  // T-53 R-010 R-011: BOOT_CM7_ADD0 in RAM
    BenchChip chip = installed_chip().with_option("BOOT_CM7_ADD0", 0x2400).build();
    chip.power_on();
    EXPECT_EQ(chip->boot_choice().cm7, 0x2400'0000U);
    EXPECT_EQ(chip->cm7().pc() & ~0x7FFFU, kSecureArea) << "the area runs first";
    EXPECT_EQ(chip->secure_mode().confsec(), 2U);
    EXPECT_FALSE(chip->secure_mode().intrusion());
}

TEST(Rss, SecuredBlankChipAnswersWithTheBootloader) {  // D-16, rss-sfi-bootloader.md 1.3 step 5
    BenchChip low = a_chip().with_option("SECURITY", 1);
    low.power_on();
    EXPECT_FALSE(low->debug_port().state(Master::ap0, 0x2403'0000).open)
        << "BOOT0 low, blank: the UART flow, DAP closed";
    BenchChip high = a_chip().with_option("SECURITY", 1).boot0_high();
    high.power_on();
    EXPECT_TRUE(high->debug_port().state(Master::ap0, 0x2403'0000).open)
        << "BOOT0 high: the SWD flow, DAP open";
}

TEST(Contents, ClosedCodeDoesNotKeepRunningAndReopenedCodeIsNotStale) {  // F-230, R-009, spec/unicorn.md 11
    expect_says(a_chip()
                    .with_option("SECURITY", 1)
                    .with_option("SEC_AREA_START1", 0x000)
                    .with_option("SEC_AREA_END1", 0x3FF)
                    .holding("closing_code"),
                "open: answer() returns 1\n"
                "closing from inside: bus error (IBUSERR), right behind the store\n"
                "closed: answer() bus error (IBUSERR)\n"
                "reopened: answer() rewritten, returns 2\n"
                "done\n",
                kSecond);
}

TEST(Contents, SecureCodeResizesItsAreaAndMakesTheOtherOne) {  // R-019, F-168, D-22
    expect_says(a_chip()
                    .with_option("SECURITY", 1)
                    .with_option("SEC_AREA_START1", 0x000)
                    .with_option("SEC_AREA_END1", 0x07F)
                    .holding("secure_resize"),
                "open: SCAR1 0x007F0000, SCAR2 0x000000FF\n"
                "open: grown to 64 Kbytes: accepted, SCAR1 0x00FF0000, SCAR2 0x000000FF\n"
                "open: 0x5EC2E701 at 0x08004000, 0x5EC2E702 at 0x08009000\n"
                "closed: read first half 0x08004000: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"
                "closed: read second half 0x08009000: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"
                "closed: shrunk to 16 Kbytes: OPTCHANGEERR, SCAR1 0x00FF0000, SCAR2 0x000000FF\n"
                "open: shrunk to 16 Kbytes: accepted, SCAR1 0x003F0000, SCAR2 0x000000FF\n"
                "open: bank 2, 512 bytes: accepted, SCAR1 0x003F0000, SCAR2 0x00010000\n"
                "closed: read entry 0x08000004: 0x00000000, no bus error, FLASH_SR1 RDSERR\n"
                "closed: read first half 0x08004000: 0x5EC2E701, no bus error, FLASH_SR1 none\n"
                "closed: read second half 0x08009000: 0x5EC2E702, no bus error, FLASH_SR1 none\n"
                "closed: bank 2: 0x00000000 in the area, 0xFFFFFFFF behind it\n"
                "done\n",
                kSecond);
}

TEST(Contents, ReprogrammedCodeRunsAsProgrammed) {  // F-095
    expect_says(a_chip().flashed("rewritten_code"),
                "answer() returns 1\nerased and programmed: answer() returns 2\ndone\n");
}

TEST(Contents, CodeWrittenIntoRamByADebuggerOrADmaIsNeverStale) {  // issue 2: the access view
    constexpr Address kVectors = 0x2400'0000, kCode = 0x2400'0100;
    BenchChip chip = a_chip().flashed("hello_m7");
    ASSERT_TRUE(chip.power_on_until("hello from the Cortex-M7\n"));
    const auto put = [&](Master writer, Address address, std::uint32_t value) {
        ASSERT_TRUE(chip->write({address, 4, Op::write, writer, Context::application, true}, value));
    };
    const auto answer = [&](Master writer, std::uint32_t value) {
        put(writer, kVectors, 0x2402'0000);
        put(writer, kVectors + 4, kCode | 1U);
        put(writer, kCode, 0xE7FE'2000U | value);  // movs r0, #value; b .
        chip->cm7().hand_over(kVectors, true);
        chip->run({10 * kMicrosecond, {}});
        return chip->cm7().registers().r[0];
    };
    EXPECT_EQ(answer(Master::ap0, 1), 1U);
    EXPECT_EQ(answer(Master::ap0, 2), 2U);
    EXPECT_EQ(answer(Master::mdma, 3), 3U);
    EXPECT_EQ(answer(Master::ap3, 4), 4U);
}

TEST(Contents, CodeWrittenByTheHostIsNeverStale) {
    BenchChip chip = a_chip().flashed("hello_m7");
    ASSERT_TRUE(chip.power_on_until("hello from the Cortex-M7\n"));
    chip->power_off();
    const loader::Program other = fixture("calls_services");
    ASSERT_TRUE(chip->program(pieces_of(other)));
    EXPECT_TRUE(chip.power_on_until("getVersion 0x00010200\n"));
}

}  // namespace
}  // namespace h7::test

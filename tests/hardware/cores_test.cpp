// Both cores run real firmware: printing, handshake, faults, interrupts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Cores, Cm7PrintsOnUsart3) {  // system.md A1
    BenchChip chip = a_chip().flashed("hello_m7");
    EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M7\n"));
}

TEST(Cores, Cm4PrintsWhileABlankCm7IsLockedUp) {  // D-30
    BenchChip chip = a_chip().flashed("hello_m4");
    EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M4\n"));
    EXPECT_EQ(chip->cm7().state(), cpu::RunState::locked_up);
}

TEST(Cores, ABlankChipLocksUpWhole) {  // D-30, system.md 2.3
    BenchChip chip = a_chip();
    chip.power_on();
    EXPECT_EQ(chip.run().why, chip::Stop::Why::locked_up);
}

TEST(Cores, BothPrintUnderTheHsemLock) {  // system.md 5.3
    BenchChip chip = a_chip().flashed("dual_hello_cm7").flashed("dual_hello_cm4");
    chip.power_on();
    chip.run();
    for (int line = 0; line < 10; ++line)
        EXPECT_THAT(chip.console(), AllOf(HasSubstr("CM7 line " + std::to_string(line) + "\n"),
                                          HasSubstr("CM4 line " + std::to_string(line) + "\n")));
}

TEST(Cores, HeldCm4IsReleasedByBootC2) {  // system.md A2
    BenchChip chip = a_chip().with_option("BCM4", 0).flashed("hello_m7").flashed("hello_m4");
    chip.power_on();
    chip.run();
    EXPECT_EQ(chip->cm4().state(), cpu::RunState::held);
    EXPECT_EQ(chip.console(), "hello from the Cortex-M7\n");
    chip.store(Master::cm7, 0x5802'44A0, 8);
    EXPECT_TRUE(chip.run_until_text("hello from the Cortex-M4\n"));
}

TEST(Cores, OnlyCm4StartsWithBcm7Clear) {  // system.md A3
    BenchChip chip = a_chip().with_option("BCM7", 0).flashed("hello_m7").flashed("hello_m4");
    EXPECT_TRUE(chip.power_on_until("hello from the Cortex-M4\n"));
    EXPECT_EQ(chip->cm7().state(), cpu::RunState::held);
    EXPECT_EQ(chip.console(), "hello from the Cortex-M4\n");
}

TEST(Cores, DualCoreHandshakeOfStsTemplate) {  // system.md 2.4, A5
    expect_says(a_chip().flashed("handshake_cm7").flashed("handshake_cm4"),
                "CM7: the Cortex-M4 is in CStop (D2CKRDY 0)\n"
                "CM7: the Cortex-M4 runs again (D2CKRDY 1)\n"
                "CM4: woken by semaphore 0\n");
}

// PSP, SVC, PendSV, the lazy FP frame and the MPU as a preemptive kernel uses them: system.md 5.6, 5.7, 5.8.
TEST(Cores, APreemptiveKernelSwitchesFpThreads) {
    for (const auto& [program, name] : {std::pair{"threads_m7", "CM7"}, std::pair{"threads_m4", "CM4"}}) {
        BenchChip chip = a_chip().flashed(program);
        EXPECT_TRUE(chip.power_on_until("equal\n", 50 * kMillisecond));
        EXPECT_THAT(
            chip.console(),
            AllOf(HasSubstr(std::string(name) + ": kernel data written by an unprivileged thread: "
                                                "MemManage, CFSR 0x00000082, MMFAR right\n"),
                  HasSubstr(std::string(name) + ": 3 threads, 30 ticks, floating-point sums equal\n")));
    }
}

// EXTI line 0 by SWIER, semaphores by interrupt, SEV by IRQ64 and IRQ65; the same with any turn (D-28).
TEST(Cores, TheDoorbellsBetweenTheCoresRing) {  // system.md 5.1, 5.2, 5.2b, 5.3, A16
    for (const std::uint64_t turn : {100U, 1'000U, 100'000U}) {
        BenchChip chip = a_chip().turn(turn).flashed("doorbells_cm7").flashed("doorbells_cm4");
        SCOPED_TRACE(testing::Message() << "turn " << turn);
        expect_says(chip,
                    "EXTI line 0 rang the Cortex-M4 3 times; pending for CM7 0, for CM4 0\n"
                    "semaphore 1 rang the Cortex-M4, C2MISR 0x00000002\n"
                    "SEV rang the Cortex-M4 1 times, the Cortex-M7 0 times\n"
                    "the Cortex-M4 rang back: SEV 1, C1MISR 0x00000004\n",
                    50 * kMillisecond);
    }
}

TEST(Cores, VendorStartUpCodeRunsAt400MHz) {  // system.md 5.6, 5.7, 11.2, 11.7, A10, A13
    expect_says(a_chip().flashed("vendor_startup"),
                "MPU 16 regions, background region on\n"
                "I-cache and D-cache on, cleaned 4 x 128 and off and on again\n"
                "clock: supply ok, VOS1 ok, HSE ok, PLL1 ok, SWS 3, latency 2\n"
                "10 ticks of 1 ms: 4000 kcycles\n",
                50 * kMillisecond);
}

TEST(Cores, HandshakeTimesOutWithoutCm4) {  // system.md 2.4, trap
    BenchChip chip = a_chip().flashed("handshake_cm7");
    EXPECT_TRUE(chip.power_on_until("CM7: timeout waiting for D2CKRDY\n"));
}

struct Built {
    const char* fixture;
    const char* text;
};

class Facts : public ::testing::TestWithParam<Built> {};

TEST_P(Facts, PrintWhatTheirSourceSays) {
    expect_says(a_chip().flashed(GetParam().fixture), GetParam().text);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Fixtures, Facts, ::testing::Values(
    Built{"busfault_load_m7",  // system.md 1.5, A8
          "load 0x20020000: bus error (PRECISERR)\nCFSR 0x00008200, BFAR 0x20020000\n"
          "stacked pc is the load instruction\nthe program goes on\n"},
    Built{"busfault_load_m4",
          "load 0x20000000: bus error (PRECISERR)\nCFSR 0x00008200, BFAR 0x20000000\n"
          "stacked pc is the load instruction\nthe program goes on\n"},
    Built{"busfault_fetch_m7",
          "fetch 0x10048000: bus error (IBUSERR)\nCFSR 0x00000100\nstacked pc is the branch target\nthe program goes on\n"},
    Built{"busfault_fetch_m4",
          "fetch 0x10048000: bus error (IBUSERR)\nCFSR 0x00000100\nstacked pc is the branch target\nthe program goes on\n"},
    Built{"nested_interrupts_fp_m7",
          "order: TIM2 in, TIM3 in, SysTick, TIM3 out, TIM2 out\ns0-s31 and FPSCR of the interrupted code: kept\n"
          "floating-point loop under 50 ticks: same result\n"},
    Built{"nested_interrupts_fp_m4",
          "order: TIM2 in, TIM3 in, SysTick, TIM3 out, TIM2 out\ns0-s31 and FPSCR of the interrupted code: kept\n"
          "floating-point loop under 50 ticks: same result\n"},
    Built{"option_change",  // F-138, F-139
          "OPTSR_CUR 0x17C6AAF0, BOR_LEV 0\nOPTSTART: no OPTCHANGEERR\nOPTSR_CUR 0x17C6AAF8, BOR_LEV 2\n"
          "locked: OPTSR_PRG still 0x17C6AAF8\n"},
    Built{"flash_program",  // F-054, F-062, F-079
          "bank 1: blank\nbank 1: programmed, FLASH_SR EOP, reads back\nbank 1: write without PG, FLASH_SR PGSERR, unchanged\n"
          "bank 1: erased, FLASH_SR EOP, blank\n"
          "bank 2: blank\nbank 2: programmed, FLASH_SR EOP, reads back\nbank 2: write without PG, FLASH_SR PGSERR, unchanged\n"
          "bank 2: erased, FLASH_SR EOP, blank\ndone\n"},
    Built{"calls_services",
          "getVersion 0x00010200\ngetVersion by direct entry 0x00010200\ngetStatus 0xEE000091\ngetCertificateSize 136\n"
          "getCertificate 45002001\nSetVectors: VTOR is the second table\n"
          "exitSecureArea: running from the second table, SP and VTOR as it says\n"}),
    [](const auto& param) { return std::string(param.param.fixture); });
// clang-format on

TEST(Cores, SemihostingExitCarriesTheStatus) {  // D-32
    BenchChip zero = a_chip().flashed("semihosting_exit_0");
    zero.power_on();
    chip::Stop stop = zero.run();
    EXPECT_EQ(stop.why, chip::Stop::Why::guest_exit);
    EXPECT_EQ(stop.guest_status, 0U);
    BenchChip seven = a_chip().flashed("semihosting_exit_7");
    seven.power_on();
    EXPECT_EQ(seven.run().guest_status, 7U);
}

TEST(Cores, Boot0HighStartsTheSystemBootloader) {  // F-027, rss-sfi-bootloader.md 1.2, 5.1
    BenchChip chip = a_chip().boot0_high();
    std::vector<std::string> notices;
    chip->trace().set_notice_sink([&](std::string_view line) { notices.emplace_back(line); });
    chip.power_on();
    chip.run(kMillisecond);
    EXPECT_NE(chip->cm7().state(), cpu::RunState::locked_up);
    EXPECT_EQ(chip->cm7().pc() & 0xFFFF'0000U, 0x1FF0'0000U);
    ASSERT_FALSE(notices.empty());
    EXPECT_THAT(notices.front(), HasSubstr("system bootloader"));
}

TEST(Cores, StrictEndsAtAnUnmodelledAccess) {  // issue: --strict
    BenchChip chip = a_chip().strict().flashed("unmodelled_access");
    chip.power_on();
    EXPECT_EQ(chip.run().why, chip::Stop::Why::unmodelled);
}

TEST(Cores, ResetByEitherCoreKeepsRamAndSaysWhy) {  // system.md 3.2, 3.3, A6
    BenchChip chip = a_chip().flashed("reset_survivor_cm7").flashed("reset_survivor_cm4");
    EXPECT_TRUE(chip.power_on_until("done"));
    EXPECT_THAT(chip.console(),
                AllOf(HasSubstr("0x00FE0000"), HasSubstr("0x01460000"), HasSubstr("0x02460000")));
}

TEST(Cores, NamesTheResetCauseOfThePin) {  // system.md 3.2
    BenchChip chip = a_chip().flashed("hello_m7");
    chip.power_on();
    EXPECT_EQ(chip.load(Master::cm7, 0x5802'4530).value(), 0x00FE'0000U);
    chip.store(Master::cm7, 0x5802'4530, 1U << 16);
    chip->press_reset();
    EXPECT_EQ(chip.load(Master::cm7, 0x5802'4530).value(), 0x0047'0000U);
}

}  // namespace
}  // namespace h7::test

// Calls of the RSS by a real program: arguments behind the MPU, in holes and across borders; from handlers,
// with interrupts pending, without privilege; by either core, in both modes, before and after exitSecureArea
// (rss-sfi-bootloader.md 2.3, 7 (14), 10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "emulator/chip/rss_bridge.hpp"
#include "peripherals/usart/usart.hpp"
#include "rss/services/engine.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using testing::HasSubstr;

// What the program says on the CM7 from its first case to its last, which locks up.
constexpr std::string_view kTold =
    "argument block not readable: fault, CFSR 0x00000082, MMFAR 0x24010000, pc the service, called here\n"
    "argument block read only: reset\n"
    "argument block for privileged code: reset\n"
    "second record behind the region's end: fault, CFSR 0x00000082, MMFAR 0x24010100, pc the service, called "
    "here\n"
    "a word across the region's end: fault, CFSR 0x00000082, MMFAR 0x24010100, pc the service, called here\n"
    "argument block not aligned: reset\n"
    "not aligned, UNALIGN_TRP: reset\n"
    "not aligned, strongly ordered: reset\n"
    "argument block in a hole: fault, CFSR 0x00008200, BFAR 0x24080000, pc the service, called here\n"
    "argument block runs out of AXI SRAM: fault, CFSR 0x00008200, BFAR 0x24080000, pc the service, called "
    "here\n"
    "NULL behind the MPU: fault, CFSR 0x00000082, MMFAR 0x00000000, pc the service, called here\n"
    "system flash execute-never: fault, CFSR 0x00000001, pc the service, called here\n"
    "the middle of a stub: fault, CFSR 0x00010000, pc the service, called here\n"
    "module data not readable: fault, CFSR 0x00000082, MMFAR 0x24010220, pc the service, called here\n"
    "a MemManage handler mends the region: MemManage, pc the service, region opened; reset\n"
    "argument block in a bank being erased: QW 1; reset\n"
    "without privilege: fault, CFSR 0x00008200, BFAR 0xE000ED0C, pc the service, called here\n"
    "getVersion without privilege: returned 0x00010200\n"
    "from SVC: getVersion 0x00010200; reset\n"
    "from SVC, not readable: fault, CFSR 0x00000082, MMFAR 0x24010000, pc the service, called here\n"
    "from SVC at the priority of MemManage: HardFault, CFSR 0x00000082, MMFAR 0x24010000, pc the service, "
    "called here\n"
    "from SysTick: getVersion 0x00010200; reset\n"
    "from HardFault, MPU off there: reset\n"
    "exit with an interrupt pending: sp right, VTOR right, IPSR 0, CONTROL 0, PRIMASK 1, TIM2 taken 0, then "
    "1\n"
    " reset\n"
    "exit from SysTick: sp right, VTOR right, IPSR 0, CONTROL 0, PRIMASK 0, TIM2 taken 1, then 1\n"
    " reset\n"
    "exit into a bank being erased: QW 1; sp right, VTOR right, IPSR 0, CONTROL 0, PRIMASK 0, TIM2 taken 0, "
    "then "
    "0\n"
    " reset\n"
    "from HardFault, MPU on there:";

/// Requests that reach the RSS behind their reset, in this order.
const std::vector<std::string> kServed = {
    "resetAndInitializeSecureAreas",  // read only
    "resetAndInitializeSecureAreas",  // for privileged code
    "resetAndInitializeSecureAreas",  // not aligned
    "resetAndInitializeSecureAreas",  // the same with UNALIGN_TRP
    "resetAndInitializeSecureAreas",  // the same in strongly ordered memory
    "resetAndInitializeSecureAreas",  // mended
    "resetAndInitializeSecureAreas",  // in a bank being erased
    "resetAndDestroyPCROPArea",       // from SVC
    "resetAndDestroyPCROPArea",       // from SysTick
    "resetAndInitializeSecureAreas",  // from HardFault
};

class ServiceCalls : public testing::Test {
protected:
    /// Runs the program to its end and checks that nothing of the chip has changed.
    BenchChip told(ChipBuilder builder) {
        BenchChip chip = builder.typical_times().uart_pace(usart::Pace::instant).build();
        chip.keep_trace();
        const auto before = chip->flash().options();
        chip.power_on();
        (void)chip->run({60 * kSecond, [&] { return chip->cm7().state() == cpu::RunState::locked_up; }});
        EXPECT_EQ(chip->cm7().state(), cpu::RunState::locked_up) << "a fault inside HardFault";
        EXPECT_EQ(chip->flash().options(), before);
        return chip;
    }
    static std::vector<std::string> served(const BenchChip& chip) {
        std::vector<std::string> names;
        for (const std::string& line : chip.trace_lines())
            if (const auto at = line.find("serving "); at != std::string::npos)
                names.push_back(line.substr(at + 8));
        return names;
    }
};

TEST_F(ServiceCalls, ArgumentsAreReadAsTheCallerReads) {  // rss-sfi-bootloader.md 10
    const BenchChip chip = told(a_chip().with_option("SECURITY", 1).holding("service_calls_cm7"));
    EXPECT_EQ(chip.console(), kTold);
    EXPECT_EQ(served(chip), kServed);
}

TEST_F(ServiceCalls, InStandardModeTheResetComesAndTheRequestIsForgotten) {  // D-27, R-042
    const BenchChip chip = told(a_chip().holding("service_calls_cm7"));
    EXPECT_EQ(chip.console(), kTold);
    EXPECT_EQ(served(chip), std::vector<std::string>{});
}

TEST_F(ServiceCalls, OnAPartWithoutSecureAccessModeToo) {  // D-02, D-27
    const BenchChip chip =
        told(a_chip().part("H745").with_option("SECURITY", 1).holding("service_calls_cm7"));
    EXPECT_EQ(chip.console(), kTold);
    EXPECT_EQ(served(chip), std::vector<std::string>{});
}

TEST_F(ServiceCalls, AfterExitSecureAreaNothingIsDifferentForTheCaller) {
    BenchChip chip = told(a_chip()
                              .with_option("SECURITY", 1)
                              .with_option("SEC_AREA_START1", 0x000)
                              .with_option("SEC_AREA_END1", 0x07F)
                              .holding("secure_boot")
                              .holding("service_calls_application"));
    // Each reset leads through the secure bootloader, which says its three lines.
    std::string said = chip.console();
    for (std::size_t at; (at = said.find("secure: ")) != std::string::npos;)
        said.erase(at, said.find('\n', at) + 1 - at);
    EXPECT_EQ(said, kTold);
    EXPECT_EQ(served(chip), kServed) << "served, and refused: E_EXISTS, and without the magic E_STATE";
    EXPECT_EQ(image::name(chip->rss().last_result().value().detail), "E_EXISTS");
}

TEST(ServiceCallsOfTheCm4, AreBusErrors) {  // D-01, R-007, R-042
    BenchChip chip =
        a_chip().with_option("SECURITY", 1).with_option("BCM7", 0).holding("service_calls_cm4").build();
    chip.keep_trace();
    EXPECT_TRUE(chip.power_on_until("done\n"));
    EXPECT_THAT(chip.console(), HasSubstr("the table: bus error (PRECISERR), BFAR 0x1FF09514\n"));
    EXPECT_THAT(chip.console(),
                HasSubstr("resetAndInitializeSecureAreas: bus error (IBUSERR), pc the service\n"));
    EXPECT_THAT(chip.console(), HasSubstr("exitSecureArea: bus error (IBUSERR), pc the service\n"));
    EXPECT_FALSE(chip->rss().last_result().has_value());
}

TEST(ExitByProfile, OneArgumentAlwaysOpensTheDebugPortTwoObeyTheSecond) {  // D-10, R-041
    for (const char* part : {"H755", "H753"})
        for (const char* boot : {"secure_boot", "secure_boot_no_debug"}) {
            BenchChip chip = a_chip()
                                 .part(part)
                                 .with_option("SECURITY", 1)
                                 .with_option("SEC_AREA_START1", 0x000)
                                 .with_option("SEC_AREA_END1", 0x07F)
                                 .holding(boot)
                                 .holding("service_calls_application")
                                 .build();
            chip.power_on();
            EXPECT_FALSE(chip->debug_port().state(Master::ap0, 0x2400'0000).open)
                << "secure user software runs";
            EXPECT_TRUE(chip.run_until_text("argument block not readable"));
            EXPECT_EQ(chip->debug_port().state(Master::ap0, 0x2400'0000).open,
                      chip->part().exit_abi == 1 || std::string_view(boot) == "secure_boot")
                << part << ' ' << boot;
        }
}

// Vectors in the area that is being closed, in a hole, in closed system flash, odd, at the end of the map:
// whatever faults then, nobody reads the area any more.
TEST(ExitWithBadVectors,
     ClosesTheAreaBeforeAnythingFaults) {  // rss-sfi-bootloader.md 2.3, 7 (16)
    for (const Address vectors : {0x0800'0000U, 0x2408'0000U, 0x1FF0'0000U, 0x0802'0401U, 0xFFFF'FFF8U}) {
        BenchChip chip = a_chip()
                             .with_option("SECURITY", 1)
                             .with_option("SEC_AREA_START1", 0x000)
                             .with_option("SEC_AREA_END1", 0x07F)
                             .holding("secure_boot")
                             .build();
        ASSERT_TRUE(chip.power_on_until("secure: SEC_CONFSEC 0x00000002\n"));
        ASSERT_NE(chip.load(Master::cm7, 0x0800'0000).value(), 0U) << "open";
        cpu::Core& core = chip->cm7();
        core.set_reg(0, vectors);
        core.set_reg(1, 0);
        chip::CoreCaller caller(core);
        EXPECT_EQ(chip->rss().call(caller, 0x1FF0'8A5C), rss::CallEnd::handed_over);
        EXPECT_EQ(chip->secure_mode().confsec(), 0U) << std::hex << vectors;
        EXPECT_EQ(chip.load(Master::cm7, 0x0800'0000).value(), 0U);
        const std::string said = chip.console();
        (void)chip.run(kMillisecond);
        EXPECT_LE(chip.console().size(), said.size() + 1)
            << "what was on the line; no secure software runs on";
        EXPECT_EQ(chip->cm7().state(), cpu::RunState::locked_up) << std::hex << vectors;
        EXPECT_FALSE(chip->debug_port().state(Master::ap0, 0x0800'0000).open);
    }
}

}  // namespace
}  // namespace h7::test

// ST's HAL at its limits: its timeout, one call over both banks, an option error as an interrupt:
// firmware-fixtures/src/hal_flash_limits.c (flash-driver-view.md 13, rules 2, 13, 16, 17, 19).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

std::vector<std::string> replay(Master core) {
    const bool cm7 = core == Master::cm7;
    BenchChip chip = a_chip()
                         .alone_in_axi_sram(core)
                         .with_option("PROT_AREA_START2", 0xF00)  // a valid area, far from the sectors used
                         .with_option("PROT_AREA_END2", 0xF01)
                         .flashed(cm7 ? "hal_flash_limits_m7" : "hal_flash_limits_m4");
    flash::Timing timing = flash::Timing::typical();
    timing.erase_sector.fill(60 * kSecond);
    timing.erase_bank.fill(200 * kSecond);
    chip->flash().set_timing(timing);
    EXPECT_TRUE(chip.power_on_until("ready for short times\n", 600 * kSecond));
    timing.erase_sector.fill(200 * kMicrosecond);
    chip->flash().set_timing(timing);
    EXPECT_TRUE(chip.run_until_text("done\n", 10 * kSecond));
    std::vector<std::string> lines;
    std::istringstream text(chip.console());
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

const std::vector<std::string> kExpected = {
    "sector: HAL_TIMEOUT after 50001 ms, QW 1, SER 0, EOP 0",  // rule 2: nothing is cleared, the erase goes
                                                               // on
    "program behind it: HAL_OK, waited for its end",
    "first sector blank, second programmed",
    "bank: HAL_ERROR after 50001 ms, BER 0",  // rule 2: the mass erase says HAL_ERROR
    "program behind it: HAL_TIMEOUT after 50001 ms, PG 0",
    "bank 1 blank",
    "ready for short times",
    "polled: HAL_OK, none; bank 1 blank blank, bank 2 blank blank",
    // rule 13: the status of bank 2 is told
    "polled, bank 1 protected: HAL_OK, WRPERR; bank 1 programmed programmed, bank 2 blank programmed",
    "polled, bank 2 protected: HAL_ERROR, WRPERR; bank 1 blank programmed, bank 2 blank programmed",
    // rules 16, 17: both start, the handler goes on with bank 2 and leaves the EOP of bank 1
    "by interrupts: HAL_OK, none; bank 1 blank programmed, bank 2 blank blank",
    "callbacks 2, last 0xFFFFFFFF, EOP of bank 1 1, interrupts again and again for it",
    "SECURITY set: HAL_OK, taken back: HAL_ERROR OB_CHANGE, interrupts 1, of them OPTCHANGEERR 1",
    "flag 0, SECURITY 1, asked for 0",  // F-144, F-145: CUR stays, PRG keeps what was asked
    "done",
};

TEST(HalFlashLimits, Cm7) {  // F-144 F-145 F-146 F-173 F-260
    EXPECT_EQ(replay(Master::cm7), kExpected);
}

TEST(HalFlashLimits, Cm4) {  // F-146: either core may set SECURITY (D-22)
    EXPECT_EQ(replay(Master::cm4), kExpected);
}

}  // namespace
}  // namespace h7::test

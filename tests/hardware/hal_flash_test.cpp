// ST's HAL against the flash interface, register access by register access, on either core and with either
// clock: firmware-fixtures/src/hal_flash_replay.c (flash-driver-view.md 13).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "peripherals/flash/crc_unit.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

struct Step {
    std::string saw;  // status, flags, what changed
    unsigned long micros = 0;
    bool busy = false;  // a poll saw QW, OPT_BUSY or CRC_BUSY
};

/// What the program printed: lines "step: saw [12 us, busy seen]", and others as they are.
struct Replay {
    std::vector<std::string> lines;
    std::map<std::string, Step> steps;  // the last of a name
};

Replay replay(Master core, const flash::Timing* timing) {
    const bool cm7 = core == Master::cm7;
    BenchChip chip =
        a_chip().alone_in_axi_sram(core).flashed(cm7 ? "hal_flash_replay_m7" : "hal_flash_replay_m4");
    if (timing != nullptr) chip->flash().set_timing(*timing);
    EXPECT_TRUE(chip.power_on_until("done\n", 40 * kSecond));
    Replay seen;
    std::istringstream text(chip.console());
    for (std::string line; std::getline(text, line);) {
        const std::size_t bracket = line.find(" [");
        seen.lines.push_back(line.substr(0, bracket));
        if (bracket == std::string::npos) continue;
        const std::size_t colon = line.find(": ");
        seen.steps[line.substr(0, colon)] = {line.substr(colon + 2, bracket - colon - 2),
                                             std::stoul(line.substr(bracket + 2)),
                                             line.find("busy seen") != std::string::npos};
    }
    return seen;
}

/// What both cores and both clocks have in common; `areas` differ by core (F-165, F-169).
std::vector<std::string> expected(const std::vector<std::string>& areas) {
    Bytes burst(512, 0xFF);  // rule 22: a burst of 4 words ORed into the reset value runs 16
    std::fill_n(burst.begin(), 128, std::uint8_t{0});
    std::vector<std::string> lines = {"locked program: HAL_ERROR, PGSERR, blank",
                                      "unlock: HAL_OK, none, both open",
                                      "program bank 1: HAL_OK, none, programmed",
                                      "program bank 2: HAL_OK, none, programmed",
                                      "program sector 3: HAL_OK, none, programmed",
                                      "erase sectors 0 and 1: HAL_OK, none, blank",
                                      "sector 3: programmed",
                                      "erase bank 2: HAL_OK, none, blank",
                                      "mass erase, options locked: HAL_OK, none, programmed",
                                      "option unlock: HAL_OK, none, open",
                                      "mass erase: HAL_OK, none, blank",
                                      "CR1 0x00000030 CR2 0x00000030",
                                      "WRP on: HAL_OK, none, sector 3",
                                      "program sector 3: HAL_ERROR, WRPERR, blank",
                                      "WRP off: HAL_OK, none, none",
                                      "program sector 3: HAL_OK, none, programmed",
                                      "program the PCROP area: HAL_OK, none, programmed"};
    lines.insert(lines.end(), areas.begin(), areas.end());
    lines.insert(
        lines.end(),
        {"boot addresses: HAL_OK, none, changed", "swap: HAL_OK, none, at the next reset",
         "no swap: HAL_OK, none, taken back", "CRC of 128 zeros, burst of 4: HAL_OK, none, unit at rest",
         fmt::format("CRC 0x{:08X}", flash::crc_over(0, burst)),
         "CRC of sectors 1 and 2: HAL_OK, none, unit at rest",
         fmt::format("CRC 0x{:08X}", flash::crc_over(0, Bytes(0x4'0000, 0xFF))),
         "CRC of blank bank 1: HAL_OK, none, unit at rest", "CRC 0xF0317346",
         "RDP level 1: HAL_OK, none, in force",
         "program at level 1, booted from RAM: HAL_ERROR, WRPERR, not looked at",
         "RDP level 0: HAL_OK, none, blank", "OPTSR_CUR 0x1006AAF0, area none",
         "option lock: HAL_OK, none, locked", "lock: HAL_OK, none, both locked", "done"});
    return lines;
}
const std::vector<std::string> kAreasOfTheCm7 = {
    "PCROP: HAL_OK, none, defined",
    "word there: 0x00000000",
    "program after a read of PCROP: HAL_ERROR, RDPERR, blank",  // rule 6
    "the same again: HAL_OK, none, programmed",
    "secure area by an application: HAL_ERROR, OPTCHANGEERR, none",
};
const std::vector<std::string> kAreasOfTheCm4 = {
    "PCROP: HAL_OK, none, unchanged",
    "word there: 0x00112233",
    "program after a read of PCROP: HAL_OK, none, programmed",
    "the same again: HAL_OK, none, programmed",
    "secure area by an application: HAL_OK, none, none",
};

void expect_times(const Replay& seen, bool cm7) {
    std::map<std::string, unsigned long> want = {{"program bank 1", 100},
                                                 {"erase sectors 0 and 1", 2 * 1'100'000},  // x32
                                                 {"erase bank 2", 5'000'000},
                                                 {"mass erase", 5'000'000},
                                                 {"WRP on", 20'000},
                                                 {"boot addresses", 20'000},
                                                 {"swap", 20'000},
                                                 {"CRC of sectors 1 and 2", 1'024},
                                                 {"CRC of blank bank 1", 4'096},
                                                 {"RDP level 0", 20'000 + 5'000'000}};
    if (cm7) want["PCROP"] = 20'000;
    for (const auto& [name, micros] : want) {
        const Step& step = seen.steps.at(name);
        EXPECT_TRUE(step.busy) << name;
        EXPECT_GE(step.micros + 1, micros) << name;
        const bool slept = micros > 100'000;  // the program looks once a tick then
        EXPECT_LE(step.micros, micros + (slept ? 2'000 : 5)) << name;
    }
    EXPECT_FALSE(seen.steps.at("program sector 3").saw.empty());
    EXPECT_FALSE(seen.steps.at("lock").busy);
}

TEST(HalFlash, Cm7WithTheTurboClock) {  // flash-driver-view.md 13, rules 1..22
    const Replay seen = replay(Master::cm7, nullptr);
    EXPECT_EQ(seen.lines, expected(kAreasOfTheCm7));
    for (const auto& [name, step] : seen.steps) {
        EXPECT_FALSE(step.busy) << name;
        EXPECT_LT(step.micros, 10U) << name;
    }
}

TEST(HalFlash, Cm4WithTheTurboClock) {  // F-165 F-169
    EXPECT_EQ(replay(Master::cm4, nullptr).lines, expected(kAreasOfTheCm4));
}

TEST(HalFlash, Cm7WithTypicalTimes) {  // F-057 F-069 F-116
    const flash::Timing timing = flash::Timing::typical();
    const Replay seen = replay(Master::cm7, &timing);
    EXPECT_EQ(seen.lines, expected(kAreasOfTheCm7));
    expect_times(seen, true);
}

TEST(HalFlash, Cm4WithTypicalTimes) {  // F-057 F-069 F-116
    const flash::Timing timing = flash::Timing::typical();
    const Replay seen = replay(Master::cm4, &timing);
    EXPECT_EQ(seen.lines, expected(kAreasOfTheCm4));
    expect_times(seen, false);
}

TEST(HalFlash, AConfiguredChipTakesTypicalTimes) {  // chip::Config::turbo = false
    BenchChip chip = a_chip().typical_times().alone_in_axi_sram(Master::cm7).flashed("hal_flash_replay_m7");
    EXPECT_TRUE(chip.power_on_until("program bank 1: HAL_OK, none, programmed [10", 20 * kMillisecond));
}

}  // namespace
}  // namespace h7::test

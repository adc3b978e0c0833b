// The interrupt paths of ST's HAL against the flash interface, on either core and with either clock; with the
// datasheet's typical times the core sleeps for whole erases: firmware-fixtures/src/hal_flash_interrupts.c
// (flash-driver-view.md 13, rules 12, 16, 17, 20, 21, 23, 24).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

struct Replay {
    std::vector<std::string> lines;               // as printed, without the times
    std::map<std::string, unsigned long> micros;  // of the last step of a name
};

void make_bad(BenchChip& chip, flash::WordState state) {
    chip->flash().inject_ecc(0x0800'1240, state);
    chip->flash().inject_ecc(0x0810'2460, state);
}

Replay replay(Master core, bool typical) {
    const bool cm7 = core == Master::cm7;
    BenchChip chip =
        a_chip().alone_in_axi_sram(core).flashed(cm7 ? "hal_flash_interrupts_m7" : "hal_flash_interrupts_m4");
    if (typical) chip->flash().set_timing(flash::Timing::typical());
    EXPECT_TRUE(chip.power_on_until("ready for ECC errors 1\n", 60 * kSecond));
    make_bad(chip, flash::WordState::ecc_single);
    EXPECT_TRUE(chip.run_until_text("ready for ECC errors 2\n"));
    make_bad(chip, flash::WordState::ecc_double);
    if (cm7) {
        EXPECT_TRUE(chip.run_until_text("ready for ECC errors 3\n"));
        chip->flash().inject_ecc(0x1FF1'E800, flash::WordState::ecc_single);
    }
    EXPECT_TRUE(chip.run_until_text("done\n", 60 * kSecond));
    Replay seen;
    std::istringstream text(chip.console());
    for (std::string line; std::getline(text, line);) {
        const std::size_t bracket = line.find(" [");
        seen.lines.push_back(line.substr(0, bracket));
        if (bracket != std::string::npos)
            seen.micros[line.substr(0, line.find(": "))] = std::stoul(line.substr(bracket + 2));
    }
    return seen;
}

const std::vector<std::string> kOptions = {
    "options: WRP 0x00000008, RDP level 1, user 0x170600F0, BOR 0, boot 0x00001FF0 0x00001000",
    "PCROP of bank 2 from 0x0810FF00 to 0x08100000, DMEP 0; secure area of bank 1 from 0x0800FF00 to "
    "0x08000000, DMES 0",
    "regression: HAL_OK, none, no callback, interrupts 0, not busy",
    "nothing to change: HAL_OK, none, no callback, interrupts 0, not busy",
};

/// What both cores and both clocks have in common, the system flash of the Cortex-M7 aside.
std::vector<std::string> expected(bool cm7) {
    std::vector<std::string> lines = {
        "program bank 1: HAL_OK, none, end 0x08000040, interrupts 1, programmed",
        "program bank 2: HAL_OK, none, end 0x08100040, interrupts 1, programmed",
        "PG of bank 1 stays 1, of bank 2 1",  // rule 12
        "second call under the first: HAL_BUSY, none, end 0x08000060, interrupts 1, blank",
        "unaligned: HAL_OK, INCERR, error 0x08000104, interrupts 1, blank",  // rule 11
        "SR1 0x00000000", "a word already begun: HAL_OK, STRBERR, error 0x08000140, interrupts 1, programmed",
        "SR1 0x00010000 CR1 0x00000032",  // the word was programmed, its EOP masked by the handler
        "program sector 3: HAL_OK, none, end 0x08060000, interrupts 1, programmed",
        "program sector 4: HAL_OK, none, end 0x08080000, interrupts 1, programmed",
        // rule 17: the second sector is started by the handler; 16: nothing clears SER and SNB
        "erase sectors 0 and 1: HAL_OK, none, end 0x00000000 end 0xFFFFFFFF, interrupts 2, blank",
        "SER 1 SNB 1", "WRP on: HAL_OK, none, no callback, interrupts 0, sector 3", "EOP of bank 1 1",
        "program bank 2 beside it: HAL_OK, none, end 0x08100080, interrupts 1, programmed",
        "EOP of bank 1 1, of bank 2 0",  // rule 17: not that of the running procedure
        "program a protected sector: HAL_OK, WRPERR, error 0x08060020, interrupts 1, blank",
        "erase sectors 2 to 4: HAL_OK, WRPERR, end 0x00000002 error 0x00000003, interrupts 2, programmed",
        "sector 4: programmed", "erase bank 1: HAL_OK, WRPERR, error 0x00000001, interrupts 1, programmed",
        "erase bank 2: HAL_OK, none, end 0x00000002, interrupts 1, blank",
        "program bank 2: HAL_OK, none, end 0x081A0000, interrupts 1, programmed",
        "erase sector 1 of bank 2, polled: HAL_OK, none, no callback, interrupts 0, blank",  // F-282: all of
                                                                                             // it
        "program bank 2: HAL_OK, none, end 0x081A0000, interrupts 1, programmed",
        "mass erase: HAL_OK, none, end 0x00000003, interrupts 1, blank",
        "bank 2: blank, EOP 0 1, enables 0x00000000 0x00000000",  // rule 17: the second EOP is masked
        "ready for ECC errors 1",
        "bad word of bank 1: HAL_OK, none, corrected 0x08001240, interrupts 1, no bus error",
        "read 0xFFFFFFFF, flags 0",
        "bad word of bank 2: HAL_OK, none, corrected 0x08102460, interrupts 1, no bus error",
        "read 0xFFFFFFFF, flags 0", "ready for ECC errors 2",
        "bad word of bank 1: HAL_OK, none, detected 0x08001240, interrupts 1, bus error (PRECISERR)",
        "read 0x00000000, flags 0",
        "bad word of bank 2: HAL_OK, none, detected 0x08102460, interrupts 1, bus error (PRECISERR)",
        "read 0x00000000, flags 0",
        "both banks: 0x08102460, pending 1",  // rule 23: bank 2 wins
        "both banks: HAL_OK, none, detected 0x08102460 detected 0x08102460, interrupts 1, taken",
        "pending 0"};
    if (cm7) {  // rule 23: as if it were in user flash
        lines.emplace_back("ready for ECC errors 3");
        lines.emplace_back(
            "bad word of system flash: HAL_OK, none, corrected 0x0801E800, interrupts 1, no bus error");
    }
    lines.insert(lines.end(), kOptions.begin(), kOptions.end());
    lines.insert(lines.end(), {"clock: 0 0 0, ACR 0x00000031 then 0x00000037",
                               // F-185: PG of an earlier Program_IT outlives the lock, the enables do not
                               "program a locked bank: HAL_OK, none, no callback, interrupts 0, programmed",
                               "SR1 0x00010000, HAL waits for ever", "done"});
    return lines;
}

void expect_times(const Replay& seen) {
    const std::map<std::string, unsigned long> want = {{"program bank 1", 100},
                                                       {"program bank 2", 100},
                                                       {"a word already begun", 100},
                                                       {"erase sectors 0 and 1", 2 * 1'100'000},  // x32
                                                       {"erase sectors 2 to 4", 1'000'000},
                                                       {"erase bank 2", 5'000'000},
                                                       {"mass erase", 5'000'000},
                                                       {"WRP on", 20'000}};
    for (const auto& [name, micros] : want) {
        EXPECT_GE(seen.micros.at(name) + 1, micros) << name;
        EXPECT_LE(seen.micros.at(name), micros + 10) << name;
    }
    for (const auto& [name, micros] : std::map<std::string, unsigned long>{
             {"erase sector 1 of bank 2, polled", 5'000'000}, {"regression", 5'020'000}}) {
        EXPECT_GE(seen.micros.at(name) + 1, micros) << name;
        EXPECT_LE(seen.micros.at(name), micros + 2'000) << name;  // it looks once a tick
    }
}

TEST(HalFlashInterrupts, Cm7WithTheTurboClock) {  // flash-driver-view.md 13; F-260 F-282 F-185
    const Replay seen = replay(Master::cm7, false);
    EXPECT_EQ(seen.lines, expected(true));
    EXPECT_LT(seen.micros.at("erase bank 2"), 10U);
}

TEST(HalFlashInterrupts, Cm4WithTheTurboClock) {  // F-260 F-282 F-185
    EXPECT_EQ(replay(Master::cm4, false).lines, expected(false));
}

TEST(HalFlashInterrupts, Cm7SleepsForWholeErases) {  // F-057 F-069 F-096
    const Replay seen = replay(Master::cm7, true);
    EXPECT_EQ(seen.lines, expected(true));
    expect_times(seen);
}

TEST(HalFlashInterrupts, Cm4SleepsForWholeErases) {  // F-057 F-069 F-096
    const Replay seen = replay(Master::cm4, true);
    EXPECT_EQ(seen.lines, expected(false));
    expect_times(seen);
}

}  // namespace
}  // namespace h7::test

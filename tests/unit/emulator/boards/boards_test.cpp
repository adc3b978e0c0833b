// Boards: the files that come with the program, and mistakes in files that people write. Decisions 0171,
// 0172.
#include "emulator/boards/boards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/chip/chip.hpp"

namespace h7::boards {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string mistake_in(std::string_view text) {
    const auto board = parse_board(text, "b.toml");
    return board ? "none" : board.error().message;
}

TEST(Boards, ThoseOfStAreBuiltIn) {  // system.md 4.2, 4.4
    struct Row {
        const char *name, *part, *console;
        std::uint32_t hse;
        pwr::Supply supply;
    };
    for (const Row& row : {Row{"NUCLEO-H745ZI-Q", "STM32H745", "usart3", 8'000'000, pwr::Supply::smps},
                           Row{"nucleo-h755zi-q", "STM32H755", "usart3", 8'000'000, pwr::Supply::smps},
                           Row{"STM32H747I-DISCO", "STM32H747", "usart1", 25'000'000, pwr::Supply::smps},
                           Row{"NUCLEO-H743ZI2", "STM32H743", "usart3", 8'000'000, pwr::Supply::ldo}}) {
        const auto board = board_called(row.name);
        ASSERT_TRUE(board) << board.error().message;
        EXPECT_EQ(board->part->name, row.part);
        EXPECT_EQ(board->console, row.console);
        EXPECT_EQ(board->surroundings.clocks.hse_hz, row.hse);
        EXPECT_EQ(board->surroundings.clocks.lse_hz, 32'768U);
        EXPECT_EQ(board->surroundings.supply.supply, row.supply);
    }
    EXPECT_EQ(built_in().size(), 4U);
    EXPECT_THAT(board_called("NUCLEO-F103").error().message, HasSubstr("STM32H747I-DISCO"));
    EXPECT_FALSE(board_called("./nothing.toml"));
}

TEST(Boards, MistakesSayWhereAndWhatWasExpected) {
    EXPECT_EQ(mistake_in("part = \"H755\"\n"), "none");
    EXPECT_THAT(
        mistake_in("name = \"x\"\npart = \"STM32F407\"\n"),
        testing::AllOf(StartsWith("b.toml:2:8: part: expected one of STM32H755"), HasSubstr("STM32F407")));
    EXPECT_THAT(mistake_in("revision = \"W\"\n"), StartsWith("b.toml:1:12: revision: expected one of V, X"));
    EXPECT_THAT(mistake_in("package = 3\n"), HasSubstr("found a whole number"));
    EXPECT_THAT(mistake_in("[hse]\nfrequency = 60_000_000\n"), StartsWith("b.toml:2:13: hse.frequency"));
    EXPECT_THAT(mistake_in("[lse]\npresent = false\nfrequency = 32768\n"), HasSubstr("3:13"));
    EXPECT_THAT(mistake_in("[hse]\nfreq = 8\n"),
                HasSubstr("2:1: hse.freq: no such key; expected one of frequency"));
    EXPECT_THAT(mistake_in("console = \"uart9\"\n"), HasSubstr("found 'uart9'"));
    EXPECT_THAT(mistake_in("[pins]\nLED = \"PZ1\"\n"), HasSubstr("2:7: pins.LED: expected a pin"));
    EXPECT_THAT(mistake_in("[pins]\nPA1 = \"PB1\"\n"), HasSubstr("name of a pin already"));
    EXPECT_THAT(mistake_in("supply = \n"), StartsWith("b.toml:1:"));
}

TEST(Boards, PinsAreReadAsPeopleWriteThem) {
    EXPECT_EQ(pin_called("PB14"), (Pin{'B', 14}));
    EXPECT_EQ(pin_called("pk0"), (Pin{'K', 0}));
    for (const char* no : {"", "P", "PA", "PA16", "PL0", "PA00", "PA01", "PA-1", "QA1", "PA1x"})
        EXPECT_FALSE(pin_called(no)) << no;
    EXPECT_EQ(name_of({'C', 13}), "PC13");
}

std::unique_ptr<chip::Chip> on(std::string_view text) {
    const auto board = parse_board(text, "b.toml");
    EXPECT_TRUE(board) << board.error().message;
    auto chip = chip::Chip::create({.image = {}, .identity = {}, .board = board->surroundings});
    EXPECT_TRUE(chip);
    (*chip)->power_on();
    return std::move(*chip);
}
std::uint32_t get(chip::Chip& chip, Address at) {
    return static_cast<std::uint32_t>(chip.read(chip.as_core(Master::cm7, at)).value());
}
void put(chip::Chip& chip, Address at, std::uint32_t value) {
    EXPECT_TRUE(chip.write(chip.as_core(Master::cm7, at, 4, Op::write), value));
}
constexpr Address kRccCr = 0x5802'4400, kBdcr = 0x5802'4470, kPwr = 0x5802'4800, kIdc = 0x5C00'1000,
                  kSyscfg = 0x5800'0400, kApb4enr = 0x5802'44F4;

TEST(OnABoard, ACrystalThatIsNotThereNeverGetsReady) {  // system.md 4.2
    for (const bool there : {true, false}) {
        const auto chip = on(there ? "" : "[hse]\npresent = false\n[lse]\npresent = false\n");
        put(*chip, kRccCr, get(*chip, kRccCr) | 1U << 16);
        EXPECT_EQ(test_bit(get(*chip, kRccCr), 17), there);
        put(*chip, kPwr, 1U << 8);
        put(*chip, kBdcr, 1);
        EXPECT_EQ(test_bit(get(*chip, kBdcr), 1), there);
    }
}

TEST(OnABoard, RevisionAndPackageAreThoseOfTheFile) {  // system.md 4.5, 6.11
    const auto chip = on("revision = \"X\"\npackage = \"UFBGA176\"\n");
    EXPECT_EQ(get(*chip, kIdc), dbgmcu::kRevisionX);
    put(*chip, kApb4enr, 2);
    EXPECT_EQ(get(*chip, kSyscfg + 0x124), 7U);
}

TEST(OnABoard, TheWrongSupplyIsNeverReady) {  // A10, decision 0171
    struct Row {
        const char* supply;
        std::uint32_t cr3;
        bool ready;
    };
    for (const Row& row :
         {Row{"any", 2, true}, Row{"any", 4, true}, Row{"SMPS", 4, true}, Row{"SMPS", 2, false},
          Row{"LDO", 2, true}, Row{"LDO", 4, false}, Row{"SMPS-LDO", 0x16, true},
          Row{"SMPS-external", 0x1D, true}, Row{"bypass", 1, true}, Row{"bypass", 2, false}}) {
        const auto chip = on("supply = \"" + std::string(row.supply) + "\"\n");
        EXPECT_FALSE(test_bit(get(*chip, kPwr + 4), 13));
        put(*chip, kPwr + 0x0C, row.cr3);
        EXPECT_EQ(test_bit(get(*chip, kPwr + 4), 13), row.ready) << row.supply << " " << row.cr3;
        chip->press_reset();
        EXPECT_EQ(test_bit(get(*chip, kPwr + 4), 13), row.ready);  // until power-on
    }
    EXPECT_TRUE(test_bit(get(*on("supply-ready-from-power-on = true\n"), kPwr + 4), 13));
}

}  // namespace
}  // namespace h7::boards

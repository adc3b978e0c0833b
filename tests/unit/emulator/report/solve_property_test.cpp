// Any board, any goal: the search ends, and a way made of debugger's option changes is legal on a whole chip.
#include <gtest/gtest.h>

#include <sstream>

#include "emulator/base/random.hpp"
#include "emulator/report/solve.hpp"
#include "subjects.hpp"

namespace h7::report {
namespace {

using test::desk_for;
using test::subject_with;

flash::OptionWords random_words(SeededRandom& random) {
    flash::OptionWords words = flash::kFactoryOptions;
    const auto one_in = [&](unsigned n) { return random.next() % n == 0; };
    const auto set = [&](std::string_view name, std::uint32_t value) {
        options::find(name)->set(words, value);
    };
    if (one_in(2)) set("RDP", 0xBB);
    if (one_in(2)) set("SECURITY", 1);
    if (one_in(3)) set("SWAP_BANK", 1);
    if (one_in(4)) set("BCM7", 0);
    if (one_in(3)) set("nWRP3", 0);
    for (const char* area : {"PROT_AREA_START1", "SEC_AREA_START1", "PROT_AREA_START2", "SEC_AREA_START2"}) {
        if (one_in(2)) continue;
        std::string name = area;
        const auto start = static_cast<std::uint32_t>(random.next() % 0x800);
        set(name, start);
        set(name.replace(name.find("START"), 5, "END"),
            start + 1 + static_cast<std::uint32_t>(random.next() % 0x800));
    }
    for (const char* bit : {"DMEP1", "DMEP2", "DMES1", "DMES2"})
        if (one_in(3)) set(bit, 1);
    return words;
}

/// The option changes of `command`, through the debug port of the chip as it stands.
void carry_out(chip::Chip& chip, const std::string& command) {
    static constexpr Address kProgram[flash::kOptionWords] = {0x20, 0x2C,  0x12C, 0x34, 0x134,
                                                              0x3C, 0x13C, 0x44,  0x4C};
    flash::OptionWords words = chip.flash().options();
    std::istringstream names(command.substr(command.find("-ob ") + 4));
    for (std::string name; names >> name;) {
        const auto change = options::parse_change(name);
        ASSERT_TRUE(change) << name;
        change->field->set(words, change->value);
    }
    const auto write = [&](Address offset, std::uint32_t value) {
        EXPECT_TRUE(chip.debug_port().write(Master::ap0, 0x5200'2000 + offset, 4, value));
    };
    if ((chip.debug_port().read(Master::ap0, 0x5200'2018, 4).value_or(0) & 1U) != 0) {
        write(0x08, 0x0819'2A3B);
        write(0x08, 0x4C5D'6E7F);
    }
    for (std::size_t word = 0; word < words.size(); ++word) {
        const bool banked = word >= flash::kPrar1 && word <= flash::kWpsn2;
        write(banked && chip.flash().swapped() ? kProgram[word] ^ 0x100U : kProgram[word], words[word]);
    }
    write(0x18, 2);
    EXPECT_EQ(chip.flash().options(), words) << command;
}

TEST(SolveAnything, EndsAndItsStepsAreLegal) {  // F-159..F-173
    SeededRandom random(2026);
    unsigned ways = 0, carried_out = 0;
    std::size_t most = 0;
    for (unsigned round = 0; round < 6; ++round) {
        Subject chip = subject_with();
        chip.image.options = random_words(random);
        Desk desk = desk_for(chip);
        for (const char* name : {"unlocked", "standard-mode", "no-pcrop", "no-secure-area", "factory"}) {
            const Solution way = solve(desk, chip, *goal_called(name));
            SCOPED_TRACE(changes_text(flash::kFactoryOptions, chip.image.options) + "\n" + name + "\n" +
                         print(way));
            most = std::max(most, way.states);
            EXPECT_TRUE(way.possible || way.exhausted);
            if (!way.possible || way.steps.empty()) continue;
            ++ways;
            desk.boot(chip.image, false);
            for (const Step& step : way.steps) {
                if (step.command.find("-ob ") != std::string::npos)
                    carry_out(desk.chip(), step.command);
                else if (step.what.starts_with("reset"))
                    desk.reset(false);
                else if (step.what.starts_with("remove power"))
                    desk.boot(desk.chip().image(), step.what.find("high") != std::string::npos);
                else
                    break;  // erases and firmware have tests of their own
                carried_out += 1;
            }
        }
    }
    EXPECT_GT(ways, 8U);
    EXPECT_GT(carried_out, 4U);
    EXPECT_LT(most, 2500U);
}

}  // namespace
}  // namespace h7::report

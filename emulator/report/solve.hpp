// The shortest legal way from a chip as it lies there to a goal: breadth-first search over states of the real
// model. Steps are what a person can do: change option bytes, erase and call RSS services through the debug
// port, use the ROM bootloader, reset, remove power, and, where nothing else helps, let firmware that is on
// the chip do it (docs/decisions/0091). No recipes are stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/report/desk.hpp"
#include "emulator/report/option_trial.hpp"

namespace h7::report {

struct Goal {
    enum class Kind : std::uint8_t {
        unlocked,       // RDP level 0, no area, no write protection, debug port open
        standard_mode,  // SECURITY = 0 and not in force
        no_pcrop,
        no_secure_area,
        no_wrp,
        level_0,     // RDP level 0, whatever else is protected
        debug,       // AP0 answers
        bootloader,  // the ROM bootloader runs
        no_swap,     // SWAP_BANK off and out of force
        factory,     // factory option bytes, flash erased
        options,     // exactly `words`
    };
    Kind kind = Kind::unlocked;
    flash::OptionWords words = flash::kFactoryOptions;
};
struct GoalName {
    std::string_view name, meaning;
};
/// In the order of Goal::Kind, without `options`.
inline constexpr GoalName kGoals[] = {
    {"unlocked", "RDP level 0, no protected area, no write protection, debug port open"},
    {"standard-mode", "SECURITY off and out of force"},
    {"no-pcrop", "no PCROP area in either bank"},
    {"no-secure-area", "no secure-only area in either bank"},
    {"no-wrp", "no write-protected sector"},
    {"level-0", "RDP level 0, whatever else is protected"},
    {"debug", "the debug port answers"},
    {"bootloader", "the ROM bootloader runs"},
    {"no-swap", "SWAP_BANK off and out of force"},
    {"factory", "factory option bytes, flash erased"},
};
std::optional<Goal> goal_called(std::string_view name);

struct Step {
    std::string what;     // "change option bytes through the debug port: RDP=0xAA"
    std::string command;  // for STM32CubeProgrammer, or the registers; "" when there is none
    std::string effect;   // "erases bank 1 and bank 2 except sectors 3"; "" when nothing is lost
};

struct Solution {
    bool possible = false;
    bool needs_firmware = false;  // a step is done by firmware on the chip
    bool exhausted = true;        // no way: every reachable state was looked at
    std::vector<Step> steps;      // none: the goal is reached already
    Sectors erased = 0;
    Sectors overwritten = 0;  // hold a PCROP area that the RSS filled with zeros
    bool data_lost = false;   // one of them held something
    std::size_t states = 0;   // looked at
};

Solution solve(Desk& desk, const Subject& subject, const Goal& goal);

/// "bank 1 and bank 2 sectors 0-2, 4"; "" for none.
std::string sectors_text(Sectors sectors, unsigned sectors_per_bank);
/// "RDP=0xAA SECURITY=0x0": the fields that differ, by ST's names.
std::string changes_text(const flash::OptionWords& from, const flash::OptionWords& to);
/// Sectors that hold a programmed word.
Sectors sectors_in_use(const flash::Image& image);
/// `image` with these sectors erased.
flash::Image with_erased(flash::Image image, Sectors sectors);

std::string print(const Solution& solution);
std::string print_json(const Solution& solution);

}  // namespace h7::report

// A scenario: what is done to a chip and what must be seen, step by step, as a file. docs/scenarios.md is its
// manual.
//
//   const Scenario scenario = TRY(parse_scenario(text, "test.toml"));
//   Runner runner(scenario, *chip, {.programs = .., .pins = ..});
//   TRY(runner.check());                      // names that the file could not know are right
//   const std::vector<Verdict> verdicts = runner.run({});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.hpp"
#include "emulator/fabric/access.hpp"
#include "emulator/fabric/clock.hpp"
#include "emulator/settings/settings.hpp"

namespace h7::scenario {

enum class Action : std::uint8_t {
    power,            // "on", "off", "brown-out"
    dip,              // power = "1.8V": millivolts in `value`
    reset,            // the NRST pin
    boot0,            // level
    pin,              // name, level 0, 1 or z
    send,             // text, port
    run,              // time
    expect,           // text, port
    expect_not,       // text, port: it does not come within the time
    expect_pin,       // name, level
    wait_for,         // symbol, core
    assert_register,  // "cm7.pc", "RCC.CR.HSERDY"
    assert_memory,    // address, size, core
    snapshot,         // name
    restore,          // name
    cut_power,        // the n-th step of the flash from here on
    expect_stop,      // "exit", "lock-up"
};

struct Step {
    settings::Place place;
    Action action = Action::run;
    std::string title;  // "expect 'ready'"
    std::string text;   // whatever the action is about: a text, a name, "on"
    std::string port;   // serial port, "" the console of the board
    Master core = Master::cm7;
    Time time = 0;  // how long to run, or to wait at most
    Address address = 0;
    unsigned size = 4;                      // bytes of a memory access
    std::uint64_t value = 0, mask = ~0ULL;  // what is compared
    std::uint64_t level = 0;                // of a pin: 0, 1, 2 = nobody drives
    bool differs = false;                   // not-equals
};

/// What the file says of the run itself; paths as written, relative to the file.
struct Setup {
    std::vector<std::string> m7, m4, symbols;
    std::string board, part, chip;
    std::uint64_t seed = 0;
    bool has_seed = false, boot0 = false;
};

struct Scenario {
    std::string path, name;
    Setup setup;
    std::vector<Step> steps;
};

/// Most steps of one file.
inline constexpr std::size_t kMostSteps = 10'000;

/// Error (misuse): "test.toml:12:8: step.timeout: ..", what was expected there.
Result<Scenario> parse_scenario(std::string_view text, std::string_view path);

}  // namespace h7::scenario

// A scenario carried out on a chip, in virtual time: the same file on the same chip gives the same verdicts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/loader/program.hpp"
#include "emulator/scenario/scenario.hpp"

namespace h7::scenario {

/// What became of one step.
struct Verdict {
    enum class Kind : std::uint8_t { passed, failed, skipped };
    Kind kind = Kind::skipped;
    std::string title;
    settings::Place place;
    Time began = 0, took = 0;  // virtual
    std::string message;       // of a failure: one line
};

/// Names that come from outside the file.
struct Names {
    std::string console = "usart3";                           // the port of steps that name none
    std::map<std::string, std::pair<char, unsigned>> pins{};  // of the board: "LED1" -> {'B', 0}
    std::span<const loader::Program> programs{};              // their symbols
};

class Runner {
public:
    /// All must outlive the runner. From run() on it hears the serial ports beside whoever listens already.
    Runner(const Scenario& scenario, chip::Chip& chip, Names names);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// Error (misuse, with file, line and column): a pin, symbol, register or core that this chip does not
    /// have, a snapshot that no step makes.
    Result<void> check() const;

    /// Carries out the steps; after the first that fails the others are skipped. `progress` is told of each
    /// verdict at once; `interrupted`, asked between turns, ends the run as a failure. The chip keeps its
    /// power, or not, as the last step left it.
    std::vector<Verdict> run(const std::function<void(const Verdict&)>& progress = {},
                             std::function<bool()> interrupted = {});

private:
    struct Ear;  // what a port has said
    struct Value {
        std::uint64_t now = 0;
        std::string error;
    };
    void listen();
    std::optional<std::string> brown_out();
    std::optional<std::string> dip(std::uint64_t millivolts);
    void keep(const std::string& name);
    void put_back(const std::string& name);
    std::optional<std::string> act(const Step& step);  // a text: why it failed
    std::optional<std::string> advance(Time time, const std::function<bool()>& reached,
                                       std::string_view missed);
    std::optional<std::string> serial(const Step& step);
    std::optional<std::string> wait_for(const Step& step);
    std::optional<std::string> expect_stop(const Step& step);
    std::optional<std::string> cut_power(const Step& step);
    std::optional<std::string> compare(const Step& step, const Value& value) const;
    Value core_register(const Step& step) const;
    Value register_of(const Step& step) const;
    Value memory(const Step& step) const;
    std::optional<std::pair<char, unsigned>> pin(const std::string& name) const;
    std::optional<Address> symbol(const std::string& name) const;
    Ear& ear(const std::string& port);

    const Scenario& scenario_;
    chip::Chip& chip_;
    Names names_;
    std::vector<std::unique_ptr<Ear>> ears_;
    std::function<bool()> interrupted_;
    struct Kept {
        std::unique_ptr<chip::Snapshot> chip;
        std::vector<std::pair<std::size_t, std::size_t>> heard;  // of each ear: said, read
    };
    std::map<std::string, Kept> snapshots_;
    std::optional<chip::Stop> ended_;  // the firmware cannot go on: exit, lock-up, no power
};

/// JUnit: one test suite, one test case a step, with virtual seconds.
std::string junit(const Scenario& scenario, std::span<const Verdict> verdicts);

}  // namespace h7::scenario

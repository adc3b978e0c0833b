// Consoles with somebody at the other end: what comes from outside enters the chip between turns. While both
// cores sleep, virtual time does not run ahead of the host's, so that a person, or a program on the other
// side of a socket, has the time the firmware gives it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/chip/serial_line.hpp"
#include "emulator/console/console.hpp"

namespace h7::cli {

class LiveInput {
public:
    /// Both must outlive this. A console from which nothing can come is not asked.
    void add(const std::string& name, console::Console& console, chip::SerialLine& line);
    /// A console from which something can still come.
    bool open() const;

    /// Between turns. While the cores run, asks the host at most every fifth of a millisecond.
    void exchange(chip::Chip& chip);

    /// One sentence for each port that heard something: the run cannot be repeated.
    std::vector<std::string> summary() const;

private:
    using HostClock = std::chrono::steady_clock;
    struct Line {
        std::string name;
        console::Console* console;
        chip::SerialLine* line;
        std::uint64_t heard = 0;
    };
    bool move_characters();
    void hold_back(Time now, HostClock::time_point host);

    std::vector<Line> lines_;
    HostClock::time_point asked_{};
    bool idle_ = false;
    Time idle_since_ = 0;                      // virtual,
    HostClock::time_point idle_since_host_{};  // and the host's at that moment
};

}  // namespace h7::cli

// ^C and SIGTERM during a run: the run ends as if the power had been removed, files are finished and the chip
// file is saved; then the signal is delivered after all, so that the shell sees it. A second one ends the
// process at once.
#pragma once

namespace h7::cli {

class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// SIGINT or SIGTERM came.
    bool came() const;
    /// Does not return when one came.
    void deliver() const;
};

}  // namespace h7::cli

// Standard input for the guest: by lines, so that what a program reads does not depend on how it arrived.
#pragma once

#include <string>

#include "emulator/cli/interrupt.hpp"

namespace h7::cli {

class StandardInput {
public:
    /// At most `most` bytes, no more than a line; waits for them. Empty: the end, or an interrupt came.
    std::string line(std::size_t most, const Interrupt& interrupt);

private:
    bool more(const Interrupt& interrupt);
    std::string waiting_;
    bool ended_ = false;
};

}  // namespace h7::cli

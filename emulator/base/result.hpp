// The user's mistake: one line that says what, where, which rule and what to do, and the exit code it leads
// to.
#pragma once

#include <string>
#include <utility>

#include "emulator/base/expected.hpp"

namespace h7 {

/// The one exit-code table of every verb (design: product).
enum class ExitCode : int {
    done = 0,
    refused = 1,        // refused by the chip, or an assertion failed
    misuse = 2,         // misuse or bad input
    emulation = 3,      // guest lock-up, unmodelled access under --strict
    rule_violated = 4,  // a security rule was violated
    limit = 42,         // time limit reached
};

struct Error {
    ExitCode code = ExitCode::misuse;
    std::string message;  // one line, no trailing full stop or newline
};

template <class T>
using Result = Expected<T, Error>;

/// Bad input: a file, an option or an argument of the user's is wrong (exit 2).
inline Error misuse(std::string message) { return {ExitCode::misuse, std::move(message)}; }
/// The chip refuses (exit 1).
inline Error refused(std::string message) { return {ExitCode::refused, std::move(message)}; }

}  // namespace h7

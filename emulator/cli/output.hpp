// What the guest says: serial ports and semihosting console, sent where the user wants them and searched for
// the texts that end a run.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.hpp"

namespace h7::cli {

/// Finds a text in a stream that arrives in pieces.
class TextSearch {
public:
    explicit TextSearch(std::string text) : text_(std::move(text)) {}
    /// True once the text has been seen in full.
    bool feed(char c);
    bool found() const { return found_; }

private:
    std::string text_, tail_;
    bool found_ = false;
};

/// Where a stream goes.
class Destination {
public:
    virtual ~Destination() = default;
    virtual void write(char c) = 0;
    /// Error: something could not be written.
    virtual Result<void> finish() = 0;
};

/// `where` of "--uart usart3=WHERE": "stdio" or "file:PATH" (created at once, so that a wrong path is found
/// before the run).
Result<std::unique_ptr<Destination>> open_destination(const std::string& where);

/// One port: destination, kept text (for --json), and the searches.
struct Stream {
    std::string name;                          // "usart3"
    std::unique_ptr<Destination> destination;  // null: only kept
    std::string text;
    std::vector<TextSearch> until, fail;
    bool ending = false;  // a search was satisfied: the run ends with the line

    /// Takes a character; true once a search is satisfied.
    bool take(char c);
};

}  // namespace h7::cli

// What the guest says: serial ports and semihosting console, sent where the user wants them and searched for
// the texts that end a run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/console/console.hpp"

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

/// One port: where it leads, kept text (for --json), and the searches.
struct Stream {
    std::string name;                           // "usart3"
    std::unique_ptr<console::Console> console;  // null: only kept
    bool keep = false;
    std::string text;
    std::vector<TextSearch> until, fail;
    bool ending = false;  // a search was satisfied: the run ends with the line

    /// Takes a character; true once a search is satisfied.
    bool take(char c);
};

}  // namespace h7::cli

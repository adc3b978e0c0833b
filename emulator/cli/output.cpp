#include "emulator/cli/output.hpp"

namespace h7::cli {

bool TextSearch::feed(char c) {
    if (found_) return true;
    tail_.push_back(c);
    if (tail_.size() > text_.size()) tail_.erase(0, tail_.size() - text_.size());
    return found_ = tail_ == text_;
}

bool Stream::take(char c) {
    if (keep) text.push_back(c);
    if (console) console->put(static_cast<std::uint8_t>(c));
    bool satisfied = false;
    for (TextSearch& search : until) satisfied |= search.feed(c);
    for (TextSearch& search : fail) satisfied |= search.feed(c);
    return satisfied;
}

}  // namespace h7::cli

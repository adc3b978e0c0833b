// The characters of a TOML text, one after the other, and where each stands.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "emulator/settings/settings.hpp"

namespace h7::settings {

/// A letter of a key without quotes.
bool bare(char c);

/// A cursor over a text that lives longer than it. Columns count characters, not bytes.
class Characters {
public:
    Characters(std::string_view text, std::string_view path) : text_(text), path_(path) {}

    /// UTF-8 all the way, and no control character but tabs and ends of lines: before anything else is read.
    Result<void> check() const;

    bool end() const { return at_ >= text_.size(); }
    /// '\0' behind the end.
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool starts(std::string_view what) const { return rest().starts_with(what); }
    std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
    void next(std::size_t count = 1);
    Place place() const { return place_; }

    void skip_spaces();
    /// Spaces, ends of lines and comments.
    void skip_blank_lines();
    /// Nothing but a comment may come before the end of the line.
    Result<void> line_end();

    /// The user's mistake, with path, line and column.
    Error wrong_at(Place place, std::string_view message) const;
    Error wrong(std::string_view message) const { return wrong_at(place_, message); }
    /// What stands at the cursor, in words for a message.
    std::string here() const;

private:
    void skip_comment();

    std::string_view text_, path_;
    std::size_t at_ = 0;
    Place place_{1, 1};
};

}  // namespace h7::settings

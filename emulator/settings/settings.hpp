// Files that people write for this program (boards, scenarios), as TOML. A mistake in one is told with file,
// line, column and what was expected there; nothing is skipped in silence: a key nobody asked for is a
// mistake.
//
//   const Document document = TRY(parse_document(text, "board.toml"));
//   Section board(document);
//   const std::string part = TRY(board.text("part", "the name of a part").value_or(..));
//   TRY(board.finish());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "emulator/base/result.hpp"

namespace h7::settings {

/// Largest file that is read.
inline constexpr std::size_t kLargestFile = 1U << 20;

struct Place {
    std::uint32_t line = 0, column = 0;
};

struct Entry;
/// What stands behind a key or in a list. `place` is where it begins.
struct Value {
    using List = std::vector<Value>;
    using Table = std::vector<Entry>;
    Place place;
    std::variant<bool, std::int64_t, double, std::string, List, Table> data;

    /// "a number", "a table": for messages.
    std::string_view kind() const;
};
struct Entry {
    std::string key;
    Place place;
    Value value;
};

struct Document {
    std::string path;  // for messages
    Value root;        // a table
};

/// Error (misuse): not TOML, or more than kLargestFile; "board.toml:3:9: .."
Result<Document> parse_document(std::string_view text, std::string_view path);

/// "path:line:column: message" as a misuse.
Error mistake(const Document& document, Place place, std::string_view message);

/// One table, read key by key. The reader says what it expects; a wrong kind of value is a mistake that says
/// so.
class Section {
public:
    explicit Section(const Document& document) : Section(document, document.root, "") {}
    /// `value` is a table; `name` is what messages call it, "" for the file itself.
    Section(const Document& document, const Value& value, std::string name);

    bool has(std::string_view key) const { return find(key) != nullptr; }
    Place place() const { return place_; }
    const Document& document() const { return *document_; }

    // No value: the key is not there. `expected` ends the sentence "expected ..".
    Result<std::optional<std::string>> text(std::string_view key, std::string_view expected);
    Result<std::optional<bool>> flag(std::string_view key);
    /// A whole number between `least` and `most`.
    Result<std::optional<std::uint64_t>> number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                                std::string_view expected);
    /// A table of its own.
    Result<std::optional<Section>> section(std::string_view key);
    /// [[key]]: every table of the list.
    Result<std::vector<Section>> sections(std::string_view key);
    /// Whatever it is; null: not there.
    const Value* value(std::string_view key);
    /// Every entry, as written.
    const Value::Table& entries();

    /// Error: a key that nobody asked for; the message lists those that were.
    Result<void> finish() const;

    /// A mistake at `key`, or at the section when the key is not there.
    Error wrong(std::string_view key, std::string_view message) const;
    Error wrong_at(Place place, std::string_view message) const {
        return mistake(*document_, place, message);
    }
    /// "hse.frequency"
    std::string full_name(std::string_view key) const;

private:
    const Entry* find(std::string_view key) const;
    Error expected_at(const Entry& entry, std::string_view expected) const;

    const Document* document_;
    const Value::Table* table_;
    Place place_;
    std::string name_;
    std::vector<std::string> asked_;
    bool all_asked_ = false;
};

}  // namespace h7::settings

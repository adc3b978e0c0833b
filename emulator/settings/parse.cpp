// TOML 1.0 without dates. The packaged toml++ 3.3 cannot stand here: it asserts, or runs into undefined
// behaviour in a release build, on text as short as "[# x" (decision 0174).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "emulator/settings/settings.hpp"

namespace h7::settings {
namespace {

constexpr unsigned kDeepest = 32;        // lists in lists
constexpr std::size_t kMostKeys = 1000;  // of one table: each is looked up among the others

bool bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the character that begins here; 0: not UTF-8.
std::size_t character_at(std::string_view text) {
    const auto byte = [&](std::size_t n) -> std::uint32_t { return static_cast<unsigned char>(text[n]); };
    const std::uint32_t first = byte(0);
    const std::size_t size = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
    if (size < 2) return size;
    if (text.size() < size) return 0;
    for (std::size_t n = 1; n < size; ++n)
        if (!continuation(text[n])) return 0;
    const bool too_long = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    const bool beyond = first == 0xF4 && byte(1) >= 0x90;
    return too_long || surrogate || beyond ? 0 : size;
}

void append_utf8(std::string& to, std::uint32_t c) {
    const auto put = [&](std::uint32_t byte) { to.push_back(static_cast<char>(byte)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | c >> 6);
    } else if (c < 0x1'0000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

struct Key {
    std::string name;
    Place place;
};

class Parser {
public:
    Parser(std::string_view text, std::string_view path) : text_(text), path_(path) {
        root_.data = Value::Table{};
    }

    Result<Value> document() {
        TRY(characters());
        root_.place = {1, 1};
        while (true) {
            skip_blank_lines();
            if (end()) return std::move(root_);
            if (peek() == '[')
                TRY(header());
            else
                TRY(pair(*table_at(current_), path_of(current_)));
            TRY(line_end());
        }
    }

private:
    using Path = std::vector<std::pair<std::string, std::size_t>>;  // key, and which of a list (0: a table)

    // --- characters ---
    bool end() const { return at_ >= text_.size(); }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    void next(std::size_t count = 1) {
        for (; count != 0 && !end(); --count) {
            const char c = text_[at_++];
            if (c == '\n')
                place_ = {place_.line + 1, 1};
            else if (end() || !continuation(text_[at_]))
                ++place_.column;
        }
    }
    Error wrong_at(Place place, std::string_view message) const {
        return misuse(fmt::format("{}:{}:{}: not TOML: {}", path_, place.line, place.column, message));
    }
    Error wrong(std::string_view message) const { return wrong_at(place_, message); }
    std::string here() const {
        if (end()) return "the end of the file";
        if (peek() == '\n' || peek() == '\r') return "the end of the line";
        return fmt::format("'{}'",
                           text_.substr(at_, std::max<std::size_t>(character_at(text_.substr(at_)), 1)));
    }

    Result<void> characters() {
        for (Place place{1, 1}; !end();) {
            const std::size_t size = character_at(text_.substr(at_));
            if (size == 0) return wrong_at(place, "a byte that is not UTF-8");
            const char c = peek();
            const bool lone_return = c == '\r' && peek(1) != '\n';
            if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F ||
                lone_return)
                return wrong_at(place, "a control character; write it as \\u0000 inside a text");
            place = c == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
            at_ += size;
        }
        at_ = 0;
        return {};
    }
    void skip_spaces() {
        while (peek() == ' ' || peek() == '\t') next();
    }
    void skip_comment() {
        if (peek() == '#')
            while (!end() && peek() != '\n') next();
    }
    void skip_blank_lines() {
        while (!end()) {
            skip_spaces();
            skip_comment();
            if (peek() != '\n' && peek() != '\r') return;
            next();
        }
    }
    Result<void> line_end() {
        skip_spaces();
        skip_comment();
        if (end() || peek() == '\n' || peek() == '\r') return {};
        return wrong(fmt::format("expected the end of the line, found {}", here()));
    }

    // --- keys and tables ---
    Result<Key> key() {
        Key key{"", place_};
        if (peek() == '"' || peek() == '\'') {
            if (starts("\"\"\"") || starts("'''")) return wrong("a key is written on one line");
            key.name = TRY(text());
            return key;
        }
        while (bare(peek())) {
            key.name.push_back(peek());
            next();
        }
        if (key.name.empty()) return wrong(fmt::format("expected a key, found {}", here()));
        return key;
    }
    Result<std::vector<Key>> dotted() {
        std::vector<Key> keys;
        while (true) {
            keys.push_back(TRY(key()));
            if (keys.size() > kDeepest) return wrong("a key with too many dots");
            skip_spaces();
            if (peek() != '.') return keys;
            next();
            skip_spaces();
        }
    }

    static std::string path_of(const Path& path) {
        std::string text;
        for (const auto& [name, index] : path) text += fmt::format("{}\x1f{}\x1f", name, index);
        return text;
    }
    Result<void> room_in(const Value& table) const {
        if (std::get<Value::Table>(table.data).size() < kMostKeys) return {};
        return wrong(fmt::format("more than {} keys in one table", kMostKeys));
    }
    static Entry* find(Value& table, std::string_view name) {
        auto& entries = std::get<Value::Table>(table.data);
        const auto found = std::ranges::find(entries, name, &Entry::key);
        return found == entries.end() ? nullptr : &*found;
    }
    Value* table_at(const Path& path) {
        Value* table = &root_;
        for (const auto& [name, index] : path) {
            Value& value = find(*table, name)->value;
            table = index == 0 ? &value : &std::get<Value::List>(value.data)[index - 1];
        }
        return table;
    }

    /// One step down, making a table that is not there. `path` grows.
    Result<void> descend(Path& path, const Key& key) {
        Value& table = *table_at(path);
        Entry* entry = find(table, key.name);
        if (entry == nullptr) {
            TRY(room_in(table));
            std::get<Value::Table>(table.data).push_back({key.name, key.place, {key.place, Value::Table{}}});
            path.emplace_back(key.name, 0);
            return {};
        }
        const std::string full = path_of(path) + key.name;
        if (const auto* list = std::get_if<Value::List>(&entry->value.data);
            list != nullptr && lists_.contains(full)) {
            path.emplace_back(key.name, list->size());
            return {};
        }
        if (!std::holds_alternative<Value::Table>(entry->value.data) || closed_.contains(full))
            return wrong_at(key.place, fmt::format("'{}' is there already", key.name));
        path.emplace_back(key.name, 0);
        return {};
    }

    Result<void> header() {
        const Place begin = place_;
        const bool list = starts("[[");
        next(list ? 2 : 1);
        skip_spaces();
        const std::vector<Key> keys = TRY(dotted());
        if (!starts(list ? "]]" : "]"))
            return wrong(fmt::format("expected {}, found {}", list ? "]]" : "]", here()));
        next(list ? 2 : 1);
        current_.clear();
        for (std::size_t n = 0; n + 1 < keys.size(); ++n) TRY(descend(current_, keys[n]));
        const Key& last = keys.back();
        const std::string full = path_of(current_) + last.name;
        if (list) {
            Value& table = *table_at(current_);
            Entry* entry = find(table, last.name);
            if (entry == nullptr) {
                TRY(room_in(table));
                std::get<Value::Table>(table.data).push_back({last.name, last.place, {begin, Value::List{}}});
                entry = find(table, last.name);
                lists_.insert(full);
            } else if (!lists_.contains(full)) {
                return wrong_at(last.place, fmt::format("'{}' is there already", last.name));
            }
            auto& rows = std::get<Value::List>(entry->value.data);
            rows.push_back({begin, Value::Table{}});
            current_.emplace_back(last.name, rows.size());
            return {};
        }
        const bool there = find(*table_at(current_), last.name) != nullptr;
        if (there && lists_.contains(full))
            return wrong_at(last.place, fmt::format("'{}' is a list of tables", last.name));
        TRY(descend(current_, last));
        if (!headers_.insert(full).second)
            return wrong_at(last.place, fmt::format("'{}' is there already", last.name));
        table_at(current_)->place = begin;
        return {};
    }

    /// key = value into `table`, whose path is `prefix`.
    Result<void> pair(Value& table, const std::string& prefix, unsigned depth = 0) {
        const std::vector<Key> keys = TRY(dotted());
        if (peek() != '=') return wrong(fmt::format("expected =, found {}", here()));
        next();
        skip_spaces();
        Value* into = &table;
        std::string full = prefix;
        for (std::size_t n = 0; n + 1 < keys.size(); ++n) {
            full += keys[n].name;
            Entry* entry = find(*into, keys[n].name);
            if (entry == nullptr) {
                TRY(room_in(*into));
                std::get<Value::Table>(into->data)
                    .push_back({keys[n].name, keys[n].place, {keys[n].place, Value::Table{}}});
                entry = find(*into, keys[n].name);
            } else if (!std::holds_alternative<Value::Table>(entry->value.data) || closed_.contains(full)) {
                return wrong_at(keys[n].place, fmt::format("'{}' is there already", keys[n].name));
            }
            into = &entry->value;
            full +=
                "\x1f"
                "0\x1f";
        }
        const Key& last = keys.back();
        if (find(*into, last.name) != nullptr)
            return wrong_at(last.place, fmt::format("'{}' is there already", last.name));
        full += last.name;
        Value value = TRY(this->value(depth));
        closed_.insert(full);
        TRY(room_in(*into));
        std::get<Value::Table>(into->data).push_back({last.name, last.place, std::move(value)});
        return {};
    }

    // --- values ---
    Result<Value> value(unsigned depth) {
        Value value{place_, false};
        if (peek() == '"' || peek() == '\'') {
            value.data = TRY(text());
        } else if (peek() == '[' || peek() == '{') {
            if (depth >= kDeepest) return wrong("lists and tables too deep inside each other");
            if (peek() == '[')
                value.data = TRY(list(depth + 1));
            else
                TRY(inline_table(value, depth + 1));
        } else {
            TRY(word(value));
        }
        return value;
    }

    Result<Value::List> list(unsigned depth) {
        Value::List list;
        next();
        while (true) {
            skip_blank_lines();
            if (peek() == ']') break;
            list.push_back(TRY(value(depth)));
            skip_blank_lines();
            if (peek() == ',') {
                next();
            } else if (peek() != ']') {
                return wrong(fmt::format("expected , or ], found {}", here()));
            }
        }
        next();
        return list;
    }

    Result<void> inline_table(Value& table, unsigned depth) {
        table.data = Value::Table{};
        next();
        skip_spaces();
        if (peek() != '}') {
            while (true) {
                skip_spaces();
                TRY(pair(table, fmt::format("\x1f{}\x1f", ++inline_tables_), depth));
                skip_spaces();
                if (peek() == '}') break;
                if (peek() != ',') return wrong(fmt::format("expected , or }}, found {}", here()));
                next();
            }
        }
        next();
        return {};
    }

    Result<std::string> text() {
        const char quote = peek();
        const bool basic = quote == '"', lines = peek(1) == quote && peek(2) == quote;
        const Place begin = place_;
        next(lines ? 3 : 1);
        if (lines && starts("\r\n"))
            next(2);
        else if (lines && peek() == '\n')
            next();
        std::string out;
        while (true) {
            if (end()) return wrong_at(begin, "a text that does not end");
            const char c = peek();
            if (c == quote && !lines) {
                next();
                return out;
            }
            if (lines && c == quote && peek(1) == quote && peek(2) == quote) {
                next(3);
                for (unsigned extra = 0; extra < 2 && peek() == quote;
                     ++extra) {  // up to two quotes before the end
                    out.push_back(quote);
                    next();
                }
                return out;
            }
            if (c == '\n' && !lines) return wrong_at(begin, "a text that does not end on its line");
            if (c == '\\' && basic) {
                TRY(escape(out, lines));
                continue;
            }
            out.push_back(c);
            next();
        }
    }

    Result<void> escape(std::string& out, bool lines) {
        static constexpr std::string_view kLetters = "btnfr\"\\", kMeant = "\b\t\n\f\r\"\\";
        const Place begin = place_;
        next();
        const char c = peek();
        if (const std::size_t n = end() ? std::string_view::npos : kLetters.find(c);
            n != std::string_view::npos) {
            out.push_back(kMeant[n]);
            next();
            return {};
        }
        if (c == 'u' || c == 'U') {
            const std::size_t digits = c == 'u' ? 4 : 8;
            next();
            const std::string_view hex = text_.substr(std::min(at_, text_.size()), digits);
            std::uint32_t character = 0;
            const auto [stop, error] = std::from_chars(hex.data(), hex.data() + hex.size(), character, 16);
            if (hex.size() != digits || error != std::errc{} || stop != hex.data() + digits ||
                character > 0x10'FFFF || (character >= 0xD800 && character < 0xE000))
                return wrong_at(begin, fmt::format("expected {} hexadecimal digits of a character", digits));
            append_utf8(out, character);
            next(digits);
            return {};
        }
        if (lines) {  // the line goes on in the next one
            std::size_t ahead = 0;
            while (peek(ahead) == ' ' || peek(ahead) == '\t') ++ahead;
            if (peek(ahead) == '\n' || peek(ahead) == '\r') {
                while (!end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
                    next();
                return {};
            }
        }
        return wrong_at(begin, "expected \\b, \\t, \\n, \\f, \\r, \\\", \\\\, \\uXXXX or \\UXXXXXXXX");
    }

    /// true, false, a number.
    Result<void> word(Value& value) {
        const Place begin = place_;
        std::string word;
        while (bare(peek()) || peek() == '+' || peek() == '.' || peek() == ':') {
            word.push_back(peek());
            next();
        }
        const auto no = [&] {
            return wrong_at(begin, word.empty()
                                       ? fmt::format("expected a value, found {}", here())
                                       : fmt::format("expected a value, found {}", word.substr(0, 40)));
        };
        if (word == "true" || word == "false") {
            value.data = word == "true";
            return {};
        }
        std::string digits;
        for (std::size_t n = 0; n < word.size(); ++n) {
            const auto digit = [&](std::size_t at) {
                return at < word.size() && std::isxdigit(static_cast<unsigned char>(word[at])) != 0;
            };
            if (word[n] != '_')
                digits.push_back(word[n]);
            else if (n == 0 || !digit(n - 1) || !digit(n + 1))
                return no();
        }
        return number(value, digits) ? Result<void>{} : no();
    }

    static bool number(Value& value, std::string_view text) {
        const bool negative = text.starts_with('-'), sign = negative || text.starts_with('+');
        std::string_view digits = text.substr(sign ? 1 : 0);
        int base = 10;
        for (const auto& [prefix, of] : {std::pair{"0x", 16}, std::pair{"0o", 8}, std::pair{"0b", 2}})
            if (digits.starts_with(prefix)) {
                if (sign) return false;
                base = of;
                digits.remove_prefix(2);
            }
        if (digits.empty() || std::isxdigit(static_cast<unsigned char>(digits[0])) == 0) return false;
        if (base == 10 && digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
            return false;
        const std::string whole = (negative ? "-" : "") + std::string(digits);
        std::int64_t number = 0;
        const char* const last = whole.data() + whole.size();
        if (const auto [stop, error] = std::from_chars(whole.data(), last, number, base);
            error == std::errc{} && stop == last) {
            value.data = number;
            return true;
        }
        if (base != 10 || whole.find_first_not_of("+-.0123456789eE") != std::string::npos ||
            whole.back() == '.' || whole.find(".e") != std::string::npos ||
            whole.find(".E") != std::string::npos)
            return false;
        if (whole.find_first_of(".eE") == std::string::npos)
            return false;  // a whole number that is too large
        double decimal = 0;
        const auto [stop, error] = std::from_chars(whole.data(), last, decimal);
        if (error != std::errc{} || stop != last) return false;
        value.data = decimal;
        return true;
    }

    std::string_view text_, path_;
    std::size_t at_ = 0;
    Place place_{1, 1};
    Value root_;
    Path current_;
    std::set<std::string> headers_;  // tables that a header has made
    std::set<std::string> lists_;    // lists that [[headers]] have made
    std::set<std::string> closed_;   // values: nothing is added to them
    std::size_t inline_tables_ = 0;
};

}  // namespace

Result<Document> parse_document(std::string_view text, std::string_view path) {
    if (text.size() > kLargestFile)
        return misuse(fmt::format("{}:1:1: more than {} Kbytes", path, kLargestFile >> 10));
    return Document { std::string(path), TRY(Parser(text, path).document()) };
}

}  // namespace h7::settings

// TOML 1.0 without dates. The packaged toml++ 3.3 cannot stand here: it asserts, or runs into undefined
// behaviour in a release build, on text as short as "[# x" (decision 0174).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emulator/settings/scalar.hpp"

namespace h7::settings {
namespace {

constexpr unsigned kDeepest = 32;        // lists in lists
constexpr std::size_t kMostKeys = 1000;  // of one table: each is looked up among the others

struct Key {
    std::string name;
    Place place;
};

class Parser {
public:
    explicit Parser(const Characters& in) : in_(in) { root_.data = Value::Table{}; }

    Result<Value> document() {
        TRY(in_.check());
        root_.place = {1, 1};
        while (true) {
            in_.skip_blank_lines();
            if (in_.end()) return std::move(root_);
            if (in_.peek() == '[')
                TRY(header());
            else
                TRY(pair(*table_at(current_), path_of(current_)));
            TRY(in_.line_end());
        }
    }

private:
    using Path = std::vector<std::pair<std::string, std::size_t>>;  // key, and which of a list (0: a table)

    // --- keys and tables ---
    Result<Key> key() {
        Key key{"", in_.place()};
        if (in_.peek() == '"' || in_.peek() == '\'') {
            if (in_.starts("\"\"\"") || in_.starts("'''")) return in_.wrong("a key is written on one line");
            key.name = TRY(text(in_));
            return key;
        }
        while (bare(in_.peek())) {
            key.name.push_back(in_.peek());
            in_.next();
        }
        if (key.name.empty()) return in_.wrong(fmt::format("expected a key, found {}", in_.here()));
        return key;
    }
    Result<std::vector<Key>> dotted() {
        std::vector<Key> keys;
        while (true) {
            keys.push_back(TRY(key()));
            if (keys.size() > kDeepest) return in_.wrong("a key with too many dots");
            in_.skip_spaces();
            if (in_.peek() != '.') return keys;
            in_.next();
            in_.skip_spaces();
        }
    }

    static std::string path_of(const Path& path) {
        std::string text;
        for (const auto& [name, index] : path) text += fmt::format("{}\x1f{}\x1f", name, index);
        return text;
    }
    Result<void> room_in(const Value& table) const {
        if (std::get<Value::Table>(table.data).size() < kMostKeys) return {};
        return in_.wrong(fmt::format("more than {} keys in one table", kMostKeys));
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
            return in_.wrong_at(key.place, fmt::format("'{}' is there already", key.name));
        path.emplace_back(key.name, 0);
        return {};
    }

    Result<void> header() {
        const Place begin = in_.place();
        const bool list = in_.starts("[[");
        in_.next(list ? 2 : 1);
        in_.skip_spaces();
        const std::vector<Key> keys = TRY(dotted());
        if (!in_.starts(list ? "]]" : "]"))
            return in_.wrong(fmt::format("expected {}, found {}", list ? "]]" : "]", in_.here()));
        in_.next(list ? 2 : 1);
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
                return in_.wrong_at(last.place, fmt::format("'{}' is there already", last.name));
            }
            auto& rows = std::get<Value::List>(entry->value.data);
            rows.push_back({begin, Value::Table{}});
            current_.emplace_back(last.name, rows.size());
            return {};
        }
        const bool there = find(*table_at(current_), last.name) != nullptr;
        if (there && lists_.contains(full))
            return in_.wrong_at(last.place, fmt::format("'{}' is a list of tables", last.name));
        TRY(descend(current_, last));
        if (!headers_.insert(full).second)
            return in_.wrong_at(last.place, fmt::format("'{}' is there already", last.name));
        table_at(current_)->place = begin;
        return {};
    }

    /// key = value into `table`, whose path is `prefix`.
    Result<void> pair(Value& table, const std::string& prefix, unsigned depth = 0) {
        const std::vector<Key> keys = TRY(dotted());
        if (in_.peek() != '=') return in_.wrong(fmt::format("expected =, found {}", in_.here()));
        in_.next();
        in_.skip_spaces();
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
                return in_.wrong_at(keys[n].place, fmt::format("'{}' is there already", keys[n].name));
            }
            into = &entry->value;
            full +=
                "\x1f"
                "0\x1f";
        }
        const Key& last = keys.back();
        if (find(*into, last.name) != nullptr)
            return in_.wrong_at(last.place, fmt::format("'{}' is there already", last.name));
        full += last.name;
        Value value = TRY(this->value(depth));
        closed_.insert(full);
        TRY(room_in(*into));
        std::get<Value::Table>(into->data).push_back({last.name, last.place, std::move(value)});
        return {};
    }

    // --- values ---
    Result<Value> value(unsigned depth) {
        Value value{in_.place(), false};
        if (in_.peek() == '"' || in_.peek() == '\'') {
            value.data = TRY(text(in_));
        } else if (in_.peek() == '[' || in_.peek() == '{') {
            if (depth >= kDeepest) return in_.wrong("lists and tables too deep inside each other");
            if (in_.peek() == '[')
                value.data = TRY(list(depth + 1));
            else
                TRY(inline_table(value, depth + 1));
        } else {
            TRY(word(in_, value));
        }
        return value;
    }

    Result<Value::List> list(unsigned depth) {
        Value::List list;
        in_.next();
        while (true) {
            in_.skip_blank_lines();
            if (in_.peek() == ']') break;
            list.push_back(TRY(value(depth)));
            in_.skip_blank_lines();
            if (in_.peek() == ',') {
                in_.next();
            } else if (in_.peek() != ']') {
                return in_.wrong(fmt::format("expected , or ], found {}", in_.here()));
            }
        }
        in_.next();
        return list;
    }

    Result<void> inline_table(Value& table, unsigned depth) {
        table.data = Value::Table{};
        in_.next();
        in_.skip_spaces();
        if (in_.peek() != '}') {
            while (true) {
                in_.skip_spaces();
                TRY(pair(table, fmt::format("\x1f{}\x1f", ++inline_tables_), depth));
                in_.skip_spaces();
                if (in_.peek() == '}') break;
                if (in_.peek() != ',')
                    return in_.wrong(fmt::format("expected , or }}, found {}", in_.here()));
                in_.next();
            }
        }
        in_.next();
        return {};
    }

    Characters in_;
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
    return Document { std::string(path), TRY(Parser({text, path}).document()) };
}

}  // namespace h7::settings

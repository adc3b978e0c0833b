#include "emulator/settings/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::settings {

std::string_view Value::kind() const {
    static constexpr std::string_view kKinds[] = {"true or false", "a whole number", "a decimal number",
                                                  "a text",        "a list",         "a table"};
    return kKinds[data.index()];
}

Error mistake(const Document& document, Place place, std::string_view message) {
    return misuse(fmt::format("{}:{}:{}: {}", document.path, place.line, place.column, message));
}

Section::Section(const Document& document, const Value& value, std::string name)
    : document_(&document),
      table_(&std::get<Value::Table>(value.data)),
      place_(value.place),
      name_(std::move(name)) {}

std::string Section::full_name(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

const Entry* Section::find(std::string_view key) const {
    const auto at = std::ranges::find(*table_, key, &Entry::key);
    return at == table_->end() ? nullptr : &*at;
}

const Value* Section::value(std::string_view key) {
    asked_.emplace_back(key);
    const Entry* entry = find(key);
    return entry == nullptr ? nullptr : &entry->value;
}

const Value::Table& Section::entries() {
    all_asked_ = true;
    return *table_;
}

Error Section::wrong(std::string_view key, std::string_view message) const {
    const Entry* entry = find(key);
    return wrong_at(entry != nullptr ? entry->value.place : place_,
                    fmt::format("{}: {}", full_name(key), message));
}

Error Section::expected_at(const Entry& entry, std::string_view expected) const {
    return wrong_at(entry.value.place, fmt::format("{}: expected {}, found {}", full_name(entry.key),
                                                   expected, entry.value.kind()));
}

Result<std::optional<std::string>> Section::text(std::string_view key, std::string_view expected) {
    const Value* found = value(key);
    if (found == nullptr) return std::optional<std::string>();
    const auto* text = std::get_if<std::string>(&found->data);
    if (text == nullptr) return expected_at(*find(key), expected);
    return std::optional(*text);
}

Result<std::optional<bool>> Section::flag(std::string_view key) {
    const Value* found = value(key);
    if (found == nullptr) return std::optional<bool>();
    const auto* flag = std::get_if<bool>(&found->data);
    if (flag == nullptr) return expected_at(*find(key), "true or false");
    return std::optional(*flag);
}

Result<std::optional<std::uint64_t>> Section::number(std::string_view key, std::uint64_t least,
                                                     std::uint64_t most, std::string_view expected) {
    const Value* found = value(key);
    if (found == nullptr) return std::optional<std::uint64_t>();
    const auto* number = std::get_if<std::int64_t>(&found->data);
    if (number == nullptr) return expected_at(*find(key), expected);
    if (*number < 0 || static_cast<std::uint64_t>(*number) < least ||
        static_cast<std::uint64_t>(*number) > most)
        return wrong(key, fmt::format("{} is not {}", *number, expected));
    return std::optional(static_cast<std::uint64_t>(*number));
}

Result<std::optional<Section>> Section::section(std::string_view key) {
    const Value* found = value(key);
    if (found == nullptr) return std::optional<Section>();
    if (!std::holds_alternative<Value::Table>(found->data)) return expected_at(*find(key), "a table");
    return std::optional(Section(*document_, *found, full_name(key)));
}

Result<std::vector<Section>> Section::sections(std::string_view key) {
    std::vector<Section> all;
    const Value* found = value(key);
    if (found == nullptr) return all;
    const auto* list = std::get_if<Value::List>(&found->data);
    if (list == nullptr)
        return expected_at(*find(key), fmt::format("tables, each written as [[{}]]", full_name(key)));
    for (const Value& one : *list) {
        if (!std::holds_alternative<Value::Table>(one.data))
            return wrong_at(one.place,
                            fmt::format("{}: expected a table, found {}", full_name(key), one.kind()));
        all.emplace_back(*document_, one, full_name(key));
    }
    return all;
}

Result<void> Section::finish() const {
    if (all_asked_) return {};
    for (const Entry& entry : *table_) {
        if (std::ranges::find(asked_, entry.key) != asked_.end()) continue;
        std::string known;
        for (const std::string& key : asked_) known += fmt::format("{}{}", known.empty() ? "" : ", ", key);
        return wrong_at(entry.place,
                        fmt::format("{}: no such key; expected one of {}", full_name(entry.key), known));
    }
    return {};
}

}  // namespace h7::settings

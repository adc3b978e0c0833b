// The only place that sees toml++.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <fmt/format.h>

#include <algorithm>

#include "emulator/settings/settings.hpp"

namespace h7::settings {
namespace {

Place place_of(const toml::source_region& source) {
    return {static_cast<std::uint32_t>(source.begin.line), static_cast<std::uint32_t>(source.begin.column)};
}

/// Dates and times have no meaning here: they become the text that they are.
Value convert(const toml::node& node) {
    Value value;
    value.place = place_of(node.source());
    if (const auto* table = node.as_table()) {
        Value::Table entries;
        for (const auto& [key, child] : *table)
            entries.push_back({std::string(key.str()), place_of(key.source()), convert(child)});
        // As written, not by name.
        std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
            return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
        });
        value.data = std::move(entries);
    } else if (const auto* array = node.as_array()) {
        Value::List list;
        for (const toml::node& child : *array) list.push_back(convert(child));
        value.data = std::move(list);
    } else if (const auto* text = node.as_string()) {
        value.data = text->get();
    } else if (const auto* number = node.as_integer()) {
        value.data = number->get();
    } else if (const auto* decimal = node.as_floating_point()) {
        value.data = decimal->get();
    } else if (const auto* flag = node.as_boolean()) {
        value.data = flag->get();
    } else {
        value.data = std::string("a date or a time");
    }
    return value;
}

}  // namespace

Result<Document> parse_document(std::string_view text, std::string_view path) {
    if (text.size() > kLargestFile)
        return misuse(fmt::format("{}: more than {} Kbytes", path, kLargestFile >> 10));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        const Place place = place_of(error.source());
        return misuse(fmt::format("{}:{}:{}: not TOML: {}", path, place.line, place.column,
                                  std::string(error.description())));
    }
    return Document{std::string(path), convert(parsed.table())};
}

}  // namespace h7::settings

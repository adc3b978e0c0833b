#include "rss/image/option_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "emulator/base/hex.hpp"

namespace h7::image {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Upper case, '_' for blanks: "fprar prg a" is FPRAR_PRG_A.
std::string canonical(std::string_view name) {
    std::string text(trimmed(name));
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (is_blank(c) || c == '-') c = '_';
    }
    return text;
}

std::vector<std::string_view> columns_of(std::string_view line) {
    const char separator = line.find(',') != std::string_view::npos ? ',' : ';';
    std::vector<std::string_view> columns;
    for (;;) {
        const std::size_t end = line.find(separator);
        columns.push_back(trimmed(line.substr(0, end)));
        if (end == std::string_view::npos) break;
        line.remove_prefix(end + 1);
    }
    while (columns.size() > 1 && columns.back().empty()) columns.pop_back();
    return columns;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 3 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// What a user sees of the input: printable and short.
std::string quoted(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, 32)) shown += c >= 0x20 && c < 0x7F ? c : '?';
    return fmt::format("'{}{}'", shown, text.size() > 32 ? ".." : "");
}

struct Line {
    std::size_t number, offset;
    std::string_view text;
};

Fault at(const Line& line, std::string what) {
    return {Detail::E_OB, line.offset, fmt::format("line {}: {}", line.number, what)};
}

Parsed<std::uint32_t> parse_row(const Line& line, std::size_t row) {
    std::vector<std::string_view> columns = columns_of(line.text);
    if (columns.size() == 3 && is_number(columns.front())) columns.erase(columns.begin());
    if (columns.size() != 2)
        return at(line, fmt::format("row {} must be \"{},value\"", row + 1, option_row_name(row)));
    std::string name = canonical(columns[0]);
    // "1 FOPTSR_PRG": the row number in the name's column.
    if (const std::size_t blank = name.find('_');
        blank != std::string::npos && is_number(name.substr(0, blank)))
        name.erase(0, blank + 1);
    if (name != option_row_name(row))
        return at(line, fmt::format("{} where row {}, {}, must be", quoted(columns[0]), row + 1,
                                    option_row_name(row)));
    const auto value = parse_number(columns[1]);
    if (!value)
        return at(line,
                  fmt::format("{}: {} is not a 32-bit number", option_row_name(row), quoted(columns[1])));
    return *value;
}

}  // namespace

Parsed<OptionWords> parse_option_csv(std::string_view text) {
    const std::string_view all = text;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    OptionWords words{};
    std::size_t row = 0, number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const Line line{++number, static_cast<std::size_t>(text.data() - all.data()),
                        trimmed(text.substr(0, end))};
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.text.empty()) continue;
        if (row == kOptionRows) return at(line, "a tenth row; there are nine");
        words[row] = TRY(parse_row(line, row));
        ++row;
    }
    if (row < kOptionRows)
        return Fault{Detail::E_OB, all.size(),
                     fmt::format("row {}, {}, is missing; there are nine", row + 1, option_row_name(row))};
    return words;
}

std::string option_csv(const OptionWords& words) {
    std::string text;
    for (std::size_t row = 0; row < kOptionRows; ++row)
        text += fmt::format("{},0x{:08X}\n", option_row_name(row), words[row]);
    return text;
}

}  // namespace h7::image

#include "emulator/options/words_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/hex.hpp"
#include "rss/image/option_csv.hpp"

namespace h7::options {
namespace {

using flash::OptionWords;

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Collects fields and words; knows which fields have been named.
class Collector {
public:
    Result<void> take(std::string_view name, std::string_view number) {
        for (std::size_t word = 0; word < flash::kOptionWords; ++word)
            if (name == name_of(static_cast<flash::OptionWord>(word))) {
                const auto value = parse_number(number);
                if (!value) return misuse(fmt::format("{}: {}", name, value.error().message));
                file_.words[word] = *value;
                for (const Field& field : fields())
                    if (field.word == word) named_.insert(&field);
                return {};
            }
        const Change change = TRY(parse_change(fmt::format("{}={}", name, number)));
        change.field->set(file_.words, change.value);
        named_.insert(change.field);
        return {};
    }
    WordsFile finish() {
        for (const Field& field : fields())
            if (!named_.contains(&field)) file_.missing.push_back(field.name);
        return file_;
    }

private:
    WordsFile file_;
    std::set<const Field*> named_;
};

Result<WordsFile> parse_text(std::string_view text, std::string_view path) {
    Collector collector;
    std::size_t number = 0;
    bool any = false;
    while (!text.empty()) {
        ++number;
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t sign = line.find_first_of("=:");
        if (line.empty() || line.front() == '#' || line.starts_with("OPTION BYTES BANK")) continue;
        if (sign == std::string_view::npos)
            return misuse(fmt::format("{}: line {}: neither NAME=VALUE nor NAME : VALUE", path, number));
        const std::string_view name = trimmed(line.substr(0, sign));
        std::string_view value = trimmed(line.substr(sign + 1));
        if (value.empty()) continue;  // a title
        value = value.substr(0, value.find_first_of(" \t("));
        if (const auto taken = collector.take(name, value); !taken)
            return misuse(fmt::format("{}: line {}: {}", path, number, taken.error().message));
        any = true;
    }
    if (!any) return misuse(fmt::format("{}: names no option byte", path));
    return collector.finish();
}

Result<WordsFile> parse_json(std::string_view text, std::string_view path) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return misuse(fmt::format("{}: damaged JSON", path));
    Collector collector;
    const auto take = [&](const std::string& name, const nlohmann::json& value) -> Result<void> {
        const nlohmann::json& number = value.is_object() && value.contains("value") ? value["value"] : value;
        std::string written;
        if (number.is_number_unsigned())
            written = fmt::format("{}", number.get<std::uint64_t>());
        else if (number.is_string())
            written = number.get<std::string>();
        else
            return misuse(fmt::format("{}: {} is no number", path, name));
        const auto taken = collector.take(name, written);
        if (!taken) return misuse(fmt::format("{}: {}", path, taken.error().message));
        return {};
    };
    for (const auto& [name, value] : json.items())
        if (name != "words") TRY(take(name, value));
    if (json.contains("words") && json["words"].is_object())
        for (const auto& [name, value] : json["words"].items()) TRY(take(name, value));
    return collector.finish();
}

}  // namespace

Result<WordsFile> parse_words_file(std::string_view text, std::string_view path) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return misuse(fmt::format("{}: is empty", path));
    if (text[first] == '{') return parse_json(text, path);
    std::string upper(text.substr(0, 256));
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (upper.find("FOPTSR") == std::string::npos) return parse_text(text, path);
    const auto words = image::parse_option_csv(text);
    if (!words) return image::to_error(words.error(), path);
    WordsFile file;
    std::ranges::copy(*words, file.words.begin());
    return file;
}

std::string words_text(const OptionWords& words) {
    std::string text;
    for (const Field& field : fields()) text += fmt::format("{}=0x{:X}\n", field.name, field.get(words));
    return text;
}

std::string words_csv(const OptionWords& words) {
    image::OptionWords rows{};
    std::ranges::copy(words, rows.begin());
    return image::option_csv(rows);
}

}  // namespace h7::options

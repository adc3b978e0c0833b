#include "emulator/cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace h7::cli {
namespace {

struct Unit {
    std::string_view name;
    Time time;
};
constexpr Unit kUnits[] = {
    {"s", kSecond}, {"ms", kMillisecond}, {"us", kMicrosecond}, {"ns", kNanosecond}, {"ps", 1}};
constexpr Time kLongest = 200 * 24 * 3600 * kSecond;

}  // namespace

Result<Time> parse_time(std::string_view option, std::string_view text) {
    const auto wrong = [&] {
        return misuse(fmt::format("{} {}: not a time; write 2s, 1.5ms, 300us or 20ns", option, text));
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto unit_at =
        std::find_if_not(text.begin(), text.end(), [&](char c) { return is_digit(c) || c == '.'; });
    const std::string_view number(text.begin(), unit_at), unit_name(unit_at, text.end());
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                   [&](const Unit& u) { return u.name == unit_name; });
    if (unit == std::end(kUnits) || number.empty() || !is_digit(number.front())) return wrong();

    // Whole and decimal places in integers: 0.1s is exactly 100 ms.
    Time value = 0, place = unit->time;
    bool decimals = false;
    for (const char c : number) {
        if (c == '.') {
            if (decimals) return wrong();
            decimals = true;
        } else if (decimals) {
            place /= 10;
            value += static_cast<Time>(c - '0') * place;
        } else {
            if (value > kLongest / 10) return wrong();
            value = value * 10 + static_cast<Time>(c - '0') * unit->time;
        }
    }
    if (value > kLongest) return wrong();
    return value;
}

std::string whole_number(const std::string& text) {
    if (text.empty()) return "";  // main() refuses that for every option
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const char *first = text.data() + (hex ? 2 : 0), *last = text.data() + text.size();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(first, last, value, hex ? 16 : 10);
    const bool octal = !hex && text.size() > 1 && text[0] == '0';
    if (error == std::errc() && end == last && !octal) return "";
    return fmt::format("{}: not a number from 0 to 18446744073709551615; write 7 or 0x7", text);
}

std::string time_text(Time time) {
    for (const Unit& unit : kUnits)
        if (time % unit.time == 0) return fmt::format("{}{}", time / unit.time, unit.name);
    return "0s";
}

}  // namespace h7::cli

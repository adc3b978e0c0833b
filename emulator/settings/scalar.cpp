#include "emulator/settings/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace h7::settings {
namespace {

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

Result<void> escape(Characters& in, std::string& out, bool lines) {
    static constexpr std::string_view kLetters = "btnfr\"\\", kMeant = "\b\t\n\f\r\"\\";
    const Place begin = in.place();
    in.next();
    const char c = in.peek();
    if (const std::size_t n = in.end() ? std::string_view::npos : kLetters.find(c);
        n != std::string_view::npos) {
        out.push_back(kMeant[n]);
        in.next();
        return {};
    }
    if (c == 'u' || c == 'U') {
        const std::size_t digits = c == 'u' ? 4 : 8;
        in.next();
        const std::string_view hex = in.rest().substr(0, digits);
        std::uint32_t character = 0;
        const auto [stop, error] = std::from_chars(hex.data(), hex.data() + hex.size(), character, 16);
        if (hex.size() != digits || error != std::errc{} || stop != hex.data() + digits ||
            character > 0x10'FFFF || (character >= 0xD800 && character < 0xE000))
            return in.wrong_at(begin, fmt::format("expected {} hexadecimal digits of a character", digits));
        append_utf8(out, character);
        in.next(digits);
        return {};
    }
    if (lines) {  // the line goes on in the next one
        std::size_t ahead = 0;
        while (in.peek(ahead) == ' ' || in.peek(ahead) == '\t') ++ahead;
        if (in.peek(ahead) == '\n' || in.peek(ahead) == '\r') {
            while (!in.end() &&
                   (in.peek() == ' ' || in.peek() == '\t' || in.peek() == '\n' || in.peek() == '\r'))
                in.next();
            return {};
        }
    }
    return in.wrong_at(begin, "expected \\b, \\t, \\n, \\f, \\r, \\\", \\\\, \\uXXXX or \\UXXXXXXXX");
}

bool number(Value& value, std::string_view text) {
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
        whole.back() == '.' || whole.find(".e") != std::string::npos || whole.find(".E") != std::string::npos)
        return false;
    if (whole.find_first_of(".eE") == std::string::npos) return false;  // a whole number that is too large
    double decimal = 0;
    const auto [stop, error] = std::from_chars(whole.data(), last, decimal);
    if (error != std::errc{} || stop != last) return false;
    value.data = decimal;
    return true;
}

}  // namespace

Result<std::string> text(Characters& in) {
    const char quote = in.peek();
    const bool basic = quote == '"', lines = in.peek(1) == quote && in.peek(2) == quote;
    const Place begin = in.place();
    in.next(lines ? 3 : 1);
    if (lines && in.starts("\r\n"))
        in.next(2);
    else if (lines && in.peek() == '\n')
        in.next();
    std::string out;
    while (true) {
        if (in.end()) return in.wrong_at(begin, "a text that does not end");
        const char c = in.peek();
        if (c == quote && !lines) {
            in.next();
            return out;
        }
        if (lines && c == quote && in.peek(1) == quote && in.peek(2) == quote) {
            in.next(3);
            for (unsigned extra = 0; extra < 2 && in.peek() == quote;
                 ++extra) {  // up to two quotes before the end
                out.push_back(quote);
                in.next();
            }
            return out;
        }
        if (c == '\n' && !lines) return in.wrong_at(begin, "a text that does not end on its line");
        if (c == '\\' && basic) {
            TRY(escape(in, out, lines));
            continue;
        }
        out.push_back(c);
        in.next();
    }
}

Result<void> word(Characters& in, Value& value) {
    const Place begin = in.place();
    std::string word;
    while (bare(in.peek()) || in.peek() == '+' || in.peek() == '.' || in.peek() == ':') {
        word.push_back(in.peek());
        in.next();
    }
    const auto no = [&] {
        return in.wrong_at(begin, word.empty()
                                      ? fmt::format("expected a value, found {}", in.here())
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

}  // namespace h7::settings

#include "emulator/settings/characters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::settings {
namespace {

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

}  // namespace

bool bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void Characters::next(std::size_t count) {
    for (; count != 0 && !end(); --count) {
        const char c = text_[at_++];
        if (c == '\n')
            place_ = {place_.line + 1, 1};
        else if (end() || !continuation(text_[at_]))
            ++place_.column;
    }
}

Error Characters::wrong_at(Place place, std::string_view message) const {
    return misuse(fmt::format("{}:{}:{}: not TOML: {}", path_, place.line, place.column, message));
}

std::string Characters::here() const {
    if (end()) return "the end of the file";
    if (peek() == '\n' || peek() == '\r') return "the end of the line";
    return fmt::format("'{}'", rest().substr(0, std::max<std::size_t>(character_at(rest()), 1)));
}

Result<void> Characters::check() const {
    Place place{1, 1};
    for (std::size_t at = 0; at < text_.size();) {
        const std::size_t size = character_at(text_.substr(at));
        if (size == 0) return wrong_at(place, "a byte that is not UTF-8");
        const char c = text_[at];
        const bool lone_return = c == '\r' && text_.substr(at + 1, 1) != "\n";
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F ||
            lone_return)
            return wrong_at(place, "a control character; write it as \\u0000 inside a text");
        place = c == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
        at += size;
    }
    return {};
}

void Characters::skip_spaces() {
    while (peek() == ' ' || peek() == '\t') next();
}

void Characters::skip_comment() {
    if (peek() == '#')
        while (!end() && peek() != '\n') next();
}

void Characters::skip_blank_lines() {
    while (!end()) {
        skip_spaces();
        skip_comment();
        if (peek() != '\n' && peek() != '\r') return;
        next();
    }
}

Result<void> Characters::line_end() {
    skip_spaces();
    skip_comment();
    if (end() || peek() == '\n' || peek() == '\r') return {};
    return wrong(fmt::format("expected the end of the line, found {}", here()));
}

}  // namespace h7::settings

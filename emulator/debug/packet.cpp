#include "emulator/debug/packet.hpp"

#include <algorithm>

#include "emulator/base/hex.hpp"

namespace h7::debug {
namespace {

constexpr char kEscape = '}', kRun = '*', kFlip = 0x20;
constexpr char kInterrupt = 0x03;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::uint8_t sum_of(std::string_view text) {
    unsigned sum = 0;
    for (const char c : text) sum += static_cast<std::uint8_t>(c);
    return static_cast<std::uint8_t>(sum);
}

/// Escapes and runs undone. Nothing: an escape or a run without its character, or too long.
std::optional<std::string> plain(std::string_view framed) {
    std::string text;
    for (std::size_t at = 0; at < framed.size(); ++at) {
        char c = framed[at];
        if (c == kRun) {
            // "0* " is 0000: the character says how often the one in front is repeated, plus 29.
            if (text.empty() || ++at == framed.size()) return std::nullopt;
            const int repeat = static_cast<std::uint8_t>(framed[at]) - 29;
            if (repeat < 3 || repeat > 97) return std::nullopt;
            text.append(static_cast<std::size_t>(repeat), text.back());
        } else {
            if (c == kEscape) {
                if (++at == framed.size()) return std::nullopt;
                c = static_cast<char>(framed[at] ^ kFlip);
            }
            text += c;
        }
        if (text.size() > kPacketSize) return std::nullopt;
    }
    return text;
}

}  // namespace

std::string frame(std::string_view payload) {
    std::string body;
    for (const char c : payload) {
        if (c == '$' || c == '#' || c == kEscape || c == kRun) {
            body += kEscape;
            body += static_cast<char>(c ^ kFlip);
        } else {
            body += c;
        }
    }
    const std::uint8_t sum = sum_of(body);
    return "$" + body + "#" + to_hex(ByteView(&sum, 1));
}

std::optional<Arrived> PacketReader::next() {
    while (!input_.empty()) {
        const char c = input_.front();
        if (c == '$') return take_packet();
        input_.erase(0, 1);
        if (c == '+') return Arrived{Arrived::Kind::ack, {}};
        if (c == '-') return Arrived{Arrived::Kind::nack, {}};
        if (c == kInterrupt) return Arrived{Arrived::Kind::interrupt, {}};
    }
    return std::nullopt;
}

std::optional<Arrived> PacketReader::take_packet() {
    const std::size_t hash = input_.find('#', std::max<std::size_t>(scanned_, 1));
    const bool whole = hash != std::string::npos && hash + 2 < input_.size();
    if (!whole) {
        if (input_.size() <= kPacketSize + 4) {
            scanned_ = hash != std::string::npos ? hash : input_.size();
            return std::nullopt;
        }
        // Longer than anything we announced: dropped; what follows is skipped up to the next packet.
        input_.erase(0, input_.size());
        scanned_ = 0;
        return Arrived{Arrived::Kind::damaged, {}};
    }
    const std::string_view framed = std::string_view(input_).substr(1, hash - 1);
    const int high = digit(input_[hash + 1]), low = digit(input_[hash + 2]);
    Arrived arrived{Arrived::Kind::damaged, {}};
    if (framed.size() <= kPacketSize && high >= 0 && low >= 0 && sum_of(framed) == high * 16 + low)
        if (auto text = plain(framed)) arrived = {Arrived::Kind::packet, std::move(*text)};
    input_.erase(0, hash + 3);
    scanned_ = 0;
    return arrived;
}

std::optional<std::uint32_t> HexReader::number() {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < text_.size() && digit(text_[digits]) >= 0) {
        if (digits == 8) return std::nullopt;
        value = value << 4 | static_cast<std::uint32_t>(digit(text_[digits]));
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text_.remove_prefix(digits);
    return value;
}

bool HexReader::take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
}

std::optional<Bytes> HexReader::bytes() {
    auto bytes = from_hex(text_);
    if (!bytes) return std::nullopt;
    text_ = {};
    return std::move(*bytes);
}

}  // namespace h7::debug

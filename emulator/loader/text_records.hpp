// What Intel HEX and S-record files have in common: lines of hex digits with a checksum.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "emulator/base/hex.hpp"
#include "emulator/loader/loader.hpp"

namespace h7::loader {

/// The lines of a text file, without line ends (LF, CRLF or CR), numbered from 1.
class Lines {
public:
    explicit Lines(ByteView file) : rest_(reinterpret_cast<const char*>(file.data()), file.size()) {}

    /// The next line that is not blank; false at the end.
    bool next(std::string_view& line) {
        while (!rest_.empty()) {
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            line = rest_.substr(0, end);
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            ++number_;
            while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
                line.remove_suffix(1);
            while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
            if (!line.empty()) return true;
        }
        return false;
    }
    std::size_t number() const { return number_; }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

/// "app.hex:12: <what>".
template <class... Args>
Error line_error(std::string_view path, std::size_t line, fmt::format_string<Args...> what, Args&&... args) {
    return misuse(fmt::format("{}:{}: {}", path, line, fmt::format(what, std::forward<Args>(args)...)));
}

/// The bytes of a record's hex digits.
inline Result<Bytes> record_bytes(std::string_view path, std::size_t line, std::string_view digits) {
    Result<Bytes> bytes = from_hex(digits);
    if (!bytes) return line_error(path, line, "{}", bytes.error().message);
    return bytes;
}

}  // namespace h7::loader

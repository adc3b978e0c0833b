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

/// What both formats do alike: line by line to the end record, checksums, data records gathered into
/// segments.
class TextRecords {
public:
    virtual ~TextRecords() = default;
    /// Errors (misuse) name file, line and what is wrong there.
    Result<Program> read();

protected:
    struct Dialect {
        Format format;
        std::string_view end;       // "the end-of-file record"
        std::string_view end_kind;  // "end-of-file record (:00000001FF)"
    };
    TextRecords(ByteView file, std::string_view path, const Dialect& dialect)
        : lines_(file), path_(path), dialect_(dialect) {}

    /// One line. Sets ended_ at the record that ends the file, entry_ where one is stated.
    virtual Result<void> record(std::string_view line) = 0;

    /// "app.hex:12: <what>".
    template <class... Args>
    Error error(fmt::format_string<Args...> what, Args&&... args) const {
        return misuse(
            fmt::format("{}:{}: {}", path_, lines_.number(), fmt::format(what, std::forward<Args>(args)...)));
    }
    /// The bytes of a record's hex digits.
    Result<Bytes> bytes_of(std::string_view digits) const;
    /// The last byte of `record` must be what `of_sum` makes of the sum of the others.
    Result<void> check_sum(ByteView record, std::uint8_t (*of_sum)(std::uint8_t sum)) const;
    void keep(Address address, ByteView data);

    bool ended_ = false;
    std::optional<Address> entry_;

private:
    Lines lines_;
    std::string_view path_;
    Dialect dialect_;
    std::vector<Segment> pieces_;
};

}  // namespace h7::loader

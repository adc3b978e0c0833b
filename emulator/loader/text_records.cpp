#include "emulator/loader/text_records.hpp"

#include <numeric>

namespace h7::loader {

Result<Program> TextRecords::read() {
    std::string_view line;
    while (lines_.next(line)) {
        if (ended_) return error("a record behind {}", dialect_.end);
        TRY(record(line));
    }
    if (!ended_)
        return misuse(
            fmt::format("{}: truncated: no {} after line {}", path_, dialect_.end_kind, lines_.number()));
    if (pieces_.empty()) return misuse(fmt::format("{}: nothing to load: no data record", path_));
    Program program{.path = std::string(path_),
                    .format = dialect_.format,
                    .segments = {},
                    .entry = entry_,
                    .symbols = {}};
    program.segments = TRY(assemble(path_, std::move(pieces_)));
    return program;
}

Result<Bytes> TextRecords::bytes_of(std::string_view digits) const {
    Result<Bytes> bytes = from_hex(digits);
    if (!bytes) return error("{}", bytes.error().message);
    return bytes;
}

Result<void> TextRecords::check_sum(ByteView record, std::uint8_t (*of_sum)(std::uint8_t sum)) const {
    const std::uint8_t expected =
        of_sum(static_cast<std::uint8_t>(std::accumulate(record.begin(), record.end() - 1, 0U)));
    if (record.back() != expected)
        return error("checksum 0x{:02X} does not fit, the record adds up to 0x{:02X}", record.back(),
                     expected);
    return {};
}

void TextRecords::keep(Address address, ByteView data) {
    if (data.empty()) return;
    if (!pieces_.empty() && pieces_.back().end() == address)
        pieces_.back().bytes.insert(pieces_.back().bytes.end(), data.begin(), data.end());
    else
        pieces_.push_back(
            {address, Bytes(data.begin(), data.end()), fmt::format("line {}", lines_.number())});
}

}  // namespace h7::loader

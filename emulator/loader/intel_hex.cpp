// Intel HEX: ":LLAAAATT<data>CC". LL data bytes at AAAA, record type TT; all bytes with CC add up to 0 modulo
// 256.
#include <numeric>

#include "emulator/loader/text_records.hpp"

namespace h7::loader {
namespace {

enum Type : std::uint8_t { kData, kEnd, kSegmentBase, kSegmentStart, kLinearBase, kLinearStart, kTypes };
constexpr std::uint8_t kAnyLength = 0xFF;
constexpr std::uint8_t kLength[kTypes] = {kAnyLength, 0, 2, 4, 2, 4};

class Reader {
public:
    Reader(ByteView file, std::string_view path) : lines_(file), path_(path) {}

    Result<Program> read() {
        std::string_view line;
        while (lines_.next(line)) {
            if (ended_) return error("a record behind the end-of-file record");
            TRY(record(line));
        }
        if (!ended_)
            return misuse(fmt::format("{}: truncated: no end-of-file record (:00000001FF) after line {}",
                                      path_, lines_.number()));
        if (pieces_.empty()) return misuse(fmt::format("{}: nothing to load: no data record", path_));
        Program program{.path = std::string(path_),
                        .format = Format::intel_hex,
                        .segments = {},
                        .entry = entry_,
                        .symbols = {}};
        program.segments = TRY(assemble(path_, std::move(pieces_)));
        return program;
    }

private:
    template <class... Args>
    Error error(fmt::format_string<Args...> what, Args&&... args) const {
        return line_error(path_, lines_.number(), what, std::forward<Args>(args)...);
    }

    Result<void> record(std::string_view line) {
        if (line.front() != ':') return error("'{}' where a record begins with ':'", printable(line.front()));
        const Bytes bytes = TRY(record_bytes(path_, lines_.number(), line.substr(1)));
        if (bytes.size() < 5) return error("truncated: {} bytes, a record has at least 5", bytes.size());
        if (bytes.size() != bytes[0] + 5U)
            return error("the record states {} data bytes and has {}", bytes[0],
                         static_cast<int>(bytes.size()) - 5);
        const auto sum = static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end() - 1, 0U));
        const auto expected = static_cast<std::uint8_t>(0U - sum);
        if (bytes.back() != expected)
            return error("checksum 0x{:02X} does not fit, the record adds up to 0x{:02X}", bytes.back(),
                         expected);
        return obey(bytes[3], load_be<std::uint16_t>(&bytes[1]), ByteView(bytes).subspan(4, bytes[0]));
    }

    Result<void> obey(std::uint8_t type, std::uint16_t offset, ByteView data) {
        if (type >= kTypes) return error("record type {:02X} is unknown; 00 to 05 are defined", type);
        if (kLength[type] != kAnyLength && data.size() != kLength[type])
            return error("record type {:02X} has {} data bytes, not {}", type, kLength[type], data.size());
        switch (type) {
            case kData:
                return keep(offset, data);
            case kEnd:
                ended_ = true;
                break;
            case kSegmentBase:
                base_ = Address{load_be<std::uint16_t>(data.data())} << 4;
                break;
            case kLinearBase:
                base_ = Address{load_be<std::uint16_t>(data.data())} << 16;
                break;
            case kSegmentStart:
                entry_ =
                    (Address{load_be<std::uint16_t>(data.data())} << 4) + load_be<std::uint16_t>(&data[2]);
                break;
            default:
                entry_ = load_be<std::uint32_t>(data.data());
                break;
        }
        return {};
    }

    Result<void> keep(std::uint16_t offset, ByteView data) {
        if (data.empty()) return {};
        if (offset + data.size() > 0x1'0000U)
            return error("the record crosses a 64-Kbyte boundary (offset 0x{:04X}, {} bytes)", offset,
                         data.size());
        const Address address = base_ + offset;
        if (!pieces_.empty() && pieces_.back().end() == address)
            pieces_.back().bytes.insert(pieces_.back().bytes.end(), data.begin(), data.end());
        else
            pieces_.push_back(
                {address, Bytes(data.begin(), data.end()), fmt::format("line {}", lines_.number())});
        return {};
    }

    static std::string printable(char c) {
        return c >= 0x20 && c < 0x7F ? std::string(1, c)
                                     : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }

    Lines lines_;
    std::string_view path_;
    Address base_ = 0;
    bool ended_ = false;
    std::optional<Address> entry_;
    std::vector<Segment> pieces_;
};

}  // namespace

Result<Program> parse_intel_hex(ByteView file, std::string_view path) { return Reader(file, path).read(); }

}  // namespace h7::loader

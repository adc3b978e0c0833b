// Intel HEX: ":LLAAAATT<data>CC". LL data bytes at AAAA, record type TT; all bytes with CC add up to 0 modulo
// 256.
#include "emulator/loader/text_records.hpp"

namespace h7::loader {
namespace {

enum Type : std::uint8_t { kData, kEnd, kSegmentBase, kSegmentStart, kLinearBase, kLinearStart, kTypes };
constexpr std::uint8_t kAnyLength = 0xFF;
constexpr std::uint8_t kLength[kTypes] = {kAnyLength, 0, 2, 4, 2, 4};

constexpr std::uint8_t complement_on_256(std::uint8_t sum) { return static_cast<std::uint8_t>(0U - sum); }

class Reader final : public TextRecords {
public:
    Reader(ByteView file, std::string_view path)
        : TextRecords(file, path,
                      {Format::intel_hex, "the end-of-file record", "end-of-file record (:00000001FF)"}) {}

private:
    Result<void> record(std::string_view line) override {
        if (line.front() != ':') return error("'{}' where a record begins with ':'", printable(line.front()));
        const Bytes bytes = TRY(bytes_of(line.substr(1)));
        if (bytes.size() < 5) return error("truncated: {} bytes, a record has at least 5", bytes.size());
        if (bytes.size() != bytes[0] + 5U)
            return error("the record states {} data bytes and has {}", bytes[0],
                         static_cast<int>(bytes.size()) - 5);
        TRY(check_sum(bytes, complement_on_256));
        return obey(bytes[3], load_be<std::uint16_t>(&bytes[1]), ByteView(bytes).subspan(4, bytes[0]));
    }

    Result<void> obey(std::uint8_t type, std::uint16_t offset, ByteView data) {
        if (type >= kTypes) return error("record type {:02X} is unknown; 00 to 05 are defined", type);
        if (kLength[type] != kAnyLength && data.size() != kLength[type])
            return error("record type {:02X} has {} data bytes, not {}", type, kLength[type], data.size());
        switch (type) {
            case kData:
                return place(offset, data);
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

    Result<void> place(std::uint16_t offset, ByteView data) {
        if (offset + data.size() > 0x1'0000U)
            return error("the record crosses a 64-Kbyte boundary (offset 0x{:04X}, {} bytes)", offset,
                         data.size());
        keep(base_ + offset, data);
        return {};
    }

    static std::string printable(char c) {
        return c >= 0x20 && c < 0x7F ? std::string(1, c)
                                     : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }

    Address base_ = 0;
};

}  // namespace

Result<Program> parse_intel_hex(ByteView file, std::string_view path) { return Reader(file, path).read(); }

}  // namespace h7::loader

// Motorola S-record: "S<type><count><address><data><checksum>". The count covers address, data and checksum;
// the checksum is the complement of the sum of all bytes from the count on.
#include <numeric>

#include "emulator/loader/text_records.hpp"

namespace h7::loader {
namespace {

/// Bytes of address in records S0..S9; 0: not defined.
constexpr std::uint8_t kAddressBytes[10] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};

class Reader {
public:
    Reader(ByteView file, std::string_view path) : lines_(file), path_(path) {}

    Result<Program> read() {
        std::string_view line;
        while (lines_.next(line)) {
            if (ended_) return error("a record behind the termination record");
            TRY(record(line));
        }
        if (!ended_)
            return misuse(fmt::format("{}: truncated: no termination record (S7, S8 or S9) after line {}",
                                      path_, lines_.number()));
        if (pieces_.empty()) return misuse(fmt::format("{}: nothing to load: no data record", path_));
        Program program{.path = std::string(path_),
                        .format = Format::srecord,
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
        if (line.size() < 2 || line[0] != 'S' || line[1] < '0' || line[1] > '9')
            return error("a record begins with S0 to S9");
        const auto type = static_cast<unsigned>(line[1] - '0');
        const unsigned width = kAddressBytes[type];
        if (width == 0) return error("record type S{} is not defined", type);
        const Bytes bytes = TRY(record_bytes(path_, lines_.number(), line.substr(2)));
        if (bytes.size() < width + 2U)
            return error("truncated: {} bytes, an S{} record has at least {}", bytes.size(), type,
                         width + 2U);
        if (bytes.size() != bytes[0] + 1U)
            return error("the record states {} bytes and has {}", bytes[0], bytes.size() - 1);
        const auto sum = static_cast<std::uint8_t>(std::accumulate(bytes.begin(), bytes.end() - 1, 0U));
        const auto expected = static_cast<std::uint8_t>(~sum);
        if (bytes.back() != expected)
            return error("checksum 0x{:02X} does not fit, the record adds up to 0x{:02X}", bytes.back(),
                         expected);
        Address address = 0;
        for (unsigned i = 0; i < width; ++i) address = (address << 8) | bytes[1 + i];
        return obey(type, address, ByteView(bytes).subspan(1 + width, bytes.size() - width - 2));
    }

    Result<void> obey(unsigned type, Address address, ByteView data) {
        switch (type) {
            case 0:
                return {};
            case 1:
            case 2:
            case 3:
                ++data_records_;
                return keep(address, data);
            case 5:
            case 6:
                if (address != data_records_)
                    return error("the count record states {} data records, {} came before it", address,
                                 data_records_);
                return {};
            default:
                ended_ = true;
                if (address != 0) entry_ = address;
                return {};
        }
    }

    Result<void> keep(Address address, ByteView data) {
        if (data.empty()) return {};
        if (std::uint64_t{address} + data.size() > std::uint64_t{1} << 32)
            return error("{} bytes at 0x{:08X} end beyond the 32-bit address space", data.size(), address);
        if (!pieces_.empty() && pieces_.back().end() == address)
            pieces_.back().bytes.insert(pieces_.back().bytes.end(), data.begin(), data.end());
        else
            pieces_.push_back(
                {address, Bytes(data.begin(), data.end()), fmt::format("line {}", lines_.number())});
        return {};
    }

    Lines lines_;
    std::string_view path_;
    std::size_t data_records_ = 0;
    bool ended_ = false;
    std::optional<Address> entry_;
    std::vector<Segment> pieces_;
};

}  // namespace

Result<Program> parse_srecord(ByteView file, std::string_view path) { return Reader(file, path).read(); }

}  // namespace h7::loader

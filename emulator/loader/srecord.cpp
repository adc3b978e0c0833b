// Motorola S-record: "S<type><count><address><data><checksum>". The count covers address, data and checksum;
// the checksum is the complement of the sum of all bytes from the count on.
#include "emulator/loader/text_records.hpp"

namespace h7::loader {
namespace {

/// Bytes of address in records S0..S9; 0: not defined.
constexpr std::uint8_t kAddressBytes[10] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};

constexpr std::uint8_t complement(std::uint8_t sum) { return static_cast<std::uint8_t>(~sum); }

class Reader final : public TextRecords {
public:
    Reader(ByteView file, std::string_view path)
        : TextRecords(file, path,
                      {Format::srecord, "the termination record", "termination record (S7, S8 or S9)"}) {}

private:
    Result<void> record(std::string_view line) override {
        if (line.size() < 2 || line[0] != 'S' || line[1] < '0' || line[1] > '9')
            return error("a record begins with S0 to S9");
        const auto type = static_cast<unsigned>(line[1] - '0');
        const unsigned width = kAddressBytes[type];
        if (width == 0) return error("record type S{} is not defined", type);
        const Bytes bytes = TRY(bytes_of(line.substr(2)));
        if (bytes.size() < width + 2U)
            return error("truncated: {} bytes, an S{} record has at least {}", bytes.size(), type,
                         width + 2U);
        if (bytes.size() != bytes[0] + 1U)
            return error("the record states {} bytes and has {}", bytes[0], bytes.size() - 1);
        TRY(check_sum(bytes, complement));
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
                return place(address, data);
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

    Result<void> place(Address address, ByteView data) {
        if (std::uint64_t{address} + data.size() > std::uint64_t{1} << 32)
            return error("{} bytes at 0x{:08X} end beyond the 32-bit address space", data.size(), address);
        keep(address, data);
        return {};
    }

    std::size_t data_records_ = 0;
};

}  // namespace

Result<Program> parse_srecord(ByteView file, std::string_view path) { return Reader(file, path).read(); }

}  // namespace h7::loader

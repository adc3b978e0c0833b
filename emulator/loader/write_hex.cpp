#include "emulator/loader/write_hex.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::loader {
namespace {

constexpr std::size_t kRecord = 16, kPage = 0x1'0000;

void record(std::string& text, std::uint32_t offset, unsigned type, ByteView data) {
    unsigned sum = static_cast<unsigned>(data.size()) + (offset >> 8 & 0xFFU) + (offset & 0xFFU) + type;
    text += fmt::format(":{:02X}{:04X}{:02X}", data.size(), offset & 0xFFFFU, type);
    for (const std::uint8_t byte : data) {
        text += fmt::format("{:02X}", byte);
        sum += byte;
    }
    text += fmt::format("{:02X}\n", (0U - sum) & 0xFFU);
}

}  // namespace

std::string intel_hex(std::span<const Segment> segments) {
    std::string text;
    std::uint32_t page = 0;  // a file begins at page 0
    for (const Segment& segment : segments)
        for (std::size_t at = 0; at < segment.bytes.size();) {
            const std::uint32_t address = segment.address + static_cast<std::uint32_t>(at);
            if (address / kPage != page) {
                page = address / kPage;
                const std::uint8_t high[] = {static_cast<std::uint8_t>(page >> 8),
                                             static_cast<std::uint8_t>(page)};
                record(text, 0, 4, high);
            }
            const std::size_t size = std::min({kRecord, segment.bytes.size() - at, kPage - address % kPage});
            record(text, address, 0, ByteView(segment.bytes).subspan(at, size));
            at += size;
        }
    return text + ":00000001FF\n";
}

}  // namespace h7::loader

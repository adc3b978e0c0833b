#include "emulator/loader/program.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::loader {

std::string_view name_of(Format format) {
    switch (format) {
        case Format::elf:
            return "ELF";
        case Format::intel_hex:
            return "Intel HEX";
        case Format::srecord:
            return "S-record";
        case Format::binary:
            return "binary";
    }
    return "?";
}

std::size_t Program::size() const {
    std::size_t sum = 0;
    for (const Segment& segment : segments) sum += segment.bytes.size();
    return sum;
}

const Symbol* Program::find(std::string_view name) const {
    const auto found =
        std::find_if(symbols.begin(), symbols.end(), [&](const Symbol& s) { return s.name == name; });
    return found == symbols.end() ? nullptr : &*found;
}

Result<void> check_disjoint(std::span<const Program> programs) {
    struct Piece {
        const Program* program;
        const Segment* segment;
    };
    std::vector<Piece> pieces;
    for (const Program& program : programs)
        for (const Segment& segment : program.segments) pieces.push_back({&program, &segment});
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.segment->address < b.segment->address; });
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const Piece &a = pieces[i - 1], &b = pieces[i];
        if (a.segment->end() > b.segment->address)
            return misuse(fmt::format(
                "{}: {} and {}: {} both write 0x{:08X}; link them to different addresses", a.program->path,
                a.segment->origin, b.program->path, b.segment->origin, b.segment->address));
    }
    return {};
}

Result<std::vector<Segment>> assemble(std::string_view path, std::vector<Segment> pieces) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Segment& a, const Segment& b) { return a.address < b.address; });
    std::vector<Segment> segments;
    const Segment* before = nullptr;  // the piece just placed, for its origin
    for (Segment& piece : pieces) {
        if (before != nullptr && segments.back().end() > piece.address)
            return misuse(fmt::format("{}: {} and {} both write 0x{:08X}", path, before->origin, piece.origin,
                                      piece.address));
        if (before != nullptr && segments.back().end() == piece.address) {
            segments.back().bytes.insert(segments.back().bytes.end(), piece.bytes.begin(), piece.bytes.end());
        } else {
            segments.push_back({piece.address, piece.bytes, piece.origin});
        }
        before = &piece;
    }
    return segments;
}

}  // namespace h7::loader

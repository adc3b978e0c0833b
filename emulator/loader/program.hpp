// A linked program as data: what has to be in memory before the first instruction, and what it is called.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "emulator/fabric/access.hpp"

namespace h7::loader {

enum class Format : std::uint8_t { elf, intel_hex, srecord, binary };
std::string_view name_of(Format format);  // "ELF", "Intel HEX", ..

/// Bytes at consecutive addresses. `origin` says where they come from, for messages: "segment 2", "line 17".
struct Segment {
    Address address = 0;
    Bytes bytes;
    std::string origin;

    std::uint64_t end() const { return std::uint64_t{address} + bytes.size(); }
};

struct Symbol {
    std::string name;
    Address address = 0;  // bit 0 (Thumb) cleared
    std::uint32_t size = 0;
    bool function = false;
};

struct Program {
    std::string path;
    Format format = Format::binary;
    std::vector<Segment> segments;  // ascending, disjoint, none empty; physical (load) addresses
    std::optional<Address> entry;   // as the file states it, Thumb bit included
    std::vector<Symbol> symbols;    // ELF only; ascending by address, then name

    /// Bytes to be loaded, all segments together.
    std::size_t size() const;
    /// The symbol called `name`, or nullptr.
    const Symbol* find(std::string_view name) const;
};

/// No byte belongs to two of the programs. Error: names both files, both places and the first shared address.
Result<void> check_disjoint(std::span<const Program> programs);

/// Sorts pieces of one file and joins those that touch. Error: two pieces share an address; both origins are
/// named. For the parsers of this room.
Result<std::vector<Segment>> assemble(std::string_view path, std::vector<Segment> pieces);

}  // namespace h7::loader

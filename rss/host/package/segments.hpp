// From the pieces of the input files to areas: what lies where, what is joined, what is refused
// (rss-sfi-bootloader.md 4.3).
#pragma once

#include <string>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "rss/image/sfi.hpp"

namespace h7::package {

/// Bytes of one input file and where they go. `origin` is what an error names: the file, perhaps with its
/// section.
struct Segment {
    std::uint32_t address = 0;
    Bytes bytes;
    std::string origin;
};

/// The content of one F or M area before encryption: aligned, padded, at most 512 KB.
struct Content {
    image::AreaType type = image::AreaType::firmware;
    std::uint32_t address = 0;
    Bytes bytes;
    std::string origin;
    std::uint32_t version = image::kAreaVersion;

    /// As the descriptor of the area says it; index and total are the packer's.
    image::Descriptor descriptor() const {
        return {type, 0, static_cast<std::uint32_t>(bytes.size()), address, 0, {}, version};
    }
    image::Extent extent() const { return image::occupied(descriptor()); }
};

/// Areas in address order, firmware first, then modules.
///  * Firmware that shares a flash word, or lies closer than a record's 40 bytes, becomes one area: padding
///  is cheaper
///    than another record, and a flash word can be programmed only once (F-061).
///  * An area begins at a flash word and ends at 16 bytes, filled up with `padding`; more than 512 KB are
///  cut.
///  * A module stays as it is, at a flash word, filled up to 16 bytes. `wrapped` are whole .smi files: the
///  packer
///    cannot read them, they become M areas of version 2 (smi.hpp) at the destination they name.
/// Errors (misuse): no bytes at all; outside user flash; two pieces on the same bytes, both ranges named; a
/// module that does not begin at a flash word, or whose protected area (256-byte blocks, at least two) would
/// take in firmware or cross a bank.
Result<std::vector<Content>> lay_out(const std::vector<Segment>& firmware,
                                     const std::vector<Segment>& modules, std::uint8_t padding,
                                     const std::vector<Segment>& wrapped = {});

/// "boot.elf: segment 0 0x08000000-0x080003ff"
std::string where(const Segment& segment);
std::string where(const Content& area);

/// By address, without empty ones. Errors (misuse): outside user flash; two that overlap, both ranges named.
Result<std::vector<Segment>> sorted(const std::vector<Segment>& segments);

}  // namespace h7::package

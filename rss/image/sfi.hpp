// SFI-1, our firmware image container (rss-sfi-bootloader.md 4.3). ST never published the bytes of its own
// .sfi: this layout keeps ST's fields and their order, and ST's files cannot be read with it (D-11).
//
//   header 64 bytes | area record | area record | ..          area record = descriptor 24 | tag 16 |
//   ciphertext
//
// Everything here can be checked without the key. The input is hostile: no length is trusted, nothing throws.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "rss/image/detail.hpp"

namespace h7::image {

inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kHeaderAuthenticated = 0x30;  // AAD of the header tag
inline constexpr std::size_t kDescriptorBytes = 24;        // AAD of an area, followed by the header tag
inline constexpr std::size_t kRecordHead = 40;             // descriptor and tag
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::uint32_t kProtocolVersion = 2;
inline constexpr std::uint32_t kAreaVersion = 1;
inline constexpr std::uint32_t kWrappedModuleVersion = 2;  // M only: the plaintext is an .smi file (smi.hpp)
inline constexpr std::uint32_t kDeviceId = 0x450;
inline constexpr std::uint32_t kMaxAreaBytes = 512U << 10;
inline constexpr std::uint32_t kMaxFileBytes = 8U << 20;
inline constexpr std::uint32_t kMaxAreas = 255;
inline constexpr std::uint32_t kTokenBytes = 64;
inline constexpr std::uint32_t kHashBytes = 32;
inline constexpr std::uint32_t kUserFlashFirst = 0x0800'0000, kUserFlashLast = 0x081F'FFFF;
inline constexpr std::uint32_t kSectorBytes = 128U << 10;

using Tag = std::array<std::uint8_t, kTagBytes>;
using Nonce = std::array<std::uint8_t, 12>;

enum Flag : std::uint32_t { kHashPresent = 1U << 0, kSfix = 1U << 1, kKeepFlash = 1U << 2 };

enum class AreaType : std::uint32_t {
    firmware = 'F',
    module = 'M',
    configuration = 'C',
    pause = 'P',
    resume = 'R',
    hash = 'H'
};

struct Header {
    std::uint32_t image_version = 0;  // 0..255
    std::uint32_t areas = 0;          // N, 1..255
    std::uint32_t total_size = 0;     // of the whole file
    std::uint32_t device_id = kDeviceId;
    std::uint32_t flags = 0;
    std::uint32_t ram_size = 0;       // -rs, 0 = not split
    std::uint32_t token_address = 0;  // 0 = not split
    std::array<std::uint8_t, 8> firmware_id{};
    Tag tag{};
};

struct Descriptor {
    AreaType type = AreaType::firmware;
    std::uint32_t index = 0;  // 1..N
    std::uint32_t size = 0;   // of the ciphertext, a multiple of 16
    std::uint32_t address = 0;
    std::uint32_t total = 0;  // = N
    Tag tag{};
    std::uint32_t version = kAreaVersion;

    /// A module that brings its own key: it opens with an SMI license only.
    bool wrapped_module() const { return type == AreaType::module && version == kWrappedModuleVersion; }
};

/// An area record inside the buffer it was parsed from: `ciphertext` is a view into that buffer.
struct Record {
    Descriptor descriptor;
    std::size_t offset = 0;  // of the record, in that buffer
    ByteView descriptor_bytes;
    ByteView ciphertext;

    std::size_t end() const { return offset + kRecordHead + ciphertext.size(); }
};

/// One part: the records the RSS gets in one run. An unsplit image has one.
struct Part {
    std::size_t first = 0, count = 0;  // into Container::records
};

struct Container {
    Header header;
    std::vector<Record> records;
    std::vector<Part> parts;
};

/// The first 64 bytes. Rules of the table in 4.3; E_MAGIC, E_VERSION, E_DEVICE, E_TRUNC, E_ARG, E_ALIGN,
/// E_TYPE (SFIx).
Parsed<Header> parse_header(ByteView bytes);

/// The record that begins at `at`. Size, alignment, place in flash, and agreement with the header; not its
/// order.
Parsed<Record> parse_area(ByteView bytes, std::size_t at, const Header& header);

/// The staged records of one part (4.7), the first of which must carry `first_index`: every record, the order
/// [R] (F|M)* [H] then C or P or nothing, and no overlap. Every byte of `bytes` must belong to a record.
Parsed<std::vector<Record>> parse_part(const Header& header, ByteView bytes, std::uint32_t first_index = 1);

/// A whole file: header, every part, N and total_size exact, the token's sector free, no overlap across
/// parts.
Parsed<Container> parse_sfi(ByteView file);

std::array<std::uint8_t, kHeaderBytes> serialise(const Header& header);
std::array<std::uint8_t, kRecordHead> serialise(const Descriptor& descriptor);

/// IV of area i: the nonce as a big-endian 96-bit number plus i. i = 0 is the header's.
Nonce area_iv(ByteView nonce, std::uint32_t index);

/// What the tag of an area authenticates: its descriptor, then the header's tag, so that no area can be moved
/// to another image, place or order.
std::array<std::uint8_t, kDescriptorBytes + kTagBytes> area_aad(const Descriptor& descriptor,
                                                                const Tag& header_tag);

/// Flash that an area claims, [first, last]: F rounded up to flash words, M out to 256-byte blocks and at
/// least two of them (F-061, F-215).
struct Extent {
    std::uint32_t first = 0, last = 0;
    bool overlaps(const Extent& other) const { return first <= other.last && other.first <= last; }
};
Extent occupied(AreaType type, std::uint32_t address, std::uint32_t size);
/// The same for an area; of a wrapped module only what reaches flash counts.
Extent occupied(const Descriptor& area);

/// "0x08000000-0x080003ff"
std::string to_string(const Extent& extent);

}  // namespace h7::image

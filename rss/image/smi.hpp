// SMI: one module for a protected (PCROP) area, encrypted under a key of its own
// (rss-sfi-bootloader.md 4.10). The 48 header bytes are ST's (RSS.h); the magic, what the tag covers and how
// the key is derived are ours (D-11).
//
//   header 48 bytes | ciphertext                                     by itself: an .smi file
//   M area of version 2: its plaintext is a whole .smi file          inside an SFI image
//
// AES-128-GCM. Key: crypto::module_key of the license's firmware key. IV: the license's nonce. AAD: the
// header with zeros for its tag. The input is hostile: no length is trusted, nothing throws.
#pragma once

#include "rss/image/sfi.hpp"

namespace h7::image {

inline constexpr std::size_t kModuleHeaderBytes = 48;
inline constexpr std::uint32_t kMaxModuleBytes = 512U << 10;  // RSS_MODULE_SIZE_MAX
inline constexpr std::uint32_t kModuleAlignment = 256;        // of the destination: the unit of a PCROP area

struct ModuleHeader {
    std::uint32_t destination = 0;
    std::uint32_t size = 0;  // of the ciphertext: 16 bytes to 512 KB, a multiple of 16
    Tag tag{};
    std::array<std::uint32_t, 4> security_version{};

    /// The PCROP area the module needs.
    Extent extent() const { return occupied(AreaType::module, destination, size); }
};

/// A module inside the buffer it was parsed from.
struct Module {
    ModuleHeader header;
    ByteView header_bytes, ciphertext;
};

/// The 48 bytes alone, as the RSS service gets them. E_TRUNC, E_MAGIC, E_SIZE, E_ALIGN, E_RANGE, E_BANK.
Parsed<ModuleHeader> parse_module_header(ByteView bytes);

/// A whole .smi file: the header and exactly its ciphertext. Also E_SIZE: bytes follow.
Parsed<Module> parse_smi(ByteView file);

/// The plaintext of an M area of version 2: a whole .smi whose destination is the area's address (E_ORDER if
/// not).
Parsed<Module> parse_wrapped_module(const Descriptor& area, ByteView plaintext);

/// Does a file begin as an .smi does?
bool looks_like_smi(ByteView file);

std::array<std::uint8_t, kModuleHeaderBytes> serialise(const ModuleHeader& header);

/// What the tag authenticates besides the ciphertext: the header, its tag bytes zero.
std::array<std::uint8_t, kModuleHeaderBytes> module_aad(const ModuleHeader& header);

}  // namespace h7::image

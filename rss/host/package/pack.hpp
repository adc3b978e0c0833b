// What ST's Trusted Package Creator does: firmware, option bytes, key and nonce in; one SFI-1 file out
// (rss-sfi-bootloader.md 4.3, 4.8, 4.12).
#pragma once

#include "rss/host/package/option_guard.hpp"

namespace h7::package {

/// `-rs`: bytes of records the RSS can take in one run (4.7). Larger images are split (parts.hpp).
inline constexpr std::uint32_t kDefaultRamSize = 0x4EFC0;

struct Recipe {
    std::vector<Segment> firmware, modules;
    std::vector<Segment> wrapped_modules;  // whole .smi files, each with a license of its own
    std::optional<image::OptionWords> options;
    Bytes key, nonce;  // 16 and 12 bytes
    std::uint32_t image_version = 0;
    std::string firmware_id;  // the HSM's identifier string; empty: no name
    std::uint32_t ram_size = kDefaultRamSize;
    /// -ct; 0: a free sector is chosen. Only --insecure-test writes it into an image of one part.
    std::uint32_t token_address = 0;
    std::uint8_t padding = 0xFF;
    bool hash = false;        // add an H area: the RSS compares flash with a hash at the end
    bool keep_flash = false;  // no mass erase: every target must be blank
    OptionConsents consents;
    /// For vectors and demonstrations: zero keys, any nonce, ram_size and token of an unsplit image, and
    /// every option word are accepted.
    bool insecure_test = false;
};

struct Packed {
    Bytes file;
    std::vector<std::string>
        notes;  // parts and token; boot, watchdog and protection consequences; one line each
    std::size_t parts = 1;
    std::uint32_t areas = 0;
};

/// 16 and 12 bytes; unless for a test: not all zero, and the low byte of the nonce clear. Error (misuse)
/// otherwise.
Result<void> check_secrets(ByteView key, ByteView nonce, bool insecure_test);

/// Errors (misuse): those of lay_out, plan_parts and check_options; a key, nonce or version out of range; a
/// zero key or nonce; a nonce whose low byte is not clear; more than 8 MB. The caller claims the nonce
/// (nonce_registry.hpp) before it lets the file out. Same recipe, same bytes.
Result<Packed> pack(const Recipe& recipe);

}  // namespace h7::package

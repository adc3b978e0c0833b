// The reasons of a refusal, as the chip's status words and every tool of ours name them
// (rss-sfi-bootloader.md 4.9, "Status codes"; the numbers are ours, D-11).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/expected.hpp"
#include "emulator/base/result.hpp"

namespace h7::image {

// clang-format off
enum class Detail : std::uint32_t {
    none          = 0x00,
    E_ARG         = 0x01, E_DISABLED    = 0x02, E_EXISTS      = 0x03, E_ALIGN       = 0x04,
    E_SIZE        = 0x05, E_RANGE       = 0x06, E_BANK        = 0x07,
    E_MAGIC       = 0x10, E_VERSION     = 0x11, E_HDR_TAG     = 0x12, E_AREA_TAG    = 0x13,
    E_TYPE        = 0x14, E_ORDER       = 0x15, E_TRUNC       = 0x16, E_OVERLAP     = 0x17, E_DEVICE = 0x18,
    E_LIC_FORMAT  = 0x20, E_LIC_VERSION = 0x21, E_LIC_TAG     = 0x22, E_LIC_POINT   = 0x23,
    E_LIC_SESSION = 0x24, E_LIC_FWID    = 0x25,
    E_STATE       = 0x30, E_RDP         = 0x31, E_PCROP       = 0x32, E_WRP         = 0x33, E_RAM    = 0x34,
    E_TOKEN       = 0x35,
    E_FLASH       = 0x40, E_VERIFY      = 0x41, E_HASH        = 0x42, E_OB          = 0x43, E_ROLLBACK = 0x44,
    E_ABORTED     = 0x50, E_POWER       = 0x51,
    E_BUSY        = 0x60,
};
// clang-format on

/// "E_HDR_TAG"; "E_?" for a number that is none of them.
std::string_view name(Detail detail);

/// What went wrong, in a few words: "the header's tag does not match".
std::string_view text(Detail detail);

/// The code the chip shows: tag, point and format failures of a license share E_LIC_TAG, so that nobody can
/// learn from the answers. The host's trace and `explain` name the precise one (D-19).
constexpr Detail chip_visible(Detail detail) {
    return detail == Detail::E_LIC_FORMAT || detail == Detail::E_LIC_POINT ? Detail::E_LIC_TAG : detail;
}

/// A refusal by a parser: the code, the byte of the input it is about, and the words.
struct Fault {
    Detail detail = Detail::none;
    std::size_t offset = 0;  // from the start of what was parsed
    std::string what;
};

template <class T>
using Parsed = Expected<T, Fault>;

/// The fault as a user reads it: "image.sfi: byte 0x40: E_TYPE: area type 'E' is for SFIx ..". Exit code 2.
Error to_error(const Fault& fault, std::string_view source);

}  // namespace h7::image

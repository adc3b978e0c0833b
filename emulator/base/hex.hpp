// Hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7 {

/// Lower-case hex digits, two a byte, no separators.
std::string to_hex(ByteView bytes);

/// Bytes from an even number of hex digits. Error: odd length or a character that is no hex digit.
Result<Bytes> from_hex(std::string_view text);

/// A number as users type it: decimal, 0x.., or 0b... Error: empty, trailing characters, more than 32 bits.
Result<std::uint32_t> parse_number(std::string_view text);

}  // namespace h7

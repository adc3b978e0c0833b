// Reads programs as linkers write them: ELF, Intel HEX, S-record, and raw binaries with an address.
//
// Every parser takes hostile bytes: no length is trusted, nothing throws, and a refusal is one line that
// names the file, the place in it and the reason (exit 2).
#pragma once

#include <filesystem>

#include "emulator/loader/program.hpp"

namespace h7::loader {

/// Largest file, and most bytes all segments of one file may hold together.
inline constexpr std::size_t kLargestProgram = 64U << 20;

/// Reads `path` and finds out what it is from its contents. A raw binary has nothing to recognise it by: it
/// is read as one only when `bin_address` is given, and `bin_address` is refused for files that carry
/// addresses of their own.
Result<Program> load_program(const std::filesystem::path& path, std::optional<Address> bin_address = {});

/// The same from bytes already read; `path` is for messages.
Result<Program> parse_program(ByteView file, std::string_view path, std::optional<Address> bin_address = {});

/// "app.elf", or "app.bin@0x08000000" as command lines write it. The part behind the last '@' is an address
/// when it is a number.
struct ProgramArgument {
    std::filesystem::path path;
    std::optional<Address> address;
};
ProgramArgument split_argument(std::string_view argument);

/// load_program of a command-line argument.
Result<Program> load_argument(std::string_view argument);

// One parser a format. Each checks the whole file before it returns anything.

/// 32-bit little-endian ARM executables: PT_LOAD segments by physical address (file bytes only; .bss is
/// start-up code's job), entry, symbols without the $t/$d/$a markers.
Result<Program> parse_elf(ByteView file, std::string_view path);
/// Records 00-05; the end-of-file record is required, so a truncated file is noticed.
Result<Program> parse_intel_hex(ByteView file, std::string_view path);
/// Records S0-S9; counts (S5, S6) are checked and a termination record is required.
Result<Program> parse_srecord(ByteView file, std::string_view path);

}  // namespace h7::loader

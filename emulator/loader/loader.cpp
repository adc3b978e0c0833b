#include "emulator/loader/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"

namespace h7::loader {
namespace {

constexpr std::uint8_t kElfMagic[] = {0x7F, 'E', 'L', 'F'};

/// What the file's name promises, if anything.
std::optional<Format> promised_by_name(std::string_view path) {
    std::string extension = std::filesystem::path(path).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const auto name : {".elf", ".axf", ".out"})
        if (extension == name) return Format::elf;
    for (const auto name : {".hex", ".ihex", ".ihx"})
        if (extension == name) return Format::intel_hex;
    for (const auto name : {".srec", ".s19", ".s28", ".s37", ".mot"})
        if (extension == name) return Format::srecord;
    return std::nullopt;
}

bool begins_with_elf_magic(ByteView file) {
    return file.size() >= sizeof kElfMagic &&
           std::equal(std::begin(kElfMagic), std::end(kElfMagic), file.begin());
}

std::optional<Format> recognise(ByteView file) {
    if (begins_with_elf_magic(file)) return Format::elf;
    std::size_t at = 0;
    while (at < file.size() && std::isspace(file[at]) != 0) ++at;
    if (at < file.size() && file[at] == ':') return Format::intel_hex;
    if (at + 1 < file.size() && file[at] == 'S' && std::isdigit(file[at + 1]) != 0) return Format::srecord;
    return std::nullopt;
}

Result<Program> parse_binary(ByteView file, std::string_view path, Address address) {
    if (file.empty()) return misuse(fmt::format("{}: is empty", path));
    if (file.size() > (std::uint64_t{1} << 32) - address)
        return misuse(fmt::format("{}: {} bytes at 0x{:08X} end beyond the 32-bit address space", path,
                                  file.size(), address));
    Program program{
        .path = std::string(path), .format = Format::binary, .segments = {}, .entry = {}, .symbols = {}};
    program.segments.push_back({address, Bytes(file.begin(), file.end()), "contents"});
    return program;
}

}  // namespace

Result<Program> parse_program(ByteView file, std::string_view path, std::optional<Address> bin_address) {
    const std::optional<Format> promised = promised_by_name(path);
    if (bin_address) {
        if (begins_with_elf_magic(file) || promised)
            return misuse(fmt::format("{}: {} carries its own addresses; leave out @0x{:08X}", path,
                                      begins_with_elf_magic(file) ? "an ELF file" : "this kind of file",
                                      *bin_address));
        return parse_binary(file, path, *bin_address);
    }
    if (file.empty()) return misuse(fmt::format("{}: is empty", path));
    const std::optional<Format> format = promised ? promised : recognise(file);
    if (!format)
        return misuse(fmt::format(
            "{}: neither ELF, Intel HEX nor S-record; a raw binary needs an address: {}@0x08000000", path,
            path));
    switch (*format) {
        case Format::elf:
            return parse_elf(file, path);
        case Format::intel_hex:
            return parse_intel_hex(file, path);
        default:
            return parse_srecord(file, path);
    }
}

Result<Program> load_program(const std::filesystem::path& path, std::optional<Address> bin_address) {
    const Bytes file = TRY(read_file(path, kLargestProgram));
    return parse_program(file, path.string(), bin_address);
}

ProgramArgument split_argument(std::string_view argument) {
    const std::size_t at = argument.rfind('@');
    if (at != std::string_view::npos && at > 0)
        if (const auto address = parse_number(argument.substr(at + 1)))
            return {argument.substr(0, at), address.value()};
    return {argument, std::nullopt};
}

Result<Program> load_argument(std::string_view argument) {
    const ProgramArgument parts = split_argument(argument);
    return load_program(parts.path, parts.address);
}

}  // namespace h7::loader

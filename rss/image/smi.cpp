#include "rss/image/smi.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"

namespace h7::image {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'S', 'M', 'I', '1', 0, 0, 0, 0};
constexpr std::uint32_t kBankBytes = 1U << 20;

// clang-format off
enum At : std::size_t { kDestinationAt = 0x08, kSizeAt = 0x0C, kTagAt = 0x10, kSecurityVersionAt = 0x20 };
// clang-format on
static_assert(kTagAt + kTagBytes == kSecurityVersionAt && kSecurityVersionAt + 4 * 4 == kModuleHeaderBytes);

}  // namespace

bool looks_like_smi(ByteView file) {
    return file.size() >= kMagic.size() && std::ranges::equal(file.first(kMagic.size()), kMagic);
}

Parsed<ModuleHeader> parse_module_header(ByteView bytes) {
    if (bytes.size() < kModuleHeaderBytes)
        return Fault{Detail::E_TRUNC, bytes.size(),
                     fmt::format("{} bytes; a module header has {}", bytes.size(), kModuleHeaderBytes)};
    if (!looks_like_smi(bytes))
        return Fault{Detail::E_MAGIC, 0,
                     "no module: the magic is not \"SMI1\" (ST's own .smi files cannot be read)"};
    ModuleHeader header;
    header.destination = load_le32(bytes, kDestinationAt);
    header.size = load_le32(bytes, kSizeAt);
    if (header.size == 0 || header.size % 16 != 0 || header.size > kMaxModuleBytes)
        return Fault{Detail::E_SIZE, kSizeAt,
                     fmt::format("module size {}; a multiple of 16, 16 bytes to 512 KB", header.size)};
    if (!aligned(header.destination, kModuleAlignment))
        return Fault{Detail::E_ALIGN, kDestinationAt,
                     fmt::format("destination 0x{:08x} is not a multiple of 256", header.destination)};
    if (header.destination < kUserFlashFirst || header.destination > kUserFlashLast ||
        header.extent().last > kUserFlashLast)
        return Fault{Detail::E_RANGE, kDestinationAt,
                     fmt::format("{} bytes at 0x{:08x} do not lie in user flash 0x08000000-0x081fffff",
                                 header.size, header.destination)};
    if (const Extent extent = header.extent(); extent.first / kBankBytes != extent.last / kBankBytes)
        return Fault{
            Detail::E_BANK, kDestinationAt,
            fmt::format("module {} lies in two banks; a protected area cannot (F-217)", to_string(extent))};
    std::copy_n(bytes.begin() + kTagAt, kTagBytes, header.tag.begin());
    for (std::size_t i = 0; i < header.security_version.size(); ++i)
        header.security_version[i] = load_le32(bytes, kSecurityVersionAt + 4 * i);
    return header;
}

Parsed<Module> parse_smi(ByteView file) {
    Module module;
    module.header = TRY(parse_module_header(file));
    const std::size_t left = file.size() - kModuleHeaderBytes;
    if (module.header.size > left)
        return Fault{Detail::E_TRUNC, kSizeAt,
                     fmt::format("the module has {} bytes, {} are left", module.header.size, left)};
    if (module.header.size < left)
        return Fault{Detail::E_SIZE, kModuleHeaderBytes + module.header.size,
                     fmt::format("{} bytes follow the module", left - module.header.size)};
    module.header_bytes = file.first(kModuleHeaderBytes);
    module.ciphertext = file.subspan(kModuleHeaderBytes);
    return module;
}

Parsed<Module> parse_wrapped_module(const Descriptor& area, ByteView plaintext) {
    const Module module = TRY(parse_smi(plaintext));
    if (module.header.destination != area.address)
        return Fault{Detail::E_ORDER, kDestinationAt,
                     fmt::format("the module is for 0x{:08x}, its area says 0x{:08x}",
                                 module.header.destination, area.address)};
    return module;
}

std::array<std::uint8_t, kModuleHeaderBytes> serialise(const ModuleHeader& header) {
    auto bytes = module_aad(header);
    std::ranges::copy(header.tag, bytes.begin() + kTagAt);
    return bytes;
}

std::array<std::uint8_t, kModuleHeaderBytes> module_aad(const ModuleHeader& header) {
    std::array<std::uint8_t, kModuleHeaderBytes> bytes{};
    std::ranges::copy(kMagic, bytes.begin());
    store_le32(bytes, kDestinationAt, header.destination);
    store_le32(bytes, kSizeAt, header.size);
    for (std::size_t i = 0; i < header.security_version.size(); ++i)
        store_le32(bytes, kSecurityVersionAt + 4 * i, header.security_version[i]);
    return bytes;
}

}  // namespace h7::image

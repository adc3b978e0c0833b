// SFI-1: the header, and the bytes of a record. Order and overlap are in sfi_order.cpp.
#include "rss/image/sfi.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"

namespace h7::image {
namespace {

constexpr std::uint32_t kMagic = 0x3149'4653;  // "SFI1"
constexpr std::uint32_t kFlashWord = 32;
constexpr std::uint32_t kProtectionBlock = 256;
constexpr std::uint32_t kBankBytes = 1U << 20;
constexpr std::uint32_t kModuleHead = 48;  // of the .smi inside a wrapped module

// clang-format off
enum HeaderAt : std::size_t {
    kMagicAt = 0x00, kProtocolAt = 0x04, kSizeAt = 0x08, kVersionAt = 0x0C, kAreasAt = 0x10, kTotalAt = 0x14,
    kDeviceAt = 0x18, kFlagsAt = 0x1C, kRamAt = 0x20, kTokenAt = 0x24, kFirmwareIdAt = 0x28, kHeaderTagAt = 0x30,
};
enum DescriptorAt : std::size_t {
    kAreaTypeAt = 0x00, kAreaVersionAt = 0x04, kIndexAt = 0x08, kAreaSizeAt = 0x0C, kAddressAt = 0x10,
    kAreaTotalAt = 0x14, kAreaTagAt = 0x18,
};
// clang-format on
static_assert(kHeaderTagAt == kHeaderAuthenticated && kHeaderTagAt + kTagBytes == kHeaderBytes);
static_assert(kAreaTagAt == kDescriptorBytes && kAreaTagAt + kTagBytes == kRecordHead);

/// A refusal about the field at `at`; collected by "first one wins".
struct Check {
    Detail detail;
    std::size_t at;
    bool fine;
    std::string what;
};

const Check* first_failure(std::span<const Check> checks) {
    const auto found = std::ranges::find_if(checks, [](const Check& check) { return !check.fine; });
    return found == checks.end() ? nullptr : &*found;
}

bool is_content(AreaType type) { return type == AreaType::firmware || type == AreaType::module; }

bool known(std::uint32_t type) {
    switch (static_cast<AreaType>(type)) {
        case AreaType::firmware:
        case AreaType::module:
        case AreaType::configuration:
        case AreaType::pause:
        case AreaType::resume:
        case AreaType::hash:
            return true;
    }
    return false;
}

std::string type_text(std::uint32_t type) {
    if (type == 'E' || type == 'K')
        return fmt::format("area type '{}' is for SFIx; this chip has no OTFDEC", static_cast<char>(type));
    if (type >= 0x21 && type <= 0x7E)
        return fmt::format("area type '{}' is unknown", static_cast<char>(type));
    return fmt::format("area type 0x{:08x} is unknown", type);
}

/// Size and address rules of one type; type and version are known.
Check place_rule(const Descriptor& area, const Header& header) {
    const auto [type, index, size, address, total, tag, version] = area;
    switch (type) {
        case AreaType::pause:
        case AreaType::resume:
            if (size != 0)
                return {Detail::E_SIZE, kAreaSizeAt, false,
                        fmt::format("a pause or resume area carries nothing, not {} bytes", size)};
            return {Detail::E_TOKEN, kAddressAt, header.token_address != 0 && address == header.token_address,
                    fmt::format("token address 0x{:08x}, the header says 0x{:08x}", address,
                                header.token_address)};
        case AreaType::hash:
            return {Detail::E_SIZE, kAreaSizeAt, size == kHashBytes && address == 0,
                    fmt::format("a hash area has 32 bytes at address 0, not {} at 0x{:08x}", size, address)};
        case AreaType::configuration:
            return {Detail::E_SIZE, kAreaSizeAt, size == 48 && address == 0,
                    fmt::format("a configuration area has 48 bytes at address 0, not {} at 0x{:08x}", size,
                                address)};
        case AreaType::firmware:
        case AreaType::module:
            break;
    }
    if (size == 0 || size > kMaxAreaBytes)
        return {Detail::E_SIZE, kAreaSizeAt, false,
                fmt::format("{} bytes; an area has 16 bytes to 512 KB", size)};
    if (!aligned(address, kFlashWord))
        return {Detail::E_ALIGN, kAddressAt, false,
                fmt::format("address 0x{:08x} is not a multiple of 32, the flash word", address)};
    if (area.wrapped_module()) {
        if (size < kModuleHead + 16)
            return {Detail::E_SIZE, kAreaSizeAt, false,
                    fmt::format("{} bytes; a wrapped module has a header of 48 and at least 16", size)};
        if (!aligned(address, kProtectionBlock))
            return {Detail::E_ALIGN, kAddressAt, false,
                    fmt::format("a wrapped module at 0x{:08x}, not a multiple of 256", address)};
    }
    const Extent extent = occupied(area);
    if (type == AreaType::module && extent.last <= kUserFlashLast &&
        extent.first / kBankBytes != extent.last / kBankBytes)
        return {
            Detail::E_BANK, kAddressAt, false,
            fmt::format("module {} lies in two banks; a protected area cannot (F-217)", to_string(extent))};
    return {
        Detail::E_RANGE, kAddressAt,
        address >= kUserFlashFirst && extent.first >= kUserFlashFirst && extent.last >= extent.first &&
            extent.last <= kUserFlashLast,
        fmt::format("{} bytes at 0x{:08x} do not lie in user flash 0x08000000-0x081fffff", size, address)};
}

}  // namespace

Parsed<Header> parse_header(ByteView bytes) {
    if (bytes.size() < kHeaderBytes)
        return Fault{Detail::E_TRUNC, bytes.size(),
                     fmt::format("{} bytes; an SFI-1 header has {}", bytes.size(), kHeaderBytes)};
    const auto word = [&](std::size_t at) { return load_le32(bytes, at); };
    const std::uint32_t flags = word(kFlagsAt), areas = word(kAreasAt), total = word(kTotalAt),
                        token = word(kTokenAt);
    const Check checks[] = {
        {Detail::E_MAGIC, kMagicAt, word(kMagicAt) == kMagic,
         "no SFI-1 image: the magic is not \"SFI1\" (ST's own .sfi files cannot be read)"},
        {Detail::E_VERSION, kProtocolAt, word(kProtocolAt) == kProtocolVersion,
         fmt::format("SFI protocol version {}; this is for version 2", word(kProtocolAt))},
        {Detail::E_VERSION, kSizeAt, word(kSizeAt) == kHeaderBytes,
         fmt::format("header size {}, must be 64", word(kSizeAt))},
        {Detail::E_ARG, kVersionAt, word(kVersionAt) <= 255,
         fmt::format("image version {}, at most 255", word(kVersionAt))},
        {Detail::E_ARG, kAreasAt, areas >= 1 && areas <= kMaxAreas,
         fmt::format("{} areas; there are 1 to 255", areas)},
        {Detail::E_SIZE, kTotalAt, total >= kHeaderBytes + kRecordHead && total <= kMaxFileBytes,
         fmt::format("total size {}; a file has {} bytes to 8 MB", total, kHeaderBytes + kRecordHead)},
        {Detail::E_DEVICE, kDeviceAt, word(kDeviceAt) == kDeviceId,
         fmt::format("made for device 0x{:x}, not 0x450", word(kDeviceAt))},
        {Detail::E_TYPE, kFlagsAt, (flags & kSfix) == 0, "an SFIx image; this chip has no OTFDEC"},
        {Detail::E_VERSION, kFlagsAt, (flags & ~(kHashPresent | kSfix | kKeepFlash)) == 0,
         fmt::format("unknown flags 0x{:08x}", flags)},
        {Detail::E_ALIGN, kTokenAt, aligned(token, kFlashWord),
         fmt::format("token address 0x{:08x} is not a multiple of 32", token)},
        {Detail::E_RANGE, kTokenAt,
         token == 0 || (token >= kUserFlashFirst && token <= kUserFlashLast - (kTokenBytes - 1)),
         fmt::format("token address 0x{:08x} is not in user flash", token)},
    };
    if (const Check* failed = first_failure(checks)) return Fault{failed->detail, failed->at, failed->what};

    Header header;
    header.image_version = word(kVersionAt);
    header.areas = areas;
    header.total_size = total;
    header.device_id = word(kDeviceAt);
    header.flags = flags;
    header.ram_size = word(kRamAt);
    header.token_address = token;
    std::copy_n(bytes.begin() + kFirmwareIdAt, header.firmware_id.size(), header.firmware_id.begin());
    std::copy_n(bytes.begin() + kHeaderTagAt, header.tag.size(), header.tag.begin());
    return header;
}

Parsed<Record> parse_area(ByteView bytes, std::size_t at, const Header& header) {
    if (at > bytes.size() || bytes.size() - at < kRecordHead)
        return Fault{Detail::E_TRUNC, std::min(at, bytes.size()),
                     fmt::format("{} bytes are left; an area record begins with {}",
                                 bytes.size() - std::min(at, bytes.size()), kRecordHead)};
    const ByteView head = bytes.subspan(at, kRecordHead);
    const auto word = [&](std::size_t field) { return load_le32(head, field); };
    const std::uint32_t type = word(kAreaTypeAt), version = word(kAreaVersionAt), size = word(kAreaSizeAt);
    const std::size_t left = bytes.size() - at - kRecordHead;
    const Check checks[] = {
        {Detail::E_TYPE, kAreaTypeAt, known(type), type_text(type)},
        {Detail::E_VERSION, kAreaVersionAt,
         version == kAreaVersion || (version == kWrappedModuleVersion && type == 'M'),
         fmt::format("area version {}, must be 1 (2 for a module with its own license)", version)},
        {Detail::E_ORDER, kIndexAt, word(kIndexAt) >= 1 && word(kIndexAt) <= header.areas,
         fmt::format("area index {} of {}", word(kIndexAt), header.areas)},
        {Detail::E_ORDER, kAreaTotalAt, word(kAreaTotalAt) == header.areas,
         fmt::format("the area counts {} areas, the header {}", word(kAreaTotalAt), header.areas)},
        {Detail::E_SIZE, kAreaSizeAt, size % 16 == 0 && size <= kMaxAreaBytes,
         fmt::format("area size {}; a multiple of 16, at most 512 KB", size)},
    };
    if (const Check* failed = first_failure(checks))
        return Fault{failed->detail, at + failed->at, failed->what};
    Record record;
    record.descriptor = {
        static_cast<AreaType>(type), word(kIndexAt), size, word(kAddressAt), word(kAreaTotalAt), {}, version};
    if (const Check place = place_rule(record.descriptor, header); !place.fine)
        return Fault{place.detail, at + place.at, place.what};
    if (size > left)
        return Fault{Detail::E_TRUNC, at + kAreaSizeAt,
                     fmt::format("area {} has {} bytes, {} are left", word(kIndexAt), size, left)};

    std::copy_n(head.begin() + kAreaTagAt, kTagBytes, record.descriptor.tag.begin());
    record.offset = at;
    record.descriptor_bytes = head.first(kDescriptorBytes);
    record.ciphertext = bytes.subspan(at + kRecordHead, size);
    return record;
}

std::array<std::uint8_t, kHeaderBytes> serialise(const Header& header) {
    std::array<std::uint8_t, kHeaderBytes> bytes{};
    const auto put = [&](std::size_t at, std::uint32_t value) { store_le32(bytes, at, value); };
    put(kMagicAt, kMagic);
    put(kProtocolAt, kProtocolVersion);
    put(kSizeAt, kHeaderBytes);
    put(kVersionAt, header.image_version);
    put(kAreasAt, header.areas);
    put(kTotalAt, header.total_size);
    put(kDeviceAt, header.device_id);
    put(kFlagsAt, header.flags);
    put(kRamAt, header.ram_size);
    put(kTokenAt, header.token_address);
    std::ranges::copy(header.firmware_id, bytes.begin() + kFirmwareIdAt);
    std::ranges::copy(header.tag, bytes.begin() + kHeaderTagAt);
    return bytes;
}

std::array<std::uint8_t, kRecordHead> serialise(const Descriptor& descriptor) {
    std::array<std::uint8_t, kRecordHead> bytes{};
    const auto put = [&](std::size_t at, std::uint32_t value) { store_le32(bytes, at, value); };
    put(kAreaTypeAt, static_cast<std::uint32_t>(descriptor.type));
    put(kAreaVersionAt, descriptor.version);
    put(kIndexAt, descriptor.index);
    put(kAreaSizeAt, descriptor.size);
    put(kAddressAt, descriptor.address);
    put(kAreaTotalAt, descriptor.total);
    std::ranges::copy(descriptor.tag, bytes.begin() + kAreaTagAt);
    return bytes;
}

Nonce area_iv(ByteView nonce, std::uint32_t index) {
    Nonce iv{};
    std::copy_n(nonce.begin(), std::min(nonce.size(), iv.size()), iv.begin());
    std::uint64_t carry = index;
    for (std::size_t i = iv.size(); i-- > 0; carry >>= 8) {
        carry += iv[i];
        iv[i] = static_cast<std::uint8_t>(carry);
    }
    return iv;
}

std::array<std::uint8_t, kDescriptorBytes + kTagBytes> area_aad(const Descriptor& descriptor,
                                                                const Tag& header_tag) {
    std::array<std::uint8_t, kDescriptorBytes + kTagBytes> aad{};
    const auto head = serialise(descriptor);
    std::copy_n(head.begin(), kDescriptorBytes, aad.begin());
    std::ranges::copy(header_tag, aad.begin() + kDescriptorBytes);
    return aad;
}

Extent occupied(AreaType type, std::uint32_t address, std::uint32_t size) {
    if (!is_content(type) || size == 0) return {address, address};
    if (type == AreaType::firmware) return {address, address + align_up(size, kFlashWord) - 1};
    const std::uint32_t first = align_down(address, kProtectionBlock);
    const std::uint32_t end = align_up(address + size, kProtectionBlock);
    return {first, std::max(end, first + 2 * kProtectionBlock) - 1};
}

Extent occupied(const Descriptor& area) {
    const std::uint32_t head = area.wrapped_module() ? std::min(kModuleHead, area.size) : 0;
    return occupied(area.type, area.address, area.size - head);
}

std::string to_string(const Extent& extent) {
    return fmt::format("0x{:08x}-0x{:08x}", extent.first, extent.last);
}

}  // namespace h7::image

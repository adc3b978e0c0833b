#include "rss/host/package/segments.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "rss/image/smi.hpp"

namespace h7::package {
namespace {

using image::AreaType;
using image::Extent;

constexpr std::uint32_t kFlashWord = 32;
constexpr std::uint32_t kBankBytes = 1U << 20;
/// Two pieces closer than this are joined: the gap costs less than another record.
constexpr std::uint32_t kCloseGap = image::kRecordHead;

Extent range(const Segment& segment) {
    return {segment.address, segment.address + static_cast<std::uint32_t>(segment.bytes.size()) - 1};
}

Result<void> check_in_flash(const Segment& segment) {
    const std::uint64_t last = std::uint64_t{segment.address} + segment.bytes.size() - 1;
    if (segment.address >= image::kUserFlashFirst && last <= image::kUserFlashLast) return {};
    return misuse(
        fmt::format("{}: {} bytes at 0x{:08x} are not in user flash 0x08000000-0x081fffff (E_RANGE)",
                    segment.origin, segment.bytes.size(), segment.address));
}

void add_origin(std::string& origins, const std::string& origin) {
    if (origins.find(origin) == std::string::npos) origins += ", " + origin;
}

/// Appends `segment` to an area that ends before it.
void join(Content& area, const Segment& segment, std::uint8_t padding) {
    area.bytes.resize(segment.address - area.address, padding);
    area.bytes.insert(area.bytes.end(), segment.bytes.begin(), segment.bytes.end());
    add_origin(area.origin, segment.origin);
}

Content begin_area(const Segment& segment, std::uint8_t padding) {
    Content area{AreaType::firmware, align_down(segment.address, kFlashWord), {}, segment.origin};
    join(area, segment, padding);
    return area;
}

std::vector<Content> joined(const std::vector<Segment>& segments, std::uint8_t padding) {
    std::vector<Content> areas;
    for (const Segment& segment : segments) {
        const bool close = !areas.empty() && align_down(segment.address, kFlashWord) <
                                                 areas.back().address + areas.back().bytes.size() + kCloseGap;
        if (close)
            join(areas.back(), segment, padding);
        else
            areas.push_back(begin_area(segment, padding));
    }
    return areas;
}

/// Cuts what is longer than 512 KB and fills the last piece up to 16 bytes.
void cut(const Content& whole, std::uint8_t padding, std::vector<Content>& areas) {
    for (std::size_t at = 0; at < whole.bytes.size(); at += image::kMaxAreaBytes) {
        const std::size_t size = std::min<std::size_t>(whole.bytes.size() - at, image::kMaxAreaBytes);
        const auto from = whole.bytes.begin() + static_cast<std::ptrdiff_t>(at);
        Content piece{whole.type, whole.address + static_cast<std::uint32_t>(at),
                      Bytes(from, from + static_cast<std::ptrdiff_t>(size)), whole.origin};
        piece.bytes.resize(align_up<std::size_t>(size, 16), padding);
        areas.push_back(std::move(piece));
    }
}

Result<void> check_module(const Content& module, const std::vector<Content>& others) {
    const std::string name = fmt::format("{}: module at 0x{:08x}", module.origin, module.address);
    if (!aligned(module.address, kFlashWord))
        return misuse(fmt::format("{} must begin at a multiple of 32, the flash word (E_ALIGN)", name));
    if (module.bytes.size() > image::kMaxAreaBytes)
        return misuse(
            fmt::format("{} has {} bytes; a module has at most 512 KB (E_SIZE)", name, module.bytes.size()));
    const Extent extent = module.extent();
    if (extent.last > image::kUserFlashLast || extent.first / kBankBytes != extent.last / kBankBytes)
        return misuse(fmt::format("{} needs the protected area {}, which leaves its bank (F-217, E_BANK)",
                                  name, image::to_string(extent)));
    for (const Content& other : others)
        if (extent.overlaps(other.extent()))
            return misuse(
                fmt::format("{} needs the protected area {}, which takes in {} {} (F-215, E_OVERLAP)", name,
                            image::to_string(extent), other.origin, image::to_string(other.extent())));
    return {};
}

Result<Content> wrapped_module(const Segment& segment) {
    const auto module = image::parse_smi(segment.bytes);
    if (!module) return image::to_error(module.error(), segment.origin);
    if (segment.bytes.size() > image::kMaxAreaBytes)
        return misuse(
            fmt::format("{}: {} bytes; inside an image a module and its 48 header bytes have at most 512 KB "
                        "(E_SIZE)",
                        segment.origin, segment.bytes.size()));
    return Content{AreaType::module, module->header.destination, segment.bytes, segment.origin,
                   image::kWrappedModuleVersion};
}

}  // namespace

std::string where(const Segment& segment) {
    return fmt::format("{} {}", segment.origin, image::to_string(range(segment)));
}

std::string where(const Content& area) {
    return fmt::format("{} {}", area.origin, image::to_string(area.extent()));
}

Result<std::vector<Segment>> sorted(const std::vector<Segment>& segments) {
    std::vector<Segment> all;
    for (const Segment& segment : segments) {
        if (segment.bytes.empty()) continue;
        TRY(check_in_flash(segment));
        all.push_back(segment);
    }
    std::ranges::stable_sort(all, {}, &Segment::address);
    for (std::size_t i = 1; i < all.size(); ++i)
        if (range(all[i]).overlaps(range(all[i - 1])))
            return misuse(fmt::format("{} overlaps {}: every address can be programmed once (E_OVERLAP)",
                                      where(all[i]), where(all[i - 1])));
    return all;
}

Result<std::vector<Content>> lay_out(const std::vector<Segment>& firmware,
                                     const std::vector<Segment>& modules, std::uint8_t padding,
                                     const std::vector<Segment>& wrapped) {
    std::vector<Segment> pieces = firmware;
    pieces.insert(pieces.end(), modules.begin(), modules.end());
    TRY(sorted(pieces));  // overlaps between the two kinds, in the users' own ranges

    std::vector<Content> areas;
    for (const Content& whole : joined(TRY(sorted(firmware)), padding)) cut(whole, padding, areas);
    for (const Segment& segment : TRY(sorted(modules))) {
        Content module{AreaType::module, segment.address, segment.bytes, segment.origin};
        module.bytes.resize(align_up<std::size_t>(module.bytes.size(), 16), padding);
        TRY(check_module(module, areas));
        areas.push_back(std::move(module));
    }
    for (const Segment& segment : wrapped) {
        Content module = TRY(wrapped_module(segment));
        TRY(check_module(module, areas));
        areas.push_back(std::move(module));
    }
    return areas;
}

}  // namespace h7::package

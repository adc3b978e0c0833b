#include "rss/host/package/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::package {
namespace {

using image::AreaType;
using image::Extent;

constexpr std::size_t kHead = image::kRecordHead;
constexpr std::uint32_t kFlashWord = 32;
constexpr std::uint32_t kBlock = 256;
/// A part is not worth beginning an area with less than this.
constexpr std::size_t kSmallestPiece = 1024;

/// For each F area in order: address (4, little-endian), size (4), plaintext.
class PartHash {
public:
    void add(const image::Descriptor& area, ByteView bytes) {
        if (area.type != AreaType::firmware) return;
        std::array<std::uint8_t, 8> place{};
        store_le32(place, 0, area.address);
        store_le32(place, 4, area.size);
        hash_.update(place).update(bytes);
    }
    Bytes finish() {
        const crypto::Digest digest = hash_.finish();
        hash_ = crypto::Sha256();
        return Bytes(digest.begin(), digest.end());
    }

private:
    crypto::Sha256 hash_;
};

Extent sector_of(std::uint32_t address) {
    const std::uint32_t first = align_down(address, image::kSectorBytes);
    return {first, first + image::kSectorBytes - 1};
}

const Content* in_sector(const std::vector<Content>& contents, const Extent& sector) {
    const auto found = std::ranges::find_if(
        contents, [&](const Content& content) { return content.extent().overlaps(sector); });
    return found == contents.end() ? nullptr : &*found;
}

/// The highest free sector, of those that parts of every size have, else of all.
std::uint32_t free_sector(const std::vector<Content>& contents) {
    for (const bool every_size : {true, false})
        for (std::uint32_t sector = 16; sector-- > 0;) {
            const std::uint32_t first = image::kUserFlashFirst + sector * image::kSectorBytes;
            if (every_size == (sector % 8 < 4) && in_sector(contents, sector_of(first)) == nullptr)
                return first;
        }
    return 0;
}

Result<std::uint32_t> token_for(const PartsRequest& request) {
    const std::uint32_t token = request.token_address;
    if (token == 0) {
        if (const std::uint32_t free = free_sector(request.contents); free != 0) return free;
        return misuse(
            "the image must be split, and no sector of 128 KB is free for the continuation token (4.4): make "
            "the firmware smaller, or raise --ram-size so that one part is enough");
    }
    if (!aligned(token, kFlashWord))
        return misuse(
            fmt::format("--token-address 0x{:08x}: not a multiple of 32, the flash word (E_ALIGN)", token));
    if (token < image::kUserFlashFirst || token > image::kUserFlashLast - (image::kTokenBytes - 1))
        return misuse(
            fmt::format("--token-address 0x{:08x}: 64 bytes in user flash 0x08000000-0x081fffff are needed "
                        "(E_RANGE)",
                        token));
    if (const Content* content = in_sector(request.contents, sector_of(token)))
        return misuse(
            fmt::format("--token-address 0x{:08x}: its sector {} is erased between the parts, and {} lies "
                        "there: choose a sector that the image leaves free (E_OVERLAP, 4.4)",
                        token, image::to_string(sector_of(token)), where(*content)));
    return token;
}

/// Where `content`, of which `from` bytes are placed, may be cut so that at most `room` bytes come before. 0:
/// nowhere.
std::size_t cut_at(const Content& content, std::size_t from, std::size_t room) {
    if (content.version == image::kWrappedModuleVersion) return 0;
    const auto begin = static_cast<std::uint32_t>(content.address + from);
    if (content.type == AreaType::firmware) return align_down<std::size_t>(room, kFlashWord);
    // Both pieces of a module claim two whole blocks, and none of the other's (F-215).
    const auto end = static_cast<std::uint32_t>(content.address + content.bytes.size());
    const std::uint32_t latest = align_up(end, kBlock) - 2 * kBlock;
    const std::uint32_t cut = std::min(align_down(static_cast<std::uint32_t>(begin + room), kBlock), latest);
    return cut >= align_down(begin, kBlock) + 2 * kBlock ? cut - begin : 0;
}

class Planner {
public:
    explicit Planner(const PartsRequest& request) : request_(request) {}

    Result<Parts> plan() {
        const std::size_t whole = all_records();
        split_ = whole > request_.ram_size;
        if (split_) TRY(begin_split());
        for (const Content& content : request_.contents) TRY(place(content));
        close();
        if (request_.options) {
            const auto payload = image::serialise(*request_.options);
            add(AreaType::configuration, 0, Bytes(payload.begin(), payload.end()), image::kAreaVersion);
        }
        if (parts_.areas.size() > image::kMaxAreas)
            return misuse(fmt::format("{} areas; an image has at most 255: join the pieces of the firmware{}",
                                      parts_.areas.size(), split_ ? ", or raise --ram-size" : ""));
        for (PlainArea& area : parts_.areas)
            area.descriptor.total = static_cast<std::uint32_t>(parts_.areas.size());
        return std::move(parts_);
    }

private:
    std::size_t trailer() const {
        const std::size_t hash = request_.hash ? kHead + image::kHashBytes : 0;
        return hash + (request_.options ? kHead + image::kOptionPayloadBytes : split_ ? kHead : 0);
    }
    std::size_t all_records() const {
        std::size_t bytes = trailer();
        for (const Content& content : request_.contents) bytes += kHead + content.bytes.size();
        return bytes;
    }

    Result<void> begin_split() {
        const std::size_t least = kHead + kHead + kFlashWord + trailer();
        if (request_.ram_size < least)
            return misuse(fmt::format("--ram-size 0x{:X}: a part needs at least {} bytes of records",
                                      request_.ram_size, least));
        parts_.token_address = TRY(token_for(request_));
        room_ = request_.ram_size - trailer();
        return {};
    }

    Result<void> place(const Content& content) {
        for (std::size_t from = 0; from < content.bytes.size();) {
            const std::size_t left = content.bytes.size() - from;
            if (!split_ || kHead + left <= room_) {
                take(content, from, left);
                return {};
            }
            const std::size_t cut = room_ > kHead ? cut_at(content, from, room_ - kHead) : 0;
            if (cut != 0 && (cut >= kSmallestPiece || empty_)) {
                take(content, from, cut);
                from += cut;
            } else if (empty_) {
                return misuse(fmt::format(
                    "{} does not fit into a part of 0x{:X} bytes, and a module {}: raise "
                    "--ram-size",
                    where(content), request_.ram_size,
                    content.version == image::kWrappedModuleVersion ? "with its own license cannot be cut"
                                                                    : "is cut at 256-byte blocks only"));
            }
            next_part();
            if (parts_.areas.size() > image::kMaxAreas) return {};  // said once, at the end
        }
        return {};
    }

    void take(const Content& content, std::size_t from, std::size_t size) {
        const auto begin = content.bytes.begin() + static_cast<std::ptrdiff_t>(from);
        add(content.type, static_cast<std::uint32_t>(content.address + from),
            Bytes(begin, begin + static_cast<std::ptrdiff_t>(size)), content.version);
        if (split_) room_ -= kHead + size;
        empty_ = false;
    }

    /// The hash area at the end of a part.
    void close() {
        if (request_.hash) add(AreaType::hash, 0, hash_.finish(), image::kAreaVersion);
    }

    void next_part() {
        close();
        add(AreaType::pause, parts_.token_address, {}, image::kAreaVersion);
        add(AreaType::resume, parts_.token_address, {}, image::kAreaVersion);
        ++parts_.count;
        room_ = request_.ram_size - trailer() - kHead;
        empty_ = true;
    }

    void add(AreaType type, std::uint32_t address, Bytes bytes, std::uint32_t version) {
        PlainArea area{{type,
                        static_cast<std::uint32_t>(parts_.areas.size() + 1),
                        static_cast<std::uint32_t>(bytes.size()),
                        address,
                        0,
                        {},
                        version},
                       std::move(bytes)};
        hash_.add(area.descriptor, area.bytes);
        parts_.areas.push_back(std::move(area));
    }

    const PartsRequest& request_;
    Parts parts_;
    PartHash hash_;
    std::size_t room_ = 0;  // bytes of records that this part can still take
    bool split_ = false, empty_ = true;
};

}  // namespace

Result<Parts> plan_parts(const PartsRequest& request) { return Planner(request).plan(); }

}  // namespace h7::package

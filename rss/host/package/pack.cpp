#include "rss/host/package/pack.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/firmware_id.hpp"

namespace h7::package {
namespace {

using image::AreaType;

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Result<void> check_numbers(const Recipe& recipe) {
    if (recipe.key.size() != 16)
        return misuse(fmt::format("the firmware key has 16 bytes, not {}", recipe.key.size()));
    if (recipe.nonce.size() != 12)
        return misuse(fmt::format("the nonce has 12 bytes, not {}", recipe.nonce.size()));
    if (recipe.image_version > 255)
        return misuse(fmt::format("image version {}: it is 0 to 255", recipe.image_version));
    if (recipe.insecure_test) return {};
    if (recipe.ram_size > kDefaultRamSize)
        return misuse(fmt::format("-rs 0x{:X}: the RSS stages at most 0x{:X} bytes of records (4.7)",
                                  recipe.ram_size, kDefaultRamSize));
    if (all_zero(recipe.key) || all_zero(recipe.nonce))
        return misuse("an all-zero key or nonce protects nothing: use fresh random bytes");
    if (recipe.nonce.back() != 0)
        return misuse(
            "the last byte of the nonce must be 00: an image spends this nonce and the 255 after it (4.3)");
    return {};
}

/// One area and its plaintext, in the order of the file.
struct Plain {
    image::Descriptor descriptor;
    Bytes bytes;
};

/// For each F area in order: address (4, little-endian), size (4), plaintext.
crypto::Digest content_hash(const std::vector<Content>& areas) {
    crypto::Sha256 hash;
    for (const Content& area : areas) {
        if (area.type != AreaType::firmware) continue;
        std::array<std::uint8_t, 8> place{};
        store_le32(place, 0, area.address);
        store_le32(place, 4, static_cast<std::uint32_t>(area.bytes.size()));
        hash.update(place).update(area.bytes);
    }
    return hash.finish();
}

std::vector<Plain> plain_areas(const Recipe& recipe, const std::vector<Content>& contents) {
    std::vector<Plain> areas;
    const auto add = [&](AreaType type, std::uint32_t address, Bytes bytes) {
        image::Descriptor descriptor;
        descriptor.type = type;
        descriptor.address = address;
        descriptor.size = static_cast<std::uint32_t>(bytes.size());
        descriptor.index = static_cast<std::uint32_t>(areas.size() + 1);
        areas.push_back({descriptor, std::move(bytes)});
    };
    for (const Content& content : contents) add(content.type, content.address, content.bytes);
    if (recipe.hash) {
        const crypto::Digest digest = content_hash(contents);
        add(AreaType::hash, 0, Bytes(digest.begin(), digest.end()));
    }
    if (recipe.options) {
        const auto payload = image::serialise(*recipe.options);
        add(AreaType::configuration, 0, Bytes(payload.begin(), payload.end()));
    }
    for (Plain& area : areas) area.descriptor.total = static_cast<std::uint32_t>(areas.size());
    return areas;
}

Result<image::Header> make_header(const Recipe& recipe, const std::vector<Plain>& areas) {
    if (areas.empty()) return misuse("nothing to pack: give firmware (-fir), a module or option bytes (-ob)");
    if (areas.size() > image::kMaxAreas)
        return misuse(fmt::format("{} areas; an image has at most 255: join the pieces", areas.size()));
    std::size_t records = 0;
    for (const Plain& area : areas) records += image::kRecordHead + area.bytes.size();
    if (records > recipe.ram_size && !recipe.insecure_test)
        return misuse(
            fmt::format("the image has {} bytes of records, the RSS takes {} at a time (-rs 0x{:X}): "
                        "splitting is not available yet, make the firmware smaller",
                        records, recipe.ram_size, recipe.ram_size));
    if (records > image::kMaxFileBytes - image::kHeaderBytes)
        return misuse(fmt::format("{} bytes of records; an image has at most 8 MB", records));
    image::Header header;
    header.image_version = recipe.image_version;
    header.areas = static_cast<std::uint32_t>(areas.size());
    header.total_size = static_cast<std::uint32_t>(image::kHeaderBytes + records);
    header.flags = (recipe.hash ? image::kHashPresent : 0U) | (recipe.keep_flash ? image::kKeepFlash : 0U);
    header.firmware_id = crypto::firmware_id(recipe.firmware_id);
    if (recipe.insecure_test) {
        header.ram_size = recipe.ram_size;
        header.token_address = recipe.token_address;
    }
    return header;
}

void seal(const aes_gcm::Key& key, ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext,
          image::Tag& tag) {
    const aes_gcm::Status status = aes_gcm::seal(key, iv, aad, plaintext, ciphertext, tag);
    assert(status == aes_gcm::Status::ok);  // every length was made here
    static_cast<void>(status);
}

}  // namespace

Result<Packed> pack(const Recipe& recipe) {
    TRY(check_numbers(recipe));
    const std::vector<Content> contents = TRY(lay_out(recipe.firmware, recipe.modules, recipe.padding));
    if (!recipe.insecure_test) TRY(check_options(recipe.options, contents, recipe.consents));
    std::vector<Plain> areas = plain_areas(recipe, contents);
    image::Header header = TRY(make_header(recipe, areas));

    const aes_gcm::Key key = TRY(aes_gcm::Key::make(recipe.key));
    const auto unsigned_header = image::serialise(header);
    seal(key, image::area_iv(recipe.nonce, 0), ByteView(unsigned_header).first(image::kHeaderAuthenticated),
         {}, {}, header.tag);

    Packed packed;
    const auto head = image::serialise(header);
    packed.file.assign(head.begin(), head.end());
    for (Plain& area : areas) {
        image::Descriptor& descriptor = area.descriptor;
        seal(key, image::area_iv(recipe.nonce, descriptor.index), image::area_aad(descriptor, header.tag),
             area.bytes, area.bytes, descriptor.tag);
        const auto record = image::serialise(descriptor);
        packed.file.insert(packed.file.end(), record.begin(), record.end());
        packed.file.insert(packed.file.end(), area.bytes.begin(), area.bytes.end());
    }
    if (recipe.options) packed.notes = consequences(*recipe.options, contents);
    return packed;
}

}  // namespace h7::package

#include "rss/host/package/pack.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/firmware_id.hpp"
#include "rss/host/package/parts.hpp"

namespace h7::package {
namespace {

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Result<void> check_numbers(const Recipe& recipe) {
    TRY(check_secrets(recipe.key, recipe.nonce, recipe.insecure_test));
    if (recipe.image_version > 255)
        return misuse(fmt::format("image version {}: it is 0 to 255", recipe.image_version));
    if (recipe.ram_size > kDefaultRamSize && !recipe.insecure_test)
        return misuse(fmt::format("-rs 0x{:X}: the RSS stages at most 0x{:X} bytes of records (4.7)",
                                  recipe.ram_size, kDefaultRamSize));
    return {};
}

Result<image::Header> make_header(const Recipe& recipe, const Parts& parts) {
    if (parts.areas.empty())
        return misuse("nothing to pack: give firmware (-fir), a module (-m) or option bytes (-ob)");
    std::size_t records = 0;
    for (const PlainArea& area : parts.areas) records += image::kRecordHead + area.bytes.size();
    if (records > image::kMaxFileBytes - image::kHeaderBytes)
        return misuse(fmt::format("{} bytes of records; an image has at most 8 MB", records));
    const bool split = parts.count > 1;
    image::Header header;
    header.image_version = recipe.image_version;
    header.areas = static_cast<std::uint32_t>(parts.areas.size());
    header.total_size = static_cast<std::uint32_t>(image::kHeaderBytes + records);
    header.flags = (recipe.hash ? image::kHashPresent : 0U) | (recipe.keep_flash ? image::kKeepFlash : 0U);
    header.firmware_id = crypto::firmware_id(recipe.firmware_id);
    if (split || recipe.insecure_test) {
        header.ram_size = recipe.ram_size;
        header.token_address = split ? parts.token_address : recipe.token_address;
    }
    return header;
}

void add_notes(const Recipe& recipe, const Parts& parts, Packed& packed) {
    if (parts.count > 1) {
        const std::uint32_t sector = align_down(parts.token_address, image::kSectorBytes);
        packed.notes.push_back(fmt::format(
            "{} parts of at most {} bytes of records; continuation token at 0x{:08x}, its sector {} stays "
            "free",
            parts.count, recipe.ram_size, parts.token_address,
            image::to_string({sector, sector + image::kSectorBytes - 1})));
    } else if (recipe.token_address != 0 && !recipe.insecure_test) {
        packed.notes.push_back("one part: no continuation token is needed");
    }
}

void seal(const aes_gcm::Key& key, ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext,
          image::Tag& tag) {
    const aes_gcm::Status status = aes_gcm::seal(key, iv, aad, plaintext, ciphertext, tag);
    assert(status == aes_gcm::Status::ok);  // every length was made here
    static_cast<void>(status);
}

}  // namespace

Result<void> check_secrets(ByteView key, ByteView nonce, bool insecure_test) {
    if (key.size() != 16) return misuse(fmt::format("the firmware key has 16 bytes, not {}", key.size()));
    if (nonce.size() != 12) return misuse(fmt::format("the nonce has 12 bytes, not {}", nonce.size()));
    if (insecure_test) return {};
    if (all_zero(key) || all_zero(nonce))
        return misuse("an all-zero key or nonce protects nothing: use fresh random bytes");
    if (nonce.back() != 0)
        return misuse(
            "the last byte of the nonce must be 00: an image spends this nonce and the 255 after it (4.3)");
    return {};
}

Result<Packed> pack(const Recipe& recipe) {
    TRY(check_numbers(recipe));
    const std::vector<Content> contents =
        TRY(lay_out(recipe.firmware, recipe.modules, recipe.padding, recipe.wrapped_modules));
    if (!recipe.insecure_test) TRY(check_options(recipe.options, contents, recipe.consents));
    Parts parts =
        TRY(plan_parts({contents, recipe.options, recipe.hash, recipe.ram_size, recipe.token_address}));
    image::Header header = TRY(make_header(recipe, parts));

    const aes_gcm::Key key = TRY(aes_gcm::Key::make(recipe.key));
    const auto unsigned_header = image::serialise(header);
    seal(key, image::area_iv(recipe.nonce, 0), ByteView(unsigned_header).first(image::kHeaderAuthenticated),
         {}, {}, header.tag);

    Packed packed;
    const auto head = image::serialise(header);
    packed.file.assign(head.begin(), head.end());
    for (PlainArea& area : parts.areas) {
        image::Descriptor& descriptor = area.descriptor;
        seal(key, image::area_iv(recipe.nonce, descriptor.index), image::area_aad(descriptor, header.tag),
             area.bytes, area.bytes, descriptor.tag);
        const auto record = image::serialise(descriptor);
        packed.file.insert(packed.file.end(), record.begin(), record.end());
        packed.file.insert(packed.file.end(), area.bytes.begin(), area.bytes.end());
    }
    packed.parts = parts.count;
    packed.areas = header.areas;
    add_notes(recipe, parts, packed);
    if (recipe.options)
        for (std::string& line : consequences(*recipe.options, contents))
            packed.notes.push_back(std::move(line));
    return packed;
}

}  // namespace h7::package

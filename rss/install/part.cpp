#include "rss/install/part.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/install/open.hpp"

namespace h7::rss {
namespace {

using image::AreaType;

Answer<> check_header_tag(ByteView header_bytes, const image::Header& header, const aes_gcm::Key& key,
                          const crypto::FirmwareKey& firmware) {
    const auto iv = image::area_iv(firmware.nonce.view(), 0);
    if (!aes_gcm::verify(key, iv, header_bytes.first(image::kHeaderAuthenticated), {}, header.tag))
        return Refusal{Detail::E_HDR_TAG, "the header's tag does not match: changed, or of another key"};
    return {};
}

Answer<PlainArea> open_area(const image::Record& record, const image::Header& header, const aes_gcm::Key& key,
                            const crypto::FirmwareKey& firmware) {
    const auto iv = image::area_iv(firmware.nonce.view(), record.descriptor.index);
    const auto aad = image::area_aad(record.descriptor, header.tag);
    Bytes plaintext(record.ciphertext.size());
    if (aes_gcm::open(key, iv, aad, record.ciphertext, record.descriptor.tag, plaintext) !=
        aes_gcm::Status::ok)
        return Refusal{Detail::E_AREA_TAG,
                       fmt::format("area {}: its tag does not match", record.descriptor.index)};
    return PlainArea(record.descriptor, std::move(plaintext));
}

Answer<> check_hash_area(const std::vector<PlainArea>& areas) {
    crypto::Sha256 hash;
    for (const PlainArea& area : areas) {
        if (area.descriptor.type == AreaType::hash) {
            const auto digest = hash.finish();
            if (!std::equal(digest.begin(), digest.end(), area.plaintext.begin(), area.plaintext.end()))
                return Refusal{Detail::E_HASH, "the hash area does not match the firmware areas"};
            return {};
        }
        if (area.descriptor.type != AreaType::firmware) continue;
        std::array<std::uint8_t, 8> head;
        store_le32(head, 0, area.descriptor.address);
        store_le32(head, 4, area.descriptor.size);
        hash.update(head).update(area.plaintext);
    }
    return {};
}

// The first record decides: R goes on with the image under way, anything else begins one.
Answer<Progress> starting_point(const image::Header& header, ByteView records, const Progress& under_way) {
    constexpr auto kResume = static_cast<std::uint32_t>(AreaType::resume);
    if (records.size() < 4 || load_le32(records, 0) != kResume) return Progress{};
    if (!under_way.begun())
        return Refusal{Detail::E_TOKEN, "an R area, but no install stands at the boundary of two parts"};
    if (under_way.header_tag != header.tag)
        return Refusal{Detail::E_TOKEN, "an R area, but another image is under way"};
    return under_way;
}

// Where the image stands behind this part: indexes, bytes, tags. N and total_size must agree (4.9, 2).
Answer<> count(VerifiedPart& part, const std::vector<image::Record>& records, std::size_t staged) {
    const auto& header = part.header;
    part.last = records.back().descriptor.type != AreaType::pause;
    part.after = part.before;
    part.after.header_tag = header.tag;
    part.after.token_address = header.token_address;
    part.after.next_index = records.back().descriptor.index + 1;
    part.after.record_bytes += static_cast<std::uint32_t>(staged);
    std::vector<image::Tag> tags;
    for (const image::Record& record : records) tags.push_back(record.descriptor.tag);
    part.after.transcript = extend(part.before.transcript, part.before.begun(), tags);
    const std::uint64_t total = std::uint64_t{part.after.record_bytes} + image::kHeaderBytes;
    if (part.last ? total != header.total_size : total >= header.total_size)
        return Refusal{Detail::E_TRUNC,
                       fmt::format("{} of {} areas and {} of {} bytes are there", part.after.next_index - 1,
                                   header.areas, total, header.total_size)};
    return {};
}

// M areas of version 2 hold a module file each; the licenses come in the order of the areas.
Answer<> open_modules(std::vector<PlainArea>& areas, const StagedPart& staged, const Identity& identity) {
    std::size_t opened = 0;
    for (PlainArea& area : areas) {
        if (!area.descriptor.wrapped_module()) continue;
        const auto module = TRY(parsed(image::parse_wrapped_module(area.descriptor, area.plaintext)));
        if (opened == staged.module_licenses.size())
            return Refusal{Detail::E_LIC_FORMAT, fmt::format("area {}: no license for this module is staged",
                                                             area.descriptor.index)};
        image::Descriptor plain = area.descriptor;
        plain.version = image::kAreaVersion;
        plain.size = module.header.size;
        area = PlainArea(plain, TRY(open_module(module, staged.module_licenses[opened++], identity)));
    }
    if (opened != staged.module_licenses.size())
        return Refusal{Detail::E_ARG, fmt::format("{} module licenses are staged, {} modules need one",
                                                  staged.module_licenses.size(), opened)};
    return {};
}

// Rows A and B are register sets as mapped during the install (4.8).
OptionWords by_physical_bank(const image::OptionWords& rows, bool swapped) {
    OptionWords words{};
    std::copy(rows.begin(), rows.end(), words.begin());
    return swapped ? exchange_banks(words) : words;
}

}  // namespace

Answer<VerifiedPart> verify_part(const StagedPart& staged, const Identity& identity, const ChipState& chip,
                                 const InstallPolicy& policy) {
    VerifiedPart part;
    part.header = TRY(parsed(image::parse_header(staged.header)));
    const crypto::FirmwareKey firmware =
        TRY(open_license(staged.license, identity, {false, part.header.firmware_id, chip.session}));
    auto key = aes_gcm::Key::make(firmware.key.view());
    if (!key) return Refusal{Detail::E_STATE, key.error().message};
    TRY(check_header_tag(staged.header, part.header, *key, firmware));

    part.before = TRY(starting_point(part.header, staged.records, chip.progress));
    const auto records = TRY(parsed(image::parse_part(part.header, staged.records, part.before.next_index)));
    TRY(count(part, records, staged.records.size()));
    std::optional<OptionWords> requested;
    for (const image::Record& record : records) {
        part.areas.push_back(TRY(open_area(record, part.header, *key, firmware)));
        if (record.descriptor.type == AreaType::configuration)
            requested = by_physical_bank(
                TRY(parsed(image::parse_option_payload(part.areas.back().plaintext))), chip.swapped);
    }
    TRY(check_hash_area(part.areas));
    TRY(open_modules(part.areas, staged, identity));
    ChipState before = chip;
    before.progress = part.before;
    part.after.modules = TRY(module_areas(part.areas, before));
    if (part.last) part.options = TRY(plan_options(requested, part.areas, part.after.modules, chip, policy));
    return part;
}

}  // namespace h7::rss

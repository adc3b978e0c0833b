#include "rss/install/part.hpp"

#include <fmt/format.h>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/license_key.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/image/license.hpp"

namespace h7::rss {
namespace {

using image::AreaType;

template <class T>
Answer<T> parsed(image::Parsed<T> result) {
    if (!result) return refusal_of(result.error());
    return std::move(*result);
}

Answer<crypto::FirmwareKey> unwrap(ByteView bytes, const Identity& identity, const image::Header& header) {
    const image::License license = TRY(parsed(image::parse_license(bytes)));
    if (license.type == image::LicenseType::smi_static)
        return Refusal{Detail::E_LIC_FORMAT, "the license is for a module (SMI), not for an image"};
    if (license.type == image::LicenseType::sfi_live)
        return Refusal{Detail::E_LIC_SESSION,
                       "a live license needs a session number, and none was given out"};
    const crypto::PrivateKey device{ByteView(identity.private_key)};
    auto key =
        crypto::unwrap_license(device, identity.certificate, identity.uid,
                               bytes.first(image::kLicenseHeaderBytes), license.wrapped_key, license.tag);
    if (!key) {
        switch (key.error()) {
            case crypto::LicenseFault::point:
                return Refusal{Detail::E_LIC_POINT, "the license's public key is no point of the curve"};
            case crypto::LicenseFault::tag:
                return Refusal{Detail::E_LIC_TAG,
                               "the license is not for this chip (certificate, UID), or a byte was changed"};
            case crypto::LicenseFault::format:
                break;
        }
        return Refusal{Detail::E_LIC_FORMAT,
                       "the key inside the license does not have the form of a firmware key"};
    }
    if (!image::firmware_id_fits(license.firmware_id, header.firmware_id))
        return Refusal{Detail::E_LIC_FWID, "the license is for another firmware identifier"};
    return std::move(*key);
}

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

// One part is all there is: splitting by P and R areas comes later.
Answer<> check_whole(const image::Header& header, const std::vector<image::Record>& records,
                     std::size_t staged) {
    for (const image::Record& record : records)
        if (record.descriptor.type == AreaType::pause || record.descriptor.type == AreaType::resume)
            return Refusal{Detail::E_TYPE,
                           fmt::format("area {}: split images (P and R areas) are not supported yet",
                                       record.descriptor.index)};
    for (const image::Record& record : records)
        if (record.descriptor.wrapped_module())
            return Refusal{Detail::E_TYPE,
                           fmt::format("area {}: a module with its own license (version 2) is not "
                                       "supported yet",
                                       record.descriptor.index)};
    if (records.size() != header.areas || staged + image::kHeaderBytes != header.total_size)
        return Refusal{Detail::E_TRUNC,
                       fmt::format("{} of {} areas, {} of {} bytes are staged", records.size(), header.areas,
                                   staged + image::kHeaderBytes, header.total_size)};
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
    const crypto::FirmwareKey firmware = TRY(unwrap(staged.license, identity, part.header));
    auto key = aes_gcm::Key::make(firmware.key.view());
    if (!key) return Refusal{Detail::E_STATE, key.error().message};
    TRY(check_header_tag(staged.header, part.header, *key, firmware));

    const auto records = TRY(parsed(image::parse_part(part.header, staged.records)));
    TRY(check_whole(part.header, records, staged.records.size()));
    std::optional<OptionWords> requested;
    for (const image::Record& record : records) {
        part.areas.push_back(TRY(open_area(record, part.header, *key, firmware)));
        if (record.descriptor.type == AreaType::configuration)
            requested = by_physical_bank(
                TRY(parsed(image::parse_option_payload(part.areas.back().plaintext))), chip.swapped);
    }
    TRY(check_hash_area(part.areas));
    part.options = TRY(plan_options(requested, part.areas, chip, policy));
    return part;
}

}  // namespace h7::rss

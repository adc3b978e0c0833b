#include "rss/host/torture/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/host/package/inspect.hpp"
#include "rss/image/license.hpp"
#include "rss/image/mailbox.hpp"
#include "rss/image/smi.hpp"
#include "rss/install/open.hpp"
#include "rss/install/option_words.hpp"

namespace h7::torture {
namespace {

using image::AreaType;

constexpr std::uint32_t kBank = 0x10'0000;

Result<crypto::FirmwareKey> key_of(const Subject& subject) {
    const auto license = image::parse_license(subject.license);
    if (!license) return image::to_error(license.error(), "license");
    const crypto::PrivateKey device{ByteView(subject.identity.private_key)};
    auto key = crypto::unwrap_license(device, subject.identity.certificate, subject.identity.uid,
                                      ByteView(subject.license).first(image::kLicenseHeaderBytes),
                                      license->wrapped_key, license->tag);
    if (!key) return misuse("the license is not for this chip, or a byte of it was changed");
    return std::move(*key);
}

Flow flow_of(const Subject& subject, const image::Container& container) {
    Flow flow;
    std::size_t modules = 0;
    for (const image::Part& part : container.parts) {
        std::vector<Bytes> licenses;
        for (std::size_t n = part.first; n < part.first + part.count; ++n)
            if (container.records[n].descriptor.wrapped_module() && modules < subject.module_licenses.size())
                licenses.push_back(subject.module_licenses[modules++]);
        const image::Record& first = container.records[part.first];
        const image::Record& last = container.records[part.first + part.count - 1];
        flow.push_back({subject.license,
                        Bytes(subject.image.begin(), subject.image.begin() + image::kHeaderBytes),
                        Bytes(subject.image.begin() + static_cast<std::ptrdiff_t>(first.offset),
                              subject.image.begin() + static_cast<std::ptrdiff_t>(last.end())),
                        std::move(licenses), part.first, part.count});
    }
    return flow;
}

}  // namespace

Result<Plan> plan(const Subject& subject) {
    if (!subject.part->security)
        return refused(std::string(subject.part->name) + " has no secure access mode (D-02)");
    const auto container = image::parse_sfi(subject.image);
    if (!container) return image::to_error(container.error(), "image");
    Plan plan;
    plan.key = TRY(key_of(subject));
    auto opened = TRY(package::verify(*container, subject.image, plan.key.key.view(), plan.key.nonce.view()));
    plan.header = container->header;
    plan.flow = flow_of(subject, *container);
    const bool swapped = (subject.flash.options[flash::kOptsr] & rss::kOptsrSwapBank) != 0;
    for (Bytes& bank : plan.flash) bank.assign(subject.part->sectors_per_bank * 128UL * 1024UL, 0xFF);
    std::size_t modules = 0;
    for (std::size_t n = 0; n < container->records.size(); ++n) {
        const image::Descriptor& area = container->records[n].descriptor;
        plan.areas.push_back({area, opened.plaintexts[n]});
        if (area.type == AreaType::configuration) plan.words = opened.options;
        if (area.type != AreaType::firmware && area.type != AreaType::module) continue;
        Bytes plain = opened.plaintexts[n];
        if (area.wrapped_module()) {
            const auto module = image::parse_wrapped_module(area, plain);
            if (!module) return image::to_error(module.error(), "image");
            if (modules == subject.module_licenses.size())
                return misuse(fmt::format(
                    "area {} is a module with a license of its own: give it with --module-license",
                    area.index));
            auto inside = rss::open_module(*module, subject.module_licenses[modules++], subject.identity);
            if (!inside) return misuse(fmt::format("area {}: {}", area.index, inside.error().reason));
            plain = std::move(*inside);
        }
        Piece piece{area.address ^ (swapped ? kBank : 0), std::move(plain), area.type == AreaType::module};
        std::copy(piece.bytes.begin(), piece.bytes.end(),
                  plan.flash[piece.address / kBank % 2].begin() +
                      static_cast<std::ptrdiff_t>(piece.address % kBank));
        plan.pieces.push_back(std::move(piece));
    }
    if (plan.words && swapped) {
        rss::OptionWords words{};
        std::copy(plan.words->begin(), plan.words->end(), words.begin());
        words = rss::exchange_banks(words);
        std::copy(words.begin(), words.end(), plan.words->begin());
    }
    return plan;
}

Result<Plan> plan_of_module(const Subject& subject) {
    if (!subject.part->security)
        return refused(std::string(subject.part->name) + " has no secure access mode (D-02)");
    const auto module = image::parse_smi(subject.image);
    if (!module) return image::to_error(module.error(), "module");
    Plan plan;
    plan.module = true;
    plan.key = TRY(key_of(subject));
    auto opened = rss::open_module(*module, subject.license, subject.identity);
    if (!opened) return misuse("module: " + opened.error().reason);
    // Staged as an image's header and records are: one behind the other.
    constexpr std::size_t kHead = image::kRecordsAddress - image::kHeaderAddress;
    const auto middle =
        subject.image.begin() + static_cast<std::ptrdiff_t>(std::min(kHead, subject.image.size()));
    plan.flow.push_back({subject.license,
                         Bytes(subject.image.begin(), middle),
                         Bytes(middle, subject.image.end()),
                         {},
                         0,
                         1});
    const bool swapped = (subject.flash.options[flash::kOptsr] & rss::kOptsrSwapBank) != 0;
    for (unsigned bank = 0; bank < 2; ++bank) {
        plan.flash[bank].assign(subject.part->sectors_per_bank * 128UL * 1024UL, 0xFF);
        std::ranges::copy(subject.flash.user[bank].data, plan.flash[bank].begin());
    }
    Piece piece{module->header.destination ^ (swapped ? kBank : 0), std::move(*opened), true};
    std::ranges::copy(piece.bytes, plan.flash[piece.address / kBank % 2].begin() +
                                       static_cast<std::ptrdiff_t>(piece.address % kBank));
    plan.pieces.push_back(std::move(piece));
    return plan;
}

Flow seal(image::Header header, std::vector<Area> areas, const crypto::FirmwareKey& firmware,
          ByteView license) {
    const auto key = aes_gcm::Key::make(firmware.key.view());
    assert(key && "16 bytes are a key");
    header.areas = static_cast<std::uint32_t>(areas.size());
    header.total_size = image::kHeaderBytes;
    for (const Area& area : areas)
        header.total_size += static_cast<std::uint32_t>(image::kRecordHead + area.plaintext.size());
    const auto tagged = [&](std::uint32_t index, ByteView aad, ByteView plain, MutableBytes cipher,
                            image::Tag& tag) {
        [[maybe_unused]] const auto done =
            aes_gcm::seal(*key, image::area_iv(firmware.nonce.view(), index), aad, plain, cipher, tag);
        assert(done == aes_gcm::Status::ok);
    };
    auto head = image::serialise(header);
    tagged(0, ByteView(head).first(image::kHeaderAuthenticated), {}, {}, header.tag);
    head = image::serialise(header);
    Part part{
        Bytes(license.begin(), license.end()), Bytes(head.begin(), head.end()), {}, {}, 0, areas.size()};
    std::uint32_t index = 0;
    for (Area& area : areas) {
        area.descriptor.index = ++index;
        area.descriptor.total = header.areas;
        area.descriptor.size = static_cast<std::uint32_t>(area.plaintext.size());
        Bytes cipher(area.plaintext.size());
        tagged(index, image::area_aad(area.descriptor, header.tag), area.plaintext, cipher,
               area.descriptor.tag);
        const auto record = image::serialise(area.descriptor);
        part.records.insert(part.records.end(), record.begin(), record.end());
        part.records.insert(part.records.end(), cipher.begin(), cipher.end());
    }
    return {part};
}

Bytes license_for(const rss::Identity& chip, const crypto::FirmwareKey& key, const image::License& like) {
    // Any fixed scalar will do: these licenses never leave the run, and two runs must be equal.
    std::array<std::uint8_t, 32> scalar{};
    scalar.fill(0x2B);
    const crypto::PrivateKey ephemeral{ByteView(scalar)};
    image::License license = like;
    license.ephemeral = crypto::public_key_of(ephemeral).value();
    auto bytes = image::serialise(license);
    const auto wrapped =
        crypto::wrap_license(ephemeral, ByteView(chip.certificate).subspan(8, 64), chip.certificate, chip.uid,
                             ByteView(bytes).first(image::kLicenseHeaderBytes), key);
    assert(wrapped && "both points are on the curve");
    license.wrapped_key = wrapped->wrapped;
    license.tag = wrapped->tag;
    bytes = image::serialise(license);
    return {bytes.begin(), bytes.end()};
}

}  // namespace h7::torture

#include "rss/host/flasher/sfi_install.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "emulator/base/bits.hpp"
#include "rss/host/flasher/preparation.hpp"
#include "rss/image/license.hpp"
#include "rss/image/mailbox.hpp"

namespace h7::flasher {
namespace {

constexpr std::uint32_t kRamSize16K = 3;  // F-149
const Needs kNeeds{.no_areas = true, .ram_size = kRamSize16K};

/// What the RSS gets in one run.
struct Part {
    ByteView records;
    std::vector<ByteView> module_licenses;
};

std::vector<Part> parts_of(const image::Container& container, const InstallRequest& request) {
    std::vector<Part> parts;
    std::size_t licenses = 0;
    for (const image::Part& part : container.parts) {
        const auto records = std::span(container.records).subspan(part.first, part.count);
        const std::size_t first = records.front().offset;
        parts.push_back({ByteView(request.image).subspan(first, records.back().end() - first), {}});
        for (const image::Record& record : records)
            if (record.descriptor.wrapped_module() && licenses < request.module_licenses.size())
                parts.back().module_licenses.emplace_back(request.module_licenses[licenses++]);
    }
    return parts;
}

Result<void> stage(DebugLink& link, const InstallRequest& request, const Part& part, std::uint32_t sequence) {
    TRY(link.write(image::kLicenseAddress, request.license));
    TRY(link.write(image::kHeaderAddress, ByteView(request.image).first(image::kHeaderBytes)));
    TRY(link.write(image::kRecordsAddress, part.records));
    Address at = image::kModuleLicensesAddress;
    for (const ByteView license : part.module_licenses) {
        TRY(link.write(at, license));
        at += static_cast<Address>(image::kLicenseBytes);
    }
    image::Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(image::MailboxService::sfi_part);
    mailbox.arguments[0] = static_cast<std::uint32_t>(part.module_licenses.size());
    mailbox.payload_address = image::kRecordsAddress;
    mailbox.payload_bytes = static_cast<std::uint32_t>(part.records.size());
    mailbox.sequence = sequence;
    return link.write(image::kMailboxAddress, image::serialise(mailbox));
}

/// One part: staged, one system reset, and the RSS's own word on it.
Result<void> install_part(DebugLink& link, const InstallRequest& request, const Part& part,
                          std::uint32_t sequence) {
    TRY(stage(link, request, part, sequence));
    return let_the_rss_install(link, request.say);
}

Result<void> check_module_licenses(const image::Container& container, const InstallRequest& request) {
    const auto needed = static_cast<std::size_t>(std::ranges::count_if(
        container.records, [](const image::Record& record) { return record.descriptor.wrapped_module(); }));
    if (needed == request.module_licenses.size()) return {};
    return misuse(
        fmt::format("{}: {} of its modules have a license of their own, {} module licenses are given",
                    request.image_name, needed, request.module_licenses.size()));
}

void describe(const image::Container& container, const InstallRequest& request) {
    request.say("SFI header information :");
    request.say(fmt::format("    SFI protocol version        : {}", image::kProtocolVersion));
    request.say(fmt::format("    SFI total number of areas   : {}", container.header.areas));
    request.say(fmt::format("    SFI image version           : {}", container.header.image_version));
    for (const image::Record& record : container.records) {
        const image::Descriptor& area = record.descriptor;
        request.say(fmt::format("Parsing Area {}/{} :", area.index, container.header.areas));
        request.say(fmt::format("    Area type                   : {}", static_cast<char>(area.type)));
        request.say(fmt::format("    Area size                   : {}", area.size));
        request.say(fmt::format("    Area destination address    : 0x{:X}", area.address));
    }
}

/// The areas were written where the map of the install put them; with another SWAP_BANK they stand elsewhere
/// at the next reset (4.8, F-122). The words of the image are ciphertext until the RSS has served it, so
/// nobody can say so earlier; the RSS accepts them.
void warn_of_moved_code(bool swapped, DebugLink& link, const InstallRequest& request) {
    const bool swap = (link.chip().flash().options()[flash::kOptsr] & flash::optsr::kSwapBank) != 0;
    if (swap == swapped) return;
    request.say(
        fmt::format("warning: SWAP_BANK was {} during the install and is {} now: what the image placed at "
                    "0x08000000 stands "
                    "at 0x08100000 and the other way round (F-121). If it was not linked for that, install "
                    "with SWAP_BANK={} "
                    "(h7rss ob set), or pack option bytes that keep SWAP_BANK={}",
                    swapped ? 1 : 0, swap ? 1 : 0, swap ? 1 : 0, swapped ? 1 : 0));
}

}  // namespace

Result<image::Container> check_files(const InstallRequest& request) {
    auto container = image::parse_sfi(request.image);
    if (!container) return image::to_error(container.error(), request.image_name);
    const auto license = image::parse_license(request.license);
    if (!license) return image::to_error(license.error(), request.license_name);
    if (license->type == image::LicenseType::smi_static)
        return misuse(
            fmt::format("{}: a license for a module (SMI), not for firmware (SFI)", request.license_name));
    for (const image::Part& part : container->parts) {
        const image::Record& last = container->records[part.first + part.count - 1];
        const std::size_t bytes = last.end() - container->records[part.first].offset;
        if (bytes > image::kMaxStagedRecords)
            return misuse(
                fmt::format("{}: a part with {} bytes of area records; the chip takes {} (pack it "
                            "with --ram-size 0x4EFC0)",
                            request.image_name, bytes, image::kMaxStagedRecords));
    }
    TRY(check_module_licenses(*container, request));
    return std::move(*container);
}

Result<void> install(DebugLink& link, const InstallRequest& request) {
    const image::Container container = TRY(check_files(request));
    TRY(check_chip(link, kNeeds));
    describe(container, request);
    TRY(prepare_options(link, kNeeds, request.prepare, request.say));
    const bool swapped = link.chip().flash().swapped();
    const std::vector<Part> parts = parts_of(container, request);
    request.say(fmt::format("Staging license, header and {} areas through AP0", container.header.areas));
    for (std::size_t n = 0; n < parts.size(); ++n) {
        if (parts.size() > 1) request.say(fmt::format("Starting SFI part {}", n + 1));
        TRY(install_part(link, request, parts[n], static_cast<std::uint32_t>(n + 1)));
    }
    warn_of_moved_code(swapped, link, request);
    return {};
}

}  // namespace h7::flasher

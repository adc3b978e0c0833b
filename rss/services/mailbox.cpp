#include "rss/services/mailbox.hpp"

#include <fmt/format.h>

namespace h7::rss {
namespace {

constexpr std::uint32_t kFailed = 1;  // status: 0 is success, the detail says the rest
constexpr std::uint32_t kAreaRecordBytes = 12;

}  // namespace

std::optional<image::Mailbox> MailboxReader::take() {
    std::array<std::uint8_t, image::kMailboxBytes> bytes;
    if (!bus_.read_block(image::kMailboxAddress, bytes)) return std::nullopt;
    const auto mailbox = image::parse_mailbox(bytes);
    if (!mailbox || mailbox->magic != image::kMailboxRequest) return std::nullopt;
    if (!bus_.write32(image::kMailboxAddress, 0)) return std::nullopt;
    return *mailbox;
}

void MailboxReader::answer(image::Mailbox request, const std::optional<Refusal>& refusal) {
    request.magic = image::kMailboxAnswer;
    request.status = refusal ? kFailed : 0;
    request.detail = refusal ? static_cast<std::uint32_t>(image::chip_visible(refusal->detail)) : 0;
    const auto bytes = image::serialise(request);
    for (std::size_t at = 0; at < bytes.size(); at += 4)
        static_cast<void>(
            bus_.write32(image::kMailboxAddress + static_cast<Address>(at), load_le32(bytes, at)));
}

Answer<Bytes> MailboxReader::copy(Address from, std::size_t size) const {
    Bytes bytes(align_up<std::size_t>(size, 8));
    if (!bus_.read_block(from, bytes))
        return Refusal{Detail::E_ARG, fmt::format("nothing to read at 0x{:08X}", from)};
    bytes.resize(size);
    return bytes;
}

Answer<StagedPart> MailboxReader::copy_part(const image::Mailbox& request) const {
    if (request.payload_address != image::kRecordsAddress)
        return Refusal{Detail::E_ARG, fmt::format("the area records belong at 0x{:08X}, not 0x{:08X}",
                                                  image::kRecordsAddress, request.payload_address)};
    if (request.payload_bytes > image::kMaxStagedRecords)
        return Refusal{Detail::E_SIZE, fmt::format("{} bytes of records, {} fit", request.payload_bytes,
                                                   image::kMaxStagedRecords)};
    const std::uint32_t licenses = request.arguments[0];
    if (licenses > image::kMaxModuleLicenses)
        return Refusal{Detail::E_ARG,
                       fmt::format("{} module licenses, {} fit", licenses, image::kMaxModuleLicenses)};
    StagedPart part;
    part.header = TRY(copy(image::kHeaderAddress, image::kHeaderBytes));
    part.license = TRY(copy(image::kLicenseAddress, image::kLicenseBytes));
    part.records = TRY(copy(image::kRecordsAddress, request.payload_bytes));
    for (std::uint32_t n = 0; n < licenses; ++n)
        part.module_licenses.push_back(
            TRY(copy(image::kModuleLicensesAddress + n * static_cast<Address>(image::kLicenseBytes),
                     image::kLicenseBytes)));
    return part;
}

Answer<StagedModule> MailboxReader::copy_module(const image::Mailbox& request) const {
    constexpr std::uint32_t kMost = image::kStagingLast + 1 - image::kHeaderAddress;
    if (request.payload_address != image::kHeaderAddress)
        return Refusal{Detail::E_ARG, fmt::format("the module belongs at 0x{:08X}, not 0x{:08X}",
                                                  image::kHeaderAddress, request.payload_address)};
    if (request.payload_bytes > kMost)
        return Refusal{Detail::E_SIZE,
                       fmt::format("{} bytes of module, {} fit", request.payload_bytes, kMost)};
    StagedModule module;
    module.license = TRY(copy(image::kLicenseAddress, image::kLicenseBytes));
    module.file = TRY(copy(image::kHeaderAddress, request.payload_bytes));
    return module;
}

Answer<Bytes> MailboxReader::copy_areas(const image::Mailbox& request) const {
    const std::uint32_t count = request.arguments[0];
    if (count < 1 || count > 2)
        return Refusal{Detail::E_ARG, fmt::format("{} areas: 1 or 2 can be set", count)};
    const Address first = image::kMailboxAddress + image::kMailboxBytes;
    const std::uint32_t size = count * kAreaRecordBytes;
    if (request.payload_bytes != size || request.payload_address % 8 != 0 ||
        request.payload_address < first ||
        request.payload_address > image::kStagingLast + 1 - align_up(size, 8U))
        return Refusal{Detail::E_ARG, "the records of the areas lie outside the staging window"};
    return TRY(copy(request.payload_address, size));
}

void MailboxReader::wipe_staging() {
    static_cast<void>(bus_.fill(image::kMailboxAddress, image::kStagingLast + 1 - image::kMailboxAddress, 0));
}

}  // namespace h7::rss

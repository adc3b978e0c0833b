#include "rss/services/secure_areas.hpp"

#include <fmt/format.h>

namespace h7::rss {
namespace {

constexpr std::uint32_t kRecordBytes = 12, kSmallest = 512;

struct Request {
    std::uint32_t size, start;
    bool remove_with_bank;
};

Request request_at(ByteView records, std::uint32_t n) {
    const std::size_t at = n * kRecordBytes;
    return {load_le32(records, at), load_le32(records, at + 4), load_le32(records, at + 8) != 0};
}

Answer<> check(const Request& area, std::uint32_t n) {
    if (area.size < kSmallest || area.size % kBlock != 0)
        return Refusal{Detail::E_SIZE, fmt::format("area {}: {} bytes are no multiple of 256 of at least 512",
                                                   n + 1, area.size)};
    if (area.start % kBlock != 0)
        return Refusal{Detail::E_ALIGN,
                       fmt::format("area {}: 0x{:08X} is not 256-byte aligned", n + 1, area.start)};
    const std::uint32_t offset = area.start % kBankBytes;
    if (area.start < kUserFlash || area.start >= kUserFlashEnd || area.size > kBankBytes - offset)
        return Refusal{Detail::E_RANGE, fmt::format("area {}: 0x{:08X} + {} bytes is not inside one bank",
                                                    n + 1, area.start, area.size)};
    return {};
}

}  // namespace

Answer<OptionWords> plan_secure_areas(const OptionWords& now, bool swapped, std::uint32_t count,
                                      ByteView records) {
    if (area_of(now[kScar1]).valid() || area_of(now[kScar2]).valid())
        return Refusal{Detail::E_EXISTS, "a secure area exists already: the service sets areas once (R-036)"};
    if (count < 1 || count > 2 || records.size() < count * kRecordBytes)
        return Refusal{Detail::E_ARG, fmt::format("{} areas: 1 or 2 can be set", count)};

    OptionWords words = now;
    bool set[2] = {false, false};
    for (std::uint32_t n = 0; n < count; ++n) {
        const Request area = request_at(records, n);
        if (area.size == 0) continue;  // an empty record
        TRY(check(area, n));
        const unsigned bank = (area.start >= kUserFlash + kBankBytes) != swapped ? 1 : 0;
        if (set[bank]) return Refusal{Detail::E_BANK, "both areas lie in one bank"};
        set[bank] = true;
        words[bank == 0 ? kScar1 : kScar2] =
            security::limits_of(area.start % kBankBytes, area.size, area.remove_with_bank);
    }
    if (rdp_of(now[kOptsr]) == security::Rdp::level2)
        return Refusal{Detail::E_RDP, "options are frozen at RDP level 2 (F-160)"};
    if (!set[0] && !set[1]) return Refusal{Detail::E_ARG, "every area is empty"};
    return words;
}

AreaChoice choose_secure_area(const OptionWords& now, bool swapped, Address boot_address) {
    const auto area_in = [&](Bank bank) -> std::optional<SecureArea> {
        const Area blocks = area_of(now[bank == Bank::one ? kScar1 : kScar2]);
        if (!blocks.valid()) return std::nullopt;
        const Address window = kUserFlash + ((bank == Bank::two) != swapped ? kBankBytes : 0);
        return SecureArea{bank, window + blocks.offset()};
    };
    const auto low = area_in(swapped ? Bank::two : Bank::one),
               high = area_in(swapped ? Bank::one : Bank::two);
    if (!low && !high) return {};
    if (swapped && !(low && high)) return {AreaChoice::Kind::undo_swap, {}};
    if (swapped) return {AreaChoice::Kind::start, *low};
    if (!low || !high) return {AreaChoice::Kind::start, low ? *low : *high};
    const auto distance = [&](const SecureArea& area) {
        return area.start > boot_address ? area.start - boot_address : boot_address - area.start;
    };
    return {AreaChoice::Kind::start, distance(*high) < distance(*low) ? *high : *low};
}

}  // namespace h7::rss

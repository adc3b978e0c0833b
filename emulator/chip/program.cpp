// Firmware from the host, written as a programmer would before power-on (D-31).
#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "emulator/chip/board.hpp"
#include "emulator/security/access_policy.hpp"
#include "emulator/security/areas.hpp"
#include "emulator/security/rule_text.hpp"

namespace h7::chip {
namespace {

constexpr std::uint32_t kFlashWord = 32;
constexpr Address kBank1 = 0x0800'0000, kBank2 = 0x0810'0000;

struct Place {
    unsigned bank;         // physical: 0 or 1
    std::uint32_t offset;  // in the bank
};

Result<Place> flash_place(Address address, const flash::Image& image, unsigned banks) {
    const bool swapped = test_bit(image.options[flash::kOptsr], 31);
    const unsigned window = address >= kBank2 ? 1 : 0;
    const Place place{window ^ (swapped ? 1U : 0U), address - (window == 0 ? kBank1 : kBank2)};
    if (place.bank >= banks || place.offset >= image.user[0].data.size())
        return misuse(fmt::format("0x{:08x}: outside the flash of this part (system.md 1.1)", address));
    return place;
}

/// The words of `h7rss explain` and of the trace.
Error refusal(Address address, std::string_view where, std::string_view rule) {
    const security::RuleText text = security::rule_text(rule);
    return refused(fmt::format("0x{:08x}, {}: {} ({}{}{})", address, where, text.sentence, rule,
                               text.section.empty() ? "" : ", RM0399 ", text.section));
}

/// What the policy says to a debugger that programs this block: whoever writes from outside is one.
Result<void> check_open(const flash::OptionWords& options, Place place, Address address,
                        const flash::OptionTraits& part) {
    using enum security::SecureOnly;
    if (flash::rdp_of(options) == security::Rdp::level2) return refusal(address, "from outside", "F-202");
    const std::uint32_t sector = place.offset / security::kSector;
    const bool security = (options[flash::kOptsr] & flash::optsr::kSecurity) != 0;
    const security::Rule& row = security::decided_rule(
        {flash::rdp_of(options), true,
         !part.security_capable ? without_effect
         : security             ? gated
                                : sealed},
        {security::Region::user, flash::pcrop_of(options, place.bank, part).contains(place.offset),
         flash::secure_of(options, place.bank, part).contains(place.offset),
         !test_bit(options[flash::wpsn(place.bank)], sector)},
        {security::Action::program, security::By::debugger, Context::application});
    if (row.verdict == security::allow) return {};
    return refusal(address, fmt::format("bank {} sector {}", place.bank + 1, sector), row.cite);
}

Result<void> program_flash(flash::Image& image, const Chip::Piece& piece, bool security_capable,
                           unsigned banks) {
    const flash::OptionTraits part{security_capable, static_cast<std::uint32_t>(image.user[0].data.size())};
    for (std::size_t i = 0; i < piece.bytes.size(); ++i) {
        const Address address = piece.address + static_cast<Address>(i);
        const Place place = TRY(flash_place(address, image, banks));
        if (i == 0 || aligned<Address>(address, security::kBlock))
            TRY(check_open(image.options, place, address, part));
        flash::ArrayImage& bank = image.user[place.bank];
        bank.data[place.offset] = piece.bytes[i];
        const std::size_t word = place.offset / kFlashWord;
        bank.words[word] = flash::WordState::programmed;
        bank.writers.set(word, {.origin = flash::FirstWriter::Origin::programmer});
    }
    return {};
}

}  // namespace

Result<void> Chip::program(const std::vector<Piece>& pieces) {
    Board& b = *board_;
    assert(!b.powered && "program() is for a chip without power");
    flash::Image image = b.flash.image();
    auto ram_pieces = b.ram_pieces;
    // By the other reading of D-03 an area without SECURITY is none, as on a part without secure access mode.
    const bool areas_count =
        b.config.part->security && (!b.config.readings.flash.sealed_areas_ignored ||
                                    (image.options[flash::kOptsr] & flash::optsr::kSecurity) != 0);
    for (const Piece& piece : pieces) {
        if (piece.bytes.empty()) continue;
        const std::uint64_t last = std::uint64_t{piece.address} + piece.bytes.size() - 1;
        const Region* region = find_region(piece.address, Master::cm7);
        if (region == nullptr || last > region->last ||
            (region->target != Target::ram && region->target != Target::flash))
            return misuse(
                fmt::format("0x{:08x}-0x{:08x}: no flash or RAM there (system.md 1.1)", piece.address, last));
        if (region->target == Target::ram)
            ram_pieces.emplace_back(region->canonical_of(piece.address),
                                    Bytes(piece.bytes.begin(), piece.bytes.end()));
        else
            TRY(program_flash(image, piece, areas_count, b.config.part->banks));
    }
    b.ram_pieces = std::move(ram_pieces);
    b.flash.set_image(image);
    b.drop_code(kBank1, 0x20'0000);
    return {};
}

}  // namespace h7::chip

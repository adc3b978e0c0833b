// Firmware from the host, written as a programmer would before power-on (D-31).
#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "emulator/chip/board.hpp"
#include "emulator/security/areas.hpp"

namespace h7::chip {
namespace {

constexpr std::uint32_t kFlashWord = 32;
constexpr std::uint32_t kSectorBytes = 128 * 1024;
constexpr Address kBank1 = 0x0800'0000, kBank2 = 0x0810'0000;

struct Place {
    unsigned bank;         // physical: 0 or 1
    std::uint32_t offset;  // in the bank
};

Result<Place> flash_place(Address address, bool swapped, std::size_t bank_bytes) {
    const unsigned window = address >= kBank2 ? 1 : 0;
    const Place place{window ^ (swapped ? 1U : 0U), address - (window == 0 ? kBank1 : kBank2)};
    if (place.offset >= bank_bytes)
        return misuse(fmt::format("0x{:08x}: outside the flash of this part (system.md 1.1)", address));
    return place;
}

Result<void> check_open(const flash::OptionWords& options, Place place, Address address,
                        bool security_capable) {
    const std::uint32_t sector = place.offset / kSectorBytes;
    const std::uint32_t block = place.offset / 256;
    if (!test_bit(options[place.bank == 0 ? flash::kWpsn1 : flash::kWpsn2], sector))
        return refused(fmt::format("0x{:08x}: sector {} of bank {} is write-protected (F-191)", address,
                                   sector, place.bank + 1));
    const auto inside = [&](std::uint32_t word) {
        const std::uint32_t start = extract(word, 11, 0), end = extract(word, 27, 16);
        return start == end || (start < end && block >= start && block <= end);
    };
    if (inside(options[place.bank == 0 ? flash::kPrar1 : flash::kPrar2]))
        return refused(fmt::format("0x{:08x}: inside a PCROP area (F-221)", address));
    if (security_capable && inside(options[place.bank == 0 ? flash::kScar1 : flash::kScar2]))
        return refused(fmt::format("0x{:08x}: inside a secure-only area (F-231)", address));
    return {};
}

}  // namespace

Result<void> Chip::program(const std::vector<Piece>& pieces) {
    Board& b = *board_;
    assert(!b.powered && "program() is for a chip without power");
    flash::Image image = b.flash.image();
    const bool swapped = test_bit(image.options[flash::kOptsr], 31);
    auto ram_pieces = b.ram_pieces;
    for (const Piece& piece : pieces) {
        if (piece.bytes.empty()) continue;
        const auto last = static_cast<std::uint64_t>(piece.address) + piece.bytes.size() - 1;
        const Region* region = find_region(piece.address, Master::cm7);
        if (region == nullptr || last > region->last ||
            (region->target != Target::ram && region->target != Target::flash))
            return misuse(
                fmt::format("0x{:08x}-0x{:08x}: no flash or RAM there (system.md 1.1)", piece.address, last));
        if (region->target == Target::ram) {
            ram_pieces.emplace_back(region->canonical_of(piece.address),
                                    Bytes(piece.bytes.begin(), piece.bytes.end()));
            continue;
        }
        if (extract(image.options[flash::kOptsr], 15, 8) != 0xAA)
            return refused(fmt::format(
                "0x{:08x}: RDP is not level 0, flash cannot be written from outside (F-200)", piece.address));
        for (std::size_t i = 0; i < piece.bytes.size(); ++i) {
            const Address address = piece.address + static_cast<Address>(i);
            const Place place = TRY(flash_place(address, swapped, image.user[0].data.size()));
            if (i == 0 || aligned<Address>(address, 256))
                TRY(check_open(image.options, place, address, b.config.part->security));
            flash::ArrayImage& bank = image.user[place.bank];
            bank.data[place.offset] = piece.bytes[i];
            bank.words[place.offset / kFlashWord] = flash::WordState::programmed;
        }
    }
    b.ram_pieces = std::move(ram_pieces);
    b.flash.set_image(image);
    b.drop_code(kBank1, 0x20'0000);
    return {};
}

}  // namespace h7::chip

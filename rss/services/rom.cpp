#include "rss/services/rom.hpp"

#include <algorithm>

#include "rss/services/stubs.hpp"

namespace h7::rss {
namespace {

constexpr Address kPrivateEnd = 0x1FF0'8000;  // D-07: below is ST's secure part
constexpr std::uint32_t kBootStack = 0x2000'2000;
constexpr unsigned kVectors = 16 + 150;  // system exceptions and the 150 lines of the NVIC
constexpr std::uint16_t kWfi = 0xBF30;
constexpr std::uint16_t kBranchToWfi = 0xE7FD;  // b .-2
constexpr std::uint16_t kBranchToSelf = 0xE7FE;

constexpr Address kUid = 0x1FF1'E800, kTsCal1 = 0x1FF1'E820, kTsCal2 = 0x1FF1'E840, kVrefintCal = 0x1FF1'E860;
constexpr Address kFlashSize = 0x1FF1'E880, kLineIdentifier = 0x1FF1'E8C0;

class Rom {
public:
    Rom() : bytes_(kRomBytes, 0xFF) { std::fill_n(bytes_.begin(), kPrivateEnd - kRomBase, std::uint8_t{0}); }

    void half(Address at, std::uint16_t value) { store_le<std::uint16_t>(&bytes_[at - kRomBase], value); }
    void word(Address at, std::uint32_t value) { store_le<std::uint32_t>(&bytes_[at - kRomBase], value); }
    void byte(Address at, std::uint8_t value) { bytes_[at - kRomBase] = value; }
    void copy(Address at, ByteView bytes) {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin() + (at - kRomBase));
    }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

constexpr std::uint32_t thumb(Address code) { return code | 1U; }

}  // namespace

Bytes rom_image(const Identity& identity, const PartFacts& part) {
    Rom rom;
    for (Address slot = kTable; slot < kTable + 0x40; slot += 4) rom.word(slot, 0);
    for (const Stub& stub : kStubTable) {
        if (stub.slot != 0) rom.word(stub.slot, thumb(stub.code));
        rom.half(stub.code, kStubBkpt);
        rom.half(stub.code + 2, kStubUdf);
    }

    // The bootloader waits for its host: nothing else is behind this entry yet.
    constexpr Address kUnexpected = kBootEntry + 8;
    rom.word(kBootVectors, kBootStack);
    rom.word(kBootVectors + 4, thumb(kBootEntry));
    for (unsigned n = 2; n < kVectors; ++n) rom.word(kBootVectors + 4 * n, thumb(kUnexpected));
    rom.half(kBootEntry, kWfi);
    rom.half(kBootEntry + 2, kBranchToWfi);
    rom.half(kUnexpected, kBranchToSelf);

    rom.copy(kCertificate, identity.certificate);
    rom.byte(kBootloaderId, part.bootloader_id);
    rom.copy(kUid, identity.uid);
    rom.half(kTsCal1, part.ts_cal1);
    rom.half(kTsCal2, part.ts_cal2);
    rom.half(kVrefintCal, part.vrefint_cal);
    rom.half(kFlashSize, static_cast<std::uint16_t>(part.flash_kilobytes));
    rom.word(kLineIdentifier, part.line_identifier);
    return rom.take();
}

}  // namespace h7::rss

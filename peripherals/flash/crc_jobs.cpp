// The CRC unit at work on the banks.
#include "peripherals/flash/registers.hpp"

namespace h7::flash {

BusResult<void> Controller::obey_crc(const RegisterWrite& write) {
    const unsigned set = write.index;
    const auto asked = [&write](std::uint32_t mask) { return (write.value & mask) != 0; };
    if (asked(regs_.mask<"CRCCR.CLEAN_CRC">())) crc_.data = 0;  // F-114
    if (asked(regs_.mask<"CRCCR.CLEAN_SECT">())) {
        crc_.sectors[set] = 0;
        crc_.whole_bank[set] = false;
    }
    if (asked(regs_.mask<"CRCCR.ADD_SECT">())) crc_.sectors[set] |= 1U << regs_.get<"CRCCR.CRC_SECT">(set);
    if (asked(regs_.mask<"CRCCR.ALL_BANK">())) {
        crc_.sectors[set] = (1U << geometry_.sectors_per_bank) - 1;
        crc_.whole_bank[set] = true;
    }
    if (asked(regs_.mask<"CRCCR.START_CRC">())) start_crc(set);
    return {};
}

/// What START_CRC covers, in ascending order; empty ranges fill up (F-107, A-17, A-18).
std::array<CrcRange, 8> Controller::crc_ranges(unsigned set) const {
    std::array<CrcRange, 8> ranges{};
    if (regs_.get<"CRCCR.CRC_BY_SECT">(set) == 0 && !crc_.whole_bank[set]) {
        ranges[0] = crc_range(regs_.get<"CRCSADD">(set), regs_.get<"CRCEADD">(set),
                              regs_.get<"CRCCR.CRC_BURST">(set));
        return ranges;
    }
    for (unsigned n = 0; n < ranges.size(); ++n)
        if ((crc_.sectors[set] >> n & 1U) != 0) ranges[n] = {n * security::kSector, security::kSector};
    return ranges;
}

void Controller::start_crc(unsigned set) {
    if (crc_.busy) return;  // F-100: one at a time
    std::uint64_t words = 0;
    for (const CrcRange& range : crc_ranges(set)) words += range.size / kWord;
    crc_.busy = set;
    if (timing_.crc_word == 0 || words == 0) return finish_crc();
    crc_.ends = ports_.clock.now() + words * timing_.crc_word;
    crc_.event = ports_.clock.at(crc_.ends, "flash CRC ends", [this] { finish_crc(); });
}

void Controller::finish_crc() {
    touch();
    const unsigned set = *crc_.busy;
    const unsigned bank = bank_of(set);
    crc_.busy.reset();
    crc_.event = 0;
    bool refused = false;
    for (const CrcRange& range : crc_ranges(set)) crc_.data = crc_over_range(bank, range, crc_.data, refused);
    raise(bank, sr::kCrcend | (refused ? sr::kCrcrderr : 0));  // F-117, F-119
}

/// Protected blocks enter as zeros. The CRC unit raises no other flag, ECC ones included (F-119).
std::uint32_t Controller::crc_over_range(unsigned bank, CrcRange range, std::uint32_t state,
                                         bool& refused) const {
    static constexpr std::array<std::uint8_t, security::kBlock> kZeros{};
    const security::Protection chip = facts();
    const Array& cells = banks_[bank].user;
    constexpr std::uint32_t kPiece = 128;  // the smallest burst: no block limit inside
    for (std::uint32_t at = range.first; at < range.first + range.size; at += kPiece) {
        const Place place = locate_canonical(kUser + bank * kUserBank + at);
        const bool open =
            security::decided_rule(chip, protections(place), {security::Action::checksum}).verdict ==
            security::allow;  // the rows for checksums are the same for every master
        refused = refused || !open;
        state = crc_over(
            state, open ? ByteView(cells.memory().data() + at, kPiece) : ByteView(kZeros.data(), kPiece));
    }
    return state;
}

/// CRC_EN 1 -> 0 (F-112, A-20).
void Controller::stop_crc(unsigned set) {
    if (crc_.busy == set) {
        ports_.clock.cancel(crc_.event);
        crc_.event = 0;
        crc_.busy.reset();
    }
    crc_.sectors[set] = 0;
    crc_.whole_bank[set] = false;
    crc_.data = 0;
    regs_.set<"CRCCR">(0x001C'0000, set);
}

}  // namespace h7::flash

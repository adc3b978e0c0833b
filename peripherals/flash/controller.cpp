#include "peripherals/flash/controller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "emulator/security/rule_text.hpp"
#include "peripherals/flash/registers.hpp"

namespace h7::flash {
namespace {

constexpr std::uint32_t kRssPrivate = 0x8000;  // D-07: first bytes of system flash bank 1
constexpr std::uint32_t kWide = 1024;          // the larger granule of a view

constexpr std::uint32_t bit_of(security::Flag flag) {
    switch (flag) {
        case security::Flag::none:
            return 0;
        case security::Flag::wrperr:
            return sr::kWrperr;
        case security::Flag::rdperr:
            return sr::kRdperr;
        case security::Flag::rdserr:
            return sr::kRdserr;
        case security::Flag::crcrderr:
            return sr::kCrcrderr;
    }
    return 0;
}

}  // namespace

Timing Timing::typical() {
    Timing t;
    t.program_word = {290 * kMicrosecond, 180 * kMicrosecond, 130 * kMicrosecond, 100 * kMicrosecond};
    t.erase_sector = {2 * kSecond, 1800 * kMillisecond, 1100 * kMillisecond, 1 * kSecond};
    t.erase_bank = {13 * kSecond, 8 * kSecond, 6 * kSecond, 5 * kSecond};
    t.option_change = 20 * kMillisecond;
    t.crc_word = 125 * kNanosecond;  // 8 bus clocks at 64 MHz
    return t;
}

Controller::Controller(Geometry geometry, Ports ports)
    : RegisterBlock("FLASH", 0x5200'2000, 0x1000),
      geometry_(geometry),
      ports_(ports),
      banks_{Bank(geometry.sectors_per_bank * std::size_t{security::kSector}, kSystemSize),
             Bank(geometry.sectors_per_bank * std::size_t{security::kSector}, kSystemSize)},
      locks_{KeyLock(0x4567'0123, 0xCDEF'89AB), KeyLock(0x4567'0123, 0xCDEF'89AB)},
      option_lock_(0x0819'2A3B, 0x4C5D'6E7F) {
    for (std::size_t word = 0; word < kOptionWords; ++word) cur_[word] &= geometry_.option_bits()[word];
    refresh_areas();
    load_requested();
}

Controller::~Controller() {
    for (const Bank& bank : banks_) ports_.clock.cancel(bank.event);
    ports_.clock.cancel(crc_.event);
    if (change_) ports_.clock.cancel(change_->event);
}

// --- where things are ---

Controller::Place Controller::locate(Address visible) const {
    Place place = locate_canonical(visible);
    if (visible >= kUser && visible < kUser + 2 * kUserBank &&
        swapped_) {  // F-121: system flash is never swapped
        place.bank ^= 1U;
        place.canonical ^= kUserBank;
    }
    return place;
}

Controller::Place Controller::locate_canonical(Address canonical) const {
    Place place;
    place.canonical = canonical;
    if (canonical >= kUser && canonical < kUser + 2 * kUserBank) {
        place.bank = canonical >= kUser + kUserBank ? 1 : 0;
        place.offset = canonical % kUserBank;
        place.reserved = absent(place.bank) || place.offset >= banks_[place.bank].user.size();
        return place;
    }
    place.system = true;
    place.bank = canonical >= kSystem2 ? 1 : 0;
    place.offset = canonical - (place.bank == 0 ? kSystem1 : kSystem2);
    place.reserved = canonical < kSystem1 || place.offset >= kSystemSize;
    return place;
}

security::Place Controller::protections(const Place& place) const {
    security::Place facts;
    if (place.reserved) {
        facts.region = security::Region::reserved;
    } else if (place.system) {
        facts.region = place.bank == 1              ? security::Region::system2
                       : place.offset < kRssPrivate ? security::Region::rss1
                                                    : security::Region::system1;
    } else {
        facts.pcrop = pcrop_[place.bank].contains(place.offset);
        facts.secure = secure_[place.bank].contains(place.offset);
        facts.write_protected = !test_bit(cur_[wpsn(place.bank)], place.offset / security::kSector);
    }
    return facts;
}

security::Place Controller::sector_protections(unsigned bank, unsigned sector) const {
    security::Place facts;
    if (absent(bank) || sector >= geometry_.sectors_per_bank) {
        facts.region = security::Region::reserved;
        return facts;
    }
    facts.pcrop = pcrop_[bank].touches_sector(sector);
    facts.secure = secure_[bank].touches_sector(sector);
    facts.write_protected = !test_bit(cur_[wpsn(bank)], sector);
    return facts;
}

security::Protection Controller::facts() const {
    const security::SecureMode& secure = ports_.secure;
    const auto mode = !secure.capable()                ? security::SecureOnly::without_effect
                      : secure.latched()               ? security::SecureOnly::gated
                      : readings_.sealed_areas_ignored ? security::SecureOnly::without_effect
                                                       : security::SecureOnly::sealed;
    return {rdp_of(cur_), secure.intrusion(), mode};
}

// --- reads ---

BusResult<std::uint64_t> Controller::read_array(const Access& access) {
    touch();
    const unsigned first = std::min<unsigned>(access.size, kWord - access.address % kWord);
    if (first == access.size) return read_word_part(access);
    Access low = access;  // an access across two flash words is two beats
    low.size = static_cast<std::uint8_t>(first);
    Access high = access;
    high.address += first;
    high.size = static_cast<std::uint8_t>(access.size - first);
    const std::uint64_t start = TRY(read_word_part(low));
    const std::uint64_t rest = TRY(read_word_part(high));
    return start | rest << (8 * first);
}

BusResult<std::uint64_t> Controller::read_word_part(const Access& access) {
    const Place place = locate(access.address);
    const auto action = access.op == Op::fetch ? security::Action::fetch : security::Action::read;
    const security::Rule& row = security::decided_rule(facts(), protections(place),
                                                       {action, security::by(access.master), access.context});
    if (row.verdict.answer != security::Answer::done) {  // F-045: no array access, so no stall
        refuse(place.bank, place.canonical, row, access.master, access.context, security::name_of(action));
        raise(place.bank, bit_of(row.verdict.flag));
        if (row.verdict.answer == security::Answer::zero) return std::uint64_t{0};
        return bus_error(row.id, row.cite);
    }
    if (stalls(place.bank)) return wait_until(stall_end(place.bank), "the flash bank is busy", "F-043");
    const Array& cells = array(place);
    const WordState state = cells.state(place.offset);
    if (state == WordState::ecc_single || state == WordState::ecc_double) {
        const bool fatal = state == WordState::ecc_double;
        banks_[place.bank].report_ecc(fatal ? sr::kDbeccerr : sr::kSneccerr, place.offset);
        update_irq();
        tell_ecc(access, place, fatal);
        if (fatal) return bus_error("double ECC error in the flash word", "F-036");
    }
    std::uint64_t value = 0;
    std::memcpy(&value, cells.memory().data() + place.offset, access.size);
    return value;
}

std::size_t Controller::read_plain(Address visible, Master master, Context context, MutableBytes out) const {
    const security::Protection chip = facts();
    const security::By who = security::by(master);
    std::size_t done = 0;
    while (done < out.size()) {
        const Place place = locate(visible + static_cast<Address>(done));
        if (place.reserved || stalls(place.bank)) break;
        const security::Request request{security::Action::read, who, context};
        if (security::decided_rule(chip, protections(place), request).verdict != security::allow) break;
        // The rest of the block, or of the bank where no area and no bad word is: all is judged alike there.
        const Array& cells = array(place);
        const bool alike = !place.system && !pcrop_[place.bank].valid() && !secure_[place.bank].valid() &&
                           !cells.any_flagged(0, cells.size());
        const std::uint32_t end =
            alike ? cells.size() : align_down(place.offset, security::kBlock) + security::kBlock;
        if (!alike && cells.any_flagged(align_down(place.offset, security::kBlock), security::kBlock)) break;
        const std::size_t size = std::min<std::size_t>(out.size() - done, end - place.offset);
        std::memcpy(out.data() + done, cells.memory().data() + place.offset, size);
        done += size;
    }
    return done;
}

Judgement Controller::judge(Address visible, security::Action action, Master master, Context context) const {
    const Place place = locate(visible);
    const bool sector = action == security::Action::erase && !place.system;
    Judgement j;
    j.chip = facts();
    j.place = sector ? sector_protections(place.bank, place.offset / security::kSector) : protections(place);
    j.request = {action, security::by(master), context};
    j.row = &security::decided_rule(j.chip, j.place, j.request);
    j.bank = place.bank;
    j.system = place.system;
    j.canonical = place.canonical;
    j.offset = place.offset;
    if (!place.reserved) {
        j.word = array(place).state(place.offset);
        j.writer = array(place).first_writer(place.offset);
    }
    return j;
}

View Controller::view(Address visible, Master master, Context context) const {
    const Place place = locate(visible);
    View view;
    view.canonical = place.canonical;
    if (place.reserved) {
        view.granule = kWide;
        return view;
    }
    const security::Protection chip = facts();
    const security::Place here = protections(place);
    const security::By who = security::by(master);
    view.read =
        security::decided_rule(chip, here, {security::Action::read, who, context}).verdict == security::allow;
    view.execute = security::decided_rule(chip, here, {security::Action::fetch, who, context}).verdict ==
                   security::allow;

    const Array& cells = array(place);
    const std::uint32_t block = align_down(place.offset, security::kBlock);
    const std::uint32_t wide = align_down(place.offset, kWide);
    if (cells.any_flagged(block, security::kBlock)) view.read = false;
    if (cells.state(place.offset) == WordState::ecc_double) view.execute = false;

    bool uniform = !cells.any_flagged(wide, kWide);
    for (std::uint32_t at = wide; uniform && at < wide + kWide; at += security::kBlock) {
        Place other = place;
        other.offset = at;
        uniform = protections(other) == here;
    }
    view.granule = uniform ? kWide : security::kBlock;
    view.stalled = stalls(place.bank);
    view.until = view.stalled ? stall_end(place.bank) : 0;
    return view;
}

// --- writes ---

BusResult<void> Controller::write_array(const Access& access, std::uint64_t value) {
    touch();
    const unsigned first = std::min<unsigned>(access.size, kWord - access.address % kWord);
    if (first == access.size) return write_word_part(access, value);
    Access low = access;
    low.size = static_cast<std::uint8_t>(first);
    Access high = access;
    high.address += first;
    high.size = static_cast<std::uint8_t>(access.size - first);
    TRY(write_word_part(low, value));
    return write_word_part(high, value >> (8 * first));
}

BusResult<void> Controller::write_word_part(const Access& access, std::uint64_t value) {
    const Place place = locate(access.address);
    Bank& bank = banks_[place.bank];
    if (cut_) return {};
    const auto lost = [&](std::uint32_t flag, std::string_view name, std::string_view id,
                          std::string_view rule) {
        bank.buffer.discard();
        refuse(
            {name, place.bank + 1, place.canonical, access.master, access.context, "program", id, rule, ""});
        raise(place.bank, flag);
        return BusResult<void>{};
    };
    if ((bank.flags & sr::kIncerr) != 0)
        return lost(sr::kPgserr, "PGSERR", "inconsistency-not-cleared", "F-254");
    if ((bank.flags & sr::kPgserr) != 0)
        return lost(sr::kPgserr, "PGSERR", "sequence-error-not-cleared", "F-249");
    if (regs_.get<"CR.PG">(set_of(place.bank)) == 0)
        return lost(sr::kPgserr, "PGSERR", "program-without-pg", "F-062");
    if (bank.waiting_write && bank.buffer.completed_by(place.canonical, access.size))
        return wait_until(stall_end(place.bank), "the flash write queue is full", "F-010");

    const bool begins = bank.buffer.empty();
    switch (bank.buffer.take(place.canonical, access.size, value, access.master, access.context)) {
        case WriteBuffer::Took::inconsistent:
            return lost(sr::kIncerr, "INCERR", "mixed-flash-words", "F-253");
        case WriteBuffer::Took::replaced:
            raise(place.bank, sr::kStrberr);
            break;
        case WriteBuffer::Took::taken:
            if (begins)
                bank.buffer.begun(ports_.clock.now(), pc_of ? pc_of(access.master) : FirstWriter::kNoPc);
            break;
    }
    if (bank.buffer.complete()) queue_write(place.bank);
    return {};
}

void Controller::write_rom(Address address, ByteView bytes) {
    touch();
    assert(address >= kSystem1 && address - kSystem1 + bytes.size() <= kSystemSize);
    const std::uint32_t offset = address - kSystem1;
    Array& rom = banks_[0].system;
    std::copy(bytes.begin(), bytes.end(), rom.memory().data() + offset);
    for (std::uint32_t at = align_down(offset, kWord); at < offset + bytes.size(); at += kWord)
        rom.set_state(at, WordState::programmed);
    contents(address, static_cast<std::uint32_t>(bytes.size()));
}

// --- stalls, flags, words for people ---

bool Controller::stalls(unsigned bank) const {
    return banks_[bank].running || (change_ && change_->started && (bank == 0 || change_->regression));
}

Time Controller::stall_end(unsigned bank) const {
    if (banks_[bank].running) return banks_[bank].ends;
    if (change_ && change_->started) return change_->ends;
    return stalls(bank ^ 1U) ? stall_end(bank ^ 1U) : ports_.clock.now();
}

bool Controller::busy() const { return !banks_[0].idle() || !banks_[1].idle() || change_.has_value(); }

bool Controller::busy_for_low_power() const {
    return busy() || !banks_[0].buffer.empty() || !banks_[1].buffer.empty();
}

void Controller::raise(unsigned bank, std::uint32_t flags) {
    banks_[bank].flags |= flags;
    update_irq();
}

void Controller::update_irq() {
    bool level = option_error_ && regs_.get<"OPTCR.OPTCHANGEERRIE">() != 0;
    for (unsigned bank = 0; bank < 2; ++bank) {
        std::uint32_t flags = banks_[bank].flags;
        if ((flags & sr::kCrcend) == 0) flags &= ~sr::kCrcrderr;  // F-263
        level = level || (flags & regs_.get<"CR">(set_of(bank)) & sr::kAll) != 0;
    }
    irq.set(level);
}

void Controller::refuse(const Refusal& refusal) {
    last_refusal_ = refusal;
    if (on_refusal) on_refusal(refusal);
    if (trace_ == nullptr || !trace_->on()) return;
    const bool option = refusal.bank == 0;
    const std::string flag =
        option ? std::string(refusal.flag) : fmt::format("{}{}", refusal.flag, refusal.bank);
    trace_->line(option ? Topic::option : Topic::flash,
                 fmt::format("{}: {} {}by {} ({}) refused by {}, {}{}{}", flag, refusal.what,
                             option ? "" : fmt::format("at 0x{:08x} ", refusal.address),
                             name_of(refusal.master), name_of(refusal.context), refusal.id, refusal.rule,
                             refusal.why.empty() ? "" : ": ", refusal.why));
}

void Controller::refuse(unsigned bank, Address canonical, const security::Rule& row, Master master,
                        Context context, std::string_view what) {
    const std::string_view flag = row.verdict.flag == security::Flag::none
                                      ? std::string_view("bus error, bank ")
                                      : name_of(row.verdict.flag);
    refuse({flag, bank + 1, canonical, master, context, what, row.id, row.cite,
            security::sentence_of(row.cite)});
}

void Controller::tell_ecc(const Access& access, const Place& place, bool fatal) {
    if (trace_ == nullptr || !trace_->on()) return;
    trace_->line(
        Topic::flash,
        fmt::format("{}{}: {} at 0x{:08x} by {} ({}) meets {}; the flash word was first programmed by: {}",
                    fatal ? "DBECCERR" : "SNECCERR", place.bank + 1, name_of(access.op), place.canonical,
                    name_of(access.master), name_of(access.context),
                    fatal ? "a double ECC error, F-036" : "a single ECC error, F-035",
                    text_of(array(place).first_writer(place.offset))));
}

void Controller::tell_spoiled(const Operation& op, const Place& place) {
    if (trace_ == nullptr || !trace_->on()) return;
    trace_->line(
        Topic::flash,
        fmt::format("the flash word at 0x{:08x} was not erased: its ECC is bad until it is "
                    "(D-12); programmed again by: {}; first by: {}",
                    op.target, text_of(op.writer()), text_of(array(place).first_writer(place.offset))));
}

std::optional<FirstWriter> Controller::first_writer(Address canonical) const {
    const Place place = locate_canonical(canonical);
    if (place.reserved || array(place).state(place.offset) == WordState::erased) return std::nullopt;
    return array(place).first_writer(place.offset);
}

void Controller::inject_ecc(Address canonical, WordState state) {
    touch();
    const Place place = locate_canonical(canonical);
    assert(!place.reserved);
    array(place).set_state(place.offset, state);
    rights();
}

}  // namespace h7::flash

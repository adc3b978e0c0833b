// Option bytes in the chip: OPTSTART, loading, regression, reset, and what survives without power.
#include <fmt/format.h>

#include "peripherals/flash/registers.hpp"

namespace h7::flash {
namespace {

/// Bits that exist in each option word (F-149..F-154).
constexpr OptionWords kExisting = {optsr::kStored, 0x8FFF'0FFF, 0x8FFF'0FFF, 0x8FFF'0FFF, 0x8FFF'0FFF,
                                   0x0000'00FF,    0x0000'00FF, 0xFFFF'FFFF, 0xFFFF'FFFF};
/// Of OPTSR: IWDG2_SW, BCM4, BCM7, NRST_STOP_D2, NRST_STBY_D2 (flash-driver-view.md 14).
constexpr std::uint32_t kOfTwoCores = 0x03C0'0020;

Asker asker_of(const Access& who) {  // D-22
    if (who.master != Master::cm7) return Asker::application;
    if (who.context == Context::rss) return Asker::rss;
    return who.context == Context::secure_user ? Asker::secure_user : Asker::application;
}

}  // namespace

OptionWords Geometry::option_bits() const {
    OptionWords bits = kExisting;
    if (!second_bank) bits[kOptsr] &= ~optsr::kSwapBank;
    if (!second_core) {
        bits[kOptsr] &= ~kOfTwoCores;
        bits[kBoot4] = 0;
    }
    return bits;
}

OptionTraits Controller::traits() const {
    return {ports_.secure.capable(), geometry_.sectors_per_bank * security::kSector};
}

void Controller::refresh_areas() {
    for (unsigned bank = 0; bank < 2; ++bank) {
        pcrop_[bank] = pcrop_of(cur_, bank, traits());
        secure_[bank] = secure_of(cur_, bank, traits());
    }
}

OptionWords Controller::requested() const {
    OptionWords words{};
    words[kOptsr] = regs_.get<"OPTSR_PRG">();
    for (unsigned bank = 0; bank < 2; ++bank) {
        words[prar(bank)] = regs_.get<"PRAR_PRG">(set_of(bank));
        words[scar(bank)] = regs_.get<"SCAR_PRG">(set_of(bank));
        words[wpsn(bank)] = regs_.get<"WPSN_PRG">(set_of(bank));
    }
    words[kBoot7] = regs_.get<"BOOT7_PRGR">();
    words[kBoot4] = regs_.get<"BOOT4_PRGR">() & geometry_.option_bits()[kBoot4];
    return words;
}

/// F-133: every PRG register shows CUR.
void Controller::load_requested() {
    regs_.set<"OPTSR_PRG">(cur_[kOptsr]);
    for (unsigned bank = 0; bank < 2; ++bank) {
        regs_.set<"PRAR_PRG">(cur_[prar(bank)], set_of(bank));
        regs_.set<"SCAR_PRG">(cur_[scar(bank)], set_of(bank));
        regs_.set<"WPSN_PRG">(cur_[wpsn(bank)], set_of(bank));
    }
    regs_.set<"BOOT7_PRGR">(cur_[kBoot7]);
    regs_.set<"BOOT4_PRGR">(cur_[kBoot4]);
}

/// Non-volatile words and CUR change together; protections act at once (F-148).
void Controller::take_options(const OptionWords& words) {
    cur_ = words;
    refresh_areas();
    load_requested();
    if (trace_ != nullptr && trace_->on())
        trace_->line(Topic::option,
                     fmt::format("option bytes: OPTSR {:08x} PRAR {:08x} {:08x} SCAR {:08x} {:08x} WPSN "
                                 "{:02x} {:02x} BOOT7 {:08x} BOOT4 {:08x}",
                                 words[kOptsr], words[kPrar1], words[kPrar2], words[kScar1], words[kScar2],
                                 words[kWpsn1], words[kWpsn2], words[kBoot7], words[kBoot4]));
    rights();
}

void Controller::start_option_change(const Access& who) {
    if (crc_.busy || cut_) return;  // F-099, F-147: silently; or MER of the same write lost the power
    const OptionWords words = requested();
    if (words == cur_) return;
    if (const auto no = refuse_change(cur_, words, asker_of(who), traits())) {
        option_error_ = true;  // F-144: PRG keeps the request
        refuse(
            {"OPTCHANGEERR", 0, 0, who.master, who.context, "option change", no->field, no->rule, no->why});
        update_irq();
        return;
    }
    change_ = OptionChange{words, is_regression(cur_, words)};
    pump_option_change();
}

/// The change has the array for itself once the banks it needs are idle.
void Controller::pump_option_change() {
    if (!change_ || change_->started) return;
    if (!banks_[0].idle() || (change_->regression && !banks_[1].idle())) return;
    change_->started = true;
    const Time time = timing_.option_change + (change_->regression ? timing_.erase_bank[3] : 0);
    if (time == 0) return finish_option_change();
    change_->ends = ports_.clock.now() + time;
    change_->event = ports_.clock.at(change_->ends, "option change ends", [this] { finish_option_change(); });
    rights();
}

void Controller::finish_option_change() {
    touch();
    change_->event = 0;
    const OptionChange change = *change_;
    if (change.regression && !erase_for_regression()) return;
    if (!step(Step{std::nullopt, change.words})) return lose_power();
    change_.reset();
    take_options(change.words);
    banks_[0].flags |= sr::kEop;  // F-143: the options live in bank 1
    if (change.regression) banks_[1].flags |= sr::kEop;
    update_irq();
    pump(0);
    pump(1);
    rights();
}

/// F-208..F-211. The secured regions go first: a power cut must not leave them. False: the power failed.
bool Controller::erase_for_regression() {
    if (secured_regions_erased) secured_regions_erased();
    const OptionWords words = change_->words;
    for (unsigned bank = 0; bank < 2; ++bank) {
        const std::uint32_t kept = sectors_kept(cur_, words, bank, traits());
        if (trace_ != nullptr && trace_->on())
            trace_->line(Topic::option,
                         fmt::format("regression erases bank {} except sectors {:#04x}", bank + 1, kept));
        if (!erase_sectors(bank, ~kept)) return false;
    }
    return true;
}

void Controller::set_readings(const Readings& readings) {
    readings_ = readings;
    rights();
}

// --- reset and power ---

void Controller::reset(ResetKind kind) {
    for (unsigned bank = 0; bank < 2; ++bank) {
        if (banks_[bank].running) tear(*banks_[bank].running);  // F-132
        ports_.clock.cancel(banks_[bank].event);
        banks_[bank].reset();
    }
    if (change_) {  // F-131: old values stay
        if (change_->started && change_->regression)
            for (unsigned bank = 0; bank < 2; ++bank) {
                const std::uint32_t kept = sectors_kept(cur_, change_->words, bank, traits());
                for (unsigned n = 0; n < geometry_.sectors_per_bank; ++n)
                    if ((kept >> n & 1U) == 0)
                        banks_[bank].user.tear_erase(n * security::kSector, security::kSector, random_);
                contents(kUser + bank * kUserBank, banks_[bank].user.size());
            }
        ports_.clock.cancel(change_->event);
        change_.reset();
    }
    ports_.clock.cancel(crc_.event);
    crc_ = {};
    regs_.reset();
    for (KeyLock& lock : locks_) lock.reset();
    option_lock_.reset();
    option_error_ = false;
    if (kind == ResetKind::power_on) cut_ = false;
    swapped_ = (cur_[kOptsr] & optsr::kSwapBank) != 0;  // F-122
    regs_.set<"OPTCR.SWAP_BANK">(swapped_ ? 1 : 0);
    refresh_areas();
    load_requested();
    update_irq();
    rights();
}

Image Controller::image() const {
    return {{banks_[0].user.image(), banks_[1].user.image()}, banks_[1].system.image(), cur_};
}

void Controller::set_image(const Image& image) {
    touch();
    for (unsigned bank = 0; bank < 2; ++bank) {
        banks_[bank].user.set_image(image.user[bank]);
        contents(kUser + bank * kUserBank, banks_[bank].user.size());
    }
    banks_[1].system.set_image(image.system2);
    contents(kSystem2, kSystemSize);
    for (std::size_t word = 0; word < kOptionWords; ++word)
        cur_[word] = image.options[word] & geometry_.option_bits()[word];
    if (!ports_.secure.capable()) cur_[kOptsr] &= ~optsr::kSecurity;  // D-02
    refresh_areas();
    load_requested();
    rights();
}

// --- snapshots ---

void Controller::save_control(StateWriter& out) const {
    save_state(out, false);
    out.u64(cut_at_);
    out.u8(static_cast<std::uint8_t>(cut_where_));
    for (const bool fails : fail_next_) out.flag(fails);
}

void Controller::load_control(StateReader& in) {
    load_state(in, false);
    cut_at_ = in.u64();
    cut_where_ = in.u8() == 0 ? Cut::inside : Cut::before;
    for (bool& fails : fail_next_) fails = in.flag();
}

void Controller::save_state(StateWriter& out, bool with_cells) const {
    RegisterBlock::save(out);
    for (const Bank& bank : banks_) bank.save(out, with_cells);
    for (const KeyLock& lock : locks_) out.u8(lock.state());
    out.u8(option_lock_.state());
    for (const std::uint32_t word : cur_) out.u32(word);
    out.flag(swapped_);
    out.flag(option_error_);
    out.flag(change_.has_value());
    const OptionChange change = change_.value_or(OptionChange{});
    for (const std::uint32_t word : change.words) out.u32(word);
    out.flag(change.regression);
    out.flag(change.started);
    out.u64(change.ends);
    for (const OptionWords& words : removal_)
        for (const std::uint32_t word : words) out.u32(word);
    out.u32(crc_.data);
    for (unsigned set = 0; set < 2; ++set) {
        out.u32(crc_.sectors[set]);
        out.flag(crc_.whole_bank[set]);
    }
    out.u8(static_cast<std::uint8_t>(crc_.busy ? *crc_.busy + 1 : 0));
    out.u64(crc_.ends);
    out.u64(steps_);
    out.u64(random_.state());
    out.flag(cut_);
}

/// The operation is one that this flash could have queued; what runs was judged and has cells to work on.
bool Controller::possible(unsigned bank, const Operation& op, bool runs) const {
    const Place place = locate_canonical(op.target);
    if (place.bank != bank || (runs && place.reserved)) return false;
    switch (op.kind) {
        case Operation::Kind::program:
            return op.target % kWord == 0;
        case Operation::Kind::erase_special:
            return !place.reserved && place.system && bank == 1 && op.target % kSpecialSector == 0;
        case Operation::Kind::erase_sector:
            return !place.system && op.size == security::kSector;
        case Operation::Kind::erase_bank:
        case Operation::Kind::erase_bank_and_protections:
            return !place.system && place.offset == 0 && op.size == banks_[bank].user.size();
    }
    return false;
}

void Controller::load_state(StateReader& in, bool with_cells) {
    for (const Bank& bank : banks_) ports_.clock.cancel(bank.event);
    ports_.clock.cancel(crc_.event);
    if (change_) ports_.clock.cancel(change_->event);

    RegisterBlock::load(in);
    for (Bank& bank : banks_) bank.load(in, with_cells);
    for (KeyLock& lock : locks_) lock.restore(in.u8());
    option_lock_.restore(in.u8());
    for (std::uint32_t& word : cur_) word = in.u32();
    swapped_ = in.flag();
    option_error_ = in.flag();
    const bool changing = in.flag();
    OptionChange change;
    for (std::uint32_t& word : change.words) word = in.u32();
    change.regression = in.flag();
    change.started = in.flag();
    change.ends = in.u64();
    change_ = changing ? std::optional(change) : std::nullopt;
    for (OptionWords& words : removal_)
        for (std::uint32_t& word : words) word = in.u32();
    crc_ = {};
    crc_.data = in.u32();
    for (unsigned set = 0; set < 2; ++set) {
        crc_.sectors[set] = in.u32();
        crc_.whole_bank[set] = in.flag();
    }
    const unsigned busy = in.u8();
    if (busy == 1 || busy == 2) crc_.busy = busy - 1;
    crc_.ends = in.u64();
    steps_ = in.u64();
    random_ = SeededRandom(in.u64());
    cut_ = in.flag();

    for (unsigned bank = 0; bank < 2; ++bank)  // a damaged snapshot must not reach outside the arrays
        for (auto* op : {&banks_[bank].running, &banks_[bank].waiting_write, &banks_[bank].waiting_erase})
            if (*op && !possible(bank, **op, op == &banks_[bank].running)) op->reset();
    for (unsigned bank = 0; bank < 2; ++bank)
        if (banks_[bank].running)
            banks_[bank].event =
                ports_.clock.at(banks_[bank].ends, "flash operation ends", [this, bank] { complete(bank); });
    if (change_ && change_->started)
        change_->event =
            ports_.clock.at(change_->ends, "option change ends", [this] { finish_option_change(); });
    if (crc_.busy) crc_.event = ports_.clock.at(crc_.ends, "flash CRC ends", [this] { finish_crc(); });
    refresh_areas();
    if (with_cells) {
        for (unsigned bank = 0; bank < 2; ++bank)
            contents(kUser + bank * kUserBank, banks_[bank].user.size());
        contents(kSystem2, kSystemSize);
    }
    update_irq();
    rights();
}

}  // namespace h7::flash

// The queues: what waits, runs, ends, and is judged on its way to the array.
#include <fmt/format.h>

#include "peripherals/flash/registers.hpp"

namespace h7::flash {

using Kind = Operation::Kind;

void Controller::queue_write(unsigned bank) {
    Bank& b = banks_[bank];
    Operation op;
    op.kind = Kind::program;
    op.target = b.buffer.target();
    op.data = b.buffer.data();
    op.master = b.buffer.master();
    op.context = b.buffer.context();
    op.begun = b.buffer.begun_at();
    op.pc = b.buffer.begun_by();
    b.buffer.discard();
    b.waiting_write = op;
    pump(bank);
}

/// Starts what waits: a write goes before an erase (F-013). Nothing starts while an option change has the
/// array.
void Controller::pump(unsigned bank) {
    Bank& b = banks_[bank];
    while (!cut_ && !stalls(bank)) {
        std::optional<Operation>& next = b.waiting_write ? b.waiting_write : b.waiting_erase;
        if (!next) return;
        const Operation op = *next;
        next.reset();
        begin(bank, op);
    }
}

void Controller::begin(unsigned bank, const Operation& op) {
    if (const security::Rule* row =
            refusing_row(bank, op)) {  // F-066, F-067, F-083: nothing changes, no EOP
        refuse(bank, op.target, *row, op.master, op.context, op.kind == Kind::program ? "program" : "erase");
        raise(bank, sr::kWrperr);
        const bool erase_rest = op.kind == Kind::erase_bank && readings_.bank_erase_skips_protected;
        if (!erase_rest) return;
    }
    const Time time = duration(bank, op);
    if (time == 0) {
        finish(bank, op);
        return;
    }
    Bank& b = banks_[bank];
    b.running = op;
    b.ends = ports_.clock.now() + time;
    b.event = ports_.clock.at(b.ends, "flash operation ends", [this, bank] { complete(bank); });
    rights();
}

Time Controller::duration(unsigned bank, const Operation& op) const {
    const std::uint32_t psize = regs_.get<"CR.PSIZE">(set_of(bank));
    switch (op.kind) {
        case Kind::program:
            return timing_.program_word[psize];
        case Kind::erase_sector:
        case Kind::erase_special:
            return timing_.erase_sector[psize];
        case Kind::erase_bank:
            return timing_.erase_bank[psize];
        case Kind::erase_bank_and_protections:
            return timing_.erase_bank[psize] + timing_.option_change;
    }
    return 0;
}

void Controller::complete(unsigned bank) {
    touch();
    Bank& b = banks_[bank];
    const Operation op = *b.running;
    b.running.reset();
    b.event = 0;
    finish(bank, op);
    pump(bank);
    pump_option_change();
    rights();
}

/// The row of the policy that stops the operation, null when it may go on.
const security::Rule* Controller::refusing_row(unsigned bank, const Operation& op) const {
    using security::Action;
    const security::By who = security::by(op.master);
    const auto judge = [&](const security::Place& place, Action action) -> const security::Rule* {
        const security::Rule& row = security::decided_rule(facts(), place, {action, who, op.context});
        return row.verdict == security::allow ? nullptr : &row;
    };
    const unsigned sector = op.target % kUserBank / security::kSector;
    switch (op.kind) {
        case Kind::program:
            return judge(protections(locate_canonical(op.target)), Action::program);
        case Kind::erase_sector:
            return judge(sector_protections(bank, sector), Action::erase);
        case Kind::erase_special:
            return judge({.region = security::Region::system2}, Action::erase);
        case Kind::erase_bank_and_protections:
            return judge({}, Action::erase);  // F-088: only level 1 stops it
        case Kind::erase_bank:                // F-085, D-04
            for (unsigned n = 0; n < geometry_.sectors_per_bank; ++n)
                if (const auto* row = judge(sector_protections(bank, n), Action::erase)) return row;
            return nullptr;
    }
    return nullptr;
}

/// The cells change. EOP only after everything went well (A-30, F-255).
void Controller::finish(unsigned bank, const Operation& op) {
    Bank& b = banks_[bank];
    if (fail_next_[bank]) {
        fail_next_[bank] = false;
        raise(bank, sr::kOperr);
        return;
    }
    const std::uint32_t every = (1U << geometry_.sectors_per_bank) - 1;
    switch (op.kind) {
        case Kind::program: {
            if (!step(op)) {
                if (cut_where_ == Cut::inside) tear(op);
                return lose_power();
            }
            const Place place = locate_canonical(op.target);
            const bool new_rights = array(place).program(place.offset, op.data, op.writer());
            contents(op.target, kWord);
            if (!new_rights) break;
            rights();
            if (array(place).state(place.offset) == WordState::ecc_double) tell_spoiled(op, place);
            break;
        }
        case Kind::erase_sector:
            if (!erase_sectors(bank, 1U << (op.target % kUserBank / security::kSector))) return;
            break;
        case Kind::erase_special:
            if (!erase_special(bank, op.target - kSystem2)) return;
            break;
        case Kind::erase_bank: {
            std::uint32_t sectors = every;
            if (readings_.bank_erase_skips_protected)
                for (unsigned n = 0; n < geometry_.sectors_per_bank; ++n) {
                    Operation one = op;
                    one.kind = Kind::erase_sector;
                    one.target = op.target + n * security::kSector;
                    if (refusing_row(bank, one) != nullptr) sectors &= ~(1U << n);
                }
            if (!erase_sectors(bank, sectors)) return;
            if (sectors != every) return;
            break;
        }
        case Kind::erase_bank_and_protections: {
            if (!erase_sectors(bank, every)) return;
            OptionWords words = cur_;
            for (const OptionWord word : {prar(bank), scar(bank), wpsn(bank)})
                words[word] = removal_[bank][word];
            if (!step(Step{std::nullopt, words})) return lose_power();
            take_options(words);
            break;
        }
    }
    if (trace_ != nullptr && trace_->on() && op.kind != Kind::program)
        trace_->line(Topic::flash, fmt::format("EOP{}: {} bytes erased at 0x{:08x} by {} ({})", bank + 1,
                                               op.size, op.target, name_of(op.master), name_of(op.context)));
    b.flags |= sr::kEop;
    update_irq();
}

/// One step of power-cut counting for each sector. False: the power failed.
bool Controller::erase_sectors(unsigned bank, std::uint32_t sectors) {
    for (unsigned n = 0; n < geometry_.sectors_per_bank; ++n) {
        if ((sectors >> n & 1U) == 0) continue;
        const std::uint32_t offset = n * security::kSector;
        const bool whole = step(Operation{.kind = Kind::erase_sector,
                                          .target = kUser + bank * kUserBank + offset,
                                          .size = security::kSector});
        if (whole)
            banks_[bank].user.erase(offset, security::kSector);
        else if (cut_where_ == Cut::inside)
            banks_[bank].user.tear_erase(offset, security::kSector, random_);
        contents(kUser + bank * kUserBank + offset, security::kSector);
        if (!whole) {
            lose_power();
            return false;
        }
    }
    rights();
    return true;
}

bool Controller::erase_special(unsigned bank, std::uint32_t offset) {
    const bool whole =
        step(Operation{.kind = Kind::erase_special, .target = kSystem2 + offset, .size = kSpecialSector});
    if (whole)
        banks_[bank].system.erase(offset, kSpecialSector);
    else if (cut_where_ == Cut::inside)
        banks_[bank].system.tear_erase(offset, kSpecialSector, random_);
    contents(kSystem2 + offset, kSpecialSector);
    if (!whole) lose_power();
    return whole;
}

/// What an interrupted operation leaves (F-075, F-132).
void Controller::tear(const Operation& op) {
    const Place place = locate_canonical(op.target);
    if (place.reserved) return;
    if (op.kind == Kind::program)
        array(place).tear_program(place.offset, op.data, op.writer(), random_);
    else
        array(place).tear_erase(place.offset, op.size, random_);
    contents(op.target, op.size);
}

bool Controller::step(const Step& step) {
    if (on_step) on_step(step);
    return ++steps_ != cut_at_;
}

bool Controller::step(const Operation& op) {
    if (!on_step) return ++steps_ != cut_at_;  // without a copy of the operation
    return step(Step{op, {}});
}

void Controller::repeat(const Step& step) {
    touch();
    if (!step.cells) return take_options(step.options);
    const Operation& op = *step.cells;
    const Place place = locate_canonical(op.target);
    if (op.kind == Kind::program)
        array(place).program(place.offset, op.data, op.writer());
    else
        array(place).erase(place.offset, op.size);
    contents(op.target, op.size);
}

void Controller::tear(const Step& step, std::uint64_t seed) {
    touch();
    random_ = SeededRandom(seed);
    if (step.cells) tear(*step.cells);
}

void Controller::set_cut_at(std::uint64_t step, std::uint64_t seed, Cut where) {
    cut_at_ = step;
    cut_where_ = where;
    random_ = SeededRandom(seed);
}

void Controller::lose_power() {
    touch();
    cut_ = true;
    for (Bank& bank : banks_) {
        ports_.clock.cancel(bank.event);
        bank.reset();
    }
    if (change_) ports_.clock.cancel(change_->event);
    change_.reset();
    if (trace_ != nullptr) trace_->line(Topic::flash, "the power fails inside a flash operation");
    if (power_cut) power_cut();
}

}  // namespace h7::flash

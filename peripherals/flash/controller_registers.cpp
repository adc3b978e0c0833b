// The AHB face: keys, locks, and what a write to a register starts.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "peripherals/flash/registers.hpp"

namespace h7::flash {
namespace {

constexpr Address kSecondBlock = 0x100;
constexpr Address kBlocksEnd = 0x200;

/// Who may write PRAR_PRG and SCAR_PRG (F-165, F-169, A-25, D-21).
constexpr bool counts_as_cm7(Master master) { return master == Master::cm7 || master == Master::ap0; }

}  // namespace

Access Controller::folded(const Access& access) const {
    const Address offset = offset_of(access);
    Access at = access;
    if (offset < kSecondBlock || offset >= kBlocksEnd) return at;
    if (regs_.slot_at(offset).reg == RegisterFile<Controller>::npos) at.address -= kSecondBlock;  // F-126
    return at;
}

BusResult<std::uint64_t> Controller::read(const Access& access) {
    if (access.size <= 4) return RegisterBlock::read(folded(access));
    Access low = access;  // the port is 32 bits wide (F-002)
    low.size = 4;
    Access high = low;
    high.address += 4;
    const std::uint64_t first = TRY(read(low));
    return first | TRY(read(high))
    << 32;
}

BusResult<void> Controller::write(const Access& access, std::uint64_t value) {
    if (access.size > 4) {
        Access low = access;
        low.size = 4;
        Access high = low;
        high.address += 4;
        TRY(write(low, value & 0xFFFF'FFFFU));
        return write(high, value >> 32);
    }
    if (cut_) return {};
    if (change_) {
        const Time until = stalls(0) ? stall_end(0) : stall_end(1);
        return wait_until(until, "an option change runs", "F-142");
    }
    const Access at = folded(access);
    TRY(interrupted_keys(at));
    return RegisterBlock::write(at, value);
}

/// F-181, F-182, A-26: a register written between two keys. Reads and unused offsets do not count.
BusResult<void> Controller::interrupted_keys(const Access& access) {
    const auto slot = regs_.slot_at(offset_of(access));
    if (slot.reg == RegisterFile<Controller>::npos) return {};
    const Register<Controller>& reg = registers[slot.reg];
    if (option_lock_.half_open() && reg.name != "OPTKEYR") {
        option_lock_.shut();
        refuse({"bus error", 0, 0, access.master, access.context, "option keys",
                "another-register-between-keys", "F-182", ""});
        return bus_error("a FLASH register was written between OPTKEY1 and OPTKEY2", "F-182");
    }
    if (reg.count == 2 && locks_[slot.index].half_open() && reg.name != "KEYR") {
        locks_[slot.index].shut();
        refuse({"bus error, bank ", bank_of(slot.index) + 1, access.address, access.master, access.context,
                "keys", "another-register-between-keys", "F-181", ""});
        return bus_error("a register of the bank was written between KEY1 and KEY2", "F-181");
    }
    return {};
}

// --- locks ---

bool Controller::control_unlocked(const RegisterWrite& write) const {
    return regs_.get<"CR.LOCK">(write.index) == 0;
}
bool Controller::options_unlocked(const RegisterWrite&) const { return regs_.get<"OPTCR.OPTLOCK">() == 0; }
bool Controller::area_writable(const RegisterWrite& write) const {
    return options_unlocked(write) && counts_as_cm7(write.access.master);
}
bool Controller::crc_enabled(const RegisterWrite& write) const {
    return regs_.get<"CR.CRC_EN">(write.index) != 0;
}

BusResult<void> Controller::feed_key(const RegisterWrite& write) {
    KeyLock& lock = locks_[write.index];
    const bool right = lock.feed(write.value, write.access.size == 4);
    regs_.set<"CR.LOCK">(lock.open() ? 0 : 1, write.index);
    if (right) return {};
    refuse({"bus error, bank ", bank_of(write.index) + 1, write.access.address, write.access.master,
            write.access.context, "keys", "wrong-key", "F-180", ""});
    return bus_error("wrong key sequence: CR stays locked until the next system reset", "F-180");
}

BusResult<void> Controller::feed_option_key(const RegisterWrite& write) {
    const bool right = option_lock_.feed(write.value, write.access.size == 4);
    regs_.set<"OPTCR.OPTLOCK">(option_lock_.open() ? 0 : 1);
    if (right) return {};
    refuse({"bus error", 0, 0, write.access.master, write.access.context, "option keys", "wrong-key", "F-180",
            ""});
    return bus_error("wrong key sequence: OPTCR stays locked until the next system reset", "F-180");
}

// --- CR, SR, CCR ---

BusResult<void> Controller::obey_control(const RegisterWrite& write) {
    const unsigned set = write.index;
    const unsigned physical = bank_of(set);
    Bank& bank = banks_[physical];
    const auto hold = [&] {  // the register access waits for its place in the queue (F-280)
        regs_.set<"CR">(write.old, set);
        return wait_until(stall_end(physical), "the flash queue is full", "F-280");
    };
    if ((write.value & regs_.mask<"CR.LOCK">()) != 0) {  // F-185, D-24
        regs_.set<"CR">(write.old | regs_.mask<"CR.LOCK">(), set);
        locks_[set].close();
        return {};
    }
    if (physical == 0) regs_.set<"CR.SPSS2">(0, set);
    if (regs_.get<"CR.PG">(set) == 0) bank.buffer.discard();  // F-063
    if (regs_.field<"CR.CRC_EN">(write.old) != 0 && regs_.get<"CR.CRC_EN">(set) == 0) stop_crc(set);
    if (regs_.get<"CR.FW">(set) != 0 && !bank.buffer.empty()) {
        if (bank.waiting_write) return hold();
        bank.buffer.fill();
        if (bank.buffer.all_ones())
            bank.buffer.discard();  // A-05
        else
            queue_write(physical);
    }
    regs_.set<"CR.FW">(0, set);
    if (regs_.get<"CR.START">(set) != 0) {
        if (!start_erase(set, write.access, protection_removal(1U << physical))) return hold();
        regs_.set<"CR.START">(0, set);
    }
    update_irq();
    return {};
}

std::uint32_t Controller::status(unsigned set) const {
    const unsigned physical = bank_of(set);
    const Bank& bank = banks_[physical];
    std::uint32_t value = bank.flags;
    const bool options = change_ && (physical == 0 || change_->regression);  // F-143
    if (bank.running || (options && change_->started)) value |= regs_.mask<"SR.BSY">();
    if (!bank.buffer.empty()) value |= regs_.mask<"SR.WBNE">();
    if (!bank.idle() || options) value |= regs_.mask<"SR.QW">();
    if (crc_.busy == set) value |= regs_.mask<"SR.CRC_BUSY">();
    return value;
}

BusResult<void> Controller::clear_flags(const RegisterWrite& write) {
    banks_[bank_of(write.index)].clear(write.value & sr::kAll);
    update_irq();
    return {};
}

/// The requested words, when they ask for what F-087 or F-093 allows. Needs OPTCR unlocked (F-078).
std::optional<OptionWords> Controller::protection_removal(unsigned banks) const {
    if (regs_.get<"OPTCR.OPTLOCK">() != 0) return std::nullopt;
    const OptionWords words = requested();
    return removal_requested(cur_, words, banks, traits()) ? std::optional(words) : std::nullopt;
}

/// False: no place in the queue.
bool Controller::start_erase(unsigned set, const Access& who, const std::optional<OptionWords>& removal) {
    if (cut_) return true;  // another part of the same write lost the power
    const unsigned physical = bank_of(set);
    Bank& bank = banks_[physical];
    const std::uint32_t number = regs_.get<"CR.SNB">(set);
    const Address base = kUser + physical * kUserBank;
    Operation op;
    op.master = who.master;
    op.context = who.context;
    if (regs_.get<"CR.BER">(set) != 0) {  // F-082, F-282
        op.kind = removal ? Operation::Kind::erase_bank_and_protections : Operation::Kind::erase_bank;
        op.target = base;
        op.size = bank.user.size();
    } else if (regs_.get<"CR.SER">(set) != 0 && regs_.get<"CR.SPSS2">(set) != 0) {
        op.kind = Operation::Kind::erase_special;
        op.target = kSystem2 + number * kSpecialSector;
        op.size = kSpecialSector;
    } else if (regs_.get<"CR.SER">(set) != 0) {
        op.kind = Operation::Kind::erase_sector;
        op.target = base + number * security::kSector;
        op.size = security::kSector;
    } else {
        return true;  // A-33
    }
    if (bank.waiting_erase) return false;
    if (removal) removal_[physical] = *removal;
    bank.waiting_erase = op;
    pump(physical);
    return true;
}

// --- options ---

std::uint32_t Controller::option_status(unsigned) const {
    return (cur_[kOptsr] & optsr::kStored) | (change_ ? 1U : 0U) | (option_error_ ? 1U << 30 : 0U);
}

BusResult<void> Controller::obey_option_control(const RegisterWrite& write) {
    if ((write.value & regs_.mask<"OPTCR.OPTLOCK">()) != 0) {  // F-185
        regs_.set<"OPTCR">(write.old | regs_.mask<"OPTCR.OPTLOCK">());
        option_lock_.close();
        return {};
    }
    if ((write.value & regs_.mask<"OPTCR.MER">()) != 0 && !start_mass_erase(write.access)) {
        regs_.set<"OPTCR">(write.old);
        return wait_until(stall_end(0), "the flash erase queue is full", "F-280");
    }
    update_irq();
    if ((write.value & regs_.mask<"OPTCR.OPTSTART">()) != 0) start_option_change(write.access);
    return {};
}

/// F-092, F-093. False: no place in a queue.
bool Controller::start_mass_erase(const Access& who) {
    if (regs_.get<"CR.LOCK">(0) != 0 || regs_.get<"CR.LOCK">(1) != 0) return true;  // A-32
    if (banks_[0].waiting_erase || banks_[1].waiting_erase) return false;
    const auto removal = protection_removal(0b11);
    for (unsigned set = 0; set < 2; ++set) regs_.set<"CR.BER">(1, set);  // stays 1 (A-31)
    for (unsigned set = 0; set < 2; ++set) (void)start_erase(set, who, removal);
    return true;
}

/// D-02: on parts without secure access mode SECURITY reads 0 and takes no write. Nor do the bits of a core
/// or a bank that the part does not have.
BusResult<void> Controller::check_security_bit(const RegisterWrite&) {
    regs_.set<"OPTSR_PRG">(regs_.get<"OPTSR_PRG">() & geometry_.option_bits()[kOptsr]);
    if (!ports_.secure.capable()) regs_.set<"OPTSR_PRG.SECURITY">(0);
    return {};
}

BusResult<void> Controller::clear_option_error(const RegisterWrite& write) {
    if ((write.value & regs_.mask<"OPTCCR.CLR_OPTCHANGEERR">()) != 0) option_error_ = false;
    update_irq();
    return {};
}

// --- for people ---

std::vector<RegisterInfo> Controller::describe() const {
    std::vector<RegisterInfo> all;
    for (RegisterInfo& info : RegisterBlock::describe()) {
        const auto slot = regs_.slot_at(info.offset);
        const Register<Controller>& reg = registers[slot.reg];
        if (reg.count == 1) {  // F-126
            all.push_back(info);
            info.offset += kSecondBlock;
            all.push_back(std::move(info));
            continue;
        }
        const bool suffixed = reg.name.starts_with("WPSN") || reg.name.starts_with("CRCSADD") ||
                              reg.name.starts_with("CRCEADD") || reg.name == "ECC_FA";
        info.name = fmt::format("{}{}{}", reg.name, slot.index + 1, suffixed ? "R" : "");
        if (reg.name == "CR" && bank_of(slot.index) == 0)
            std::erase_if(info.fields, [](const FieldInfo& field) { return field.name == "SPSS2"; });
        all.push_back(std::move(info));
    }
    std::sort(all.begin(), all.end(),
              [](const RegisterInfo& a, const RegisterInfo& b) { return a.offset < b.offset; });
    return all;
}

}  // namespace h7::flash

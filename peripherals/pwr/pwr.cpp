#include "peripherals/pwr/pwr.hpp"

#include <fmt/format.h>

#include <cassert>
#include <utility>

namespace h7::pwr {
namespace {

constexpr std::uint32_t kSupplyByte = 0xFF;

/// The five supply configurations of system.md 4.4, on {SDLEVEL, SDEXTHP, SDEN, LDOEN, BYPASS} = bits 5..0.
constexpr bool legal_supply(std::uint32_t cr3) {
    const bool bypass = test_bit(cr3, 0), ldo = test_bit(cr3, 1), smps = test_bit(cr3, 2),
               external = test_bit(cr3, 3);
    const std::uint32_t level = extract(cr3, 5, 4);
    const bool level_chosen = level == 1 || level == 2;
    if (bypass)
        return !ldo && (!smps || (level_chosen && external));  // external supply, or SMPS for it alone
    if (ldo) return !smps || level_chosen;                     // LDO, or SMPS feeds the LDO
    return smps && !external;                                  // SMPS direct
}
static_assert(legal_supply(0x02) && legal_supply(0x04) && legal_supply(0x16) && legal_supply(0x26) &&
              legal_supply(0x1E) && legal_supply(0x2E) && legal_supply(0x1D) && legal_supply(0x2D) &&
              legal_supply(0x01));
static_assert(!legal_supply(0x06) && !legal_supply(0x00) && !legal_supply(0x07) && !legal_supply(0x0C) &&
              !legal_supply(0x03));

/// What a legal CR3 asks for.
Supply asked_for(std::uint32_t cr3) {
    const bool bypass = test_bit(cr3, 0), ldo = test_bit(cr3, 1), smps = test_bit(cr3, 2);
    if (bypass) return smps ? Supply::smps_external : Supply::bypass;
    if (smps) return ldo ? Supply::smps_ldo : Supply::smps;
    return Supply::ldo;
}

std::string_view name_of(Supply supply) {
    static constexpr std::string_view kNames[] = {"any",      "LDO",           "SMPS",
                                                  "SMPS-LDO", "SMPS-external", "bypass"};
    return kNames[static_cast<unsigned>(supply)];
}

}  // namespace

Pwr::Pwr(Ports ports, Options options)
    : RegisterBlock("PWR", 0x5802'4800, 0x400), ports_(std::move(ports)), options_(options) {
    reset(ResetKind::power_on);
}

bool Pwr::standby_wanted(unsigned core, unsigned domain) const {
    assert((core == 1 || core == 2) && domain >= 1 && domain <= 3);
    return test_bit(core == 1 ? regs_.get<"CPU1CR">() : regs_.get<"CPU2CR">(), domain - 1);
}

bool Pwr::standby_selected(unsigned domain) const {
    return standby_wanted(1, domain) && standby_wanted(2, domain);
}

bool Pwr::hold_flag(unsigned core) const {
    return (core == 1 ? regs_.get<"CPU2CR.HOLD1F">() : regs_.get<"CPU1CR.HOLD2F">()) != 0;
}

std::optional<bool> Pwr::wakeup_falls(unsigned pin) const {
    assert(pin >= 1 && pin <= 6);
    const std::uint32_t pins = regs_.get<"WKUPEPR">();
    if (!test_bit(pins, pin - 1)) return std::nullopt;
    return test_bit(pins, 7 + pin);
}

void Pwr::wakeup_pin(unsigned pin) {
    touch();
    regs_.set<"WKUPFR">(regs_.get<"WKUPFR">() | 1U << (pin - 1));
    tell_low_power();
}

void Pwr::system_stopped() {
    touch();
    regs_.set<"D3CR.VOS">(1);
    regs_.set<"CSR1.ACTVOS">(1);
}

bool Pwr::held_after_stop(unsigned core) const {
    const bool hold1 = regs_.get<"CPU2CR.HOLD1">() != 0, hold2 = regs_.get<"CPU1CR.HOLD2">() != 0;
    return core == 1 ? hold1 && !hold2 : hold2 && !hold1;
}

void Pwr::system_left_stop() {
    touch();
    regs_.set<"CPU1CR.STOPF">(1);
    regs_.set<"CPU2CR.STOPF">(1);
}

void Pwr::domain_left_standby(unsigned domain) {
    touch();
    assert(domain == 1 || domain == 2);
    const std::uint32_t flag = 1U << (6 + domain);
    regs_.set<"CPU1CR">(regs_.get<"CPU1CR">() | flag);
    regs_.set<"CPU2CR">(regs_.get<"CPU2CR">() | flag);
}

void Pwr::held_core_was_called(unsigned core) {
    touch();
    if (core == 1) regs_.set<"CPU2CR.HOLD1F">(1);
    if (core == 2) regs_.set<"CPU1CR.HOLD2F">(1);
}

BusResult<void> Pwr::control_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Pwr>;
    if (ports_.pvd_locked && ports_.pvd_locked()) {
        regs_.set<"CR1.PVDE">(Regs::field<"CR1.PVDE">(write.old));
        regs_.set<"CR1.PLS">(Regs::field<"CR1.PLS">(write.old));
    }
    if (Regs::field<"CR1.DBP">(write.old) != regs_.get<"CR1.DBP">() && dbp_changed) dbp_changed();
    return {};
}

BusResult<void> Pwr::backup_written(const RegisterWrite&) {
    regs_.set<"CR2.BRRDY">(regs_.get<"CR2.BREN">());
    return {};
}

BusResult<void> Pwr::supply_written(const RegisterWrite& write) {
    regs_.set<"CR3.USB33RDY">(regs_.get<"CR3.USB33DEN">());
    if ((write.lanes & kSupplyByte) == 0) return {};
    // The first write of the low byte is the only one until power-on. An illegal one is lost, and so is the
    // chance.
    const std::uint32_t wanted = regs_.get<"CR3">() & kSupplyByte;
    const bool taken = !supply_written_once_ && legal_supply(wanted);
    if (!taken) regs_.set<"CR3">((regs_.get<"CR3">() & ~kSupplyByte) | (write.old & kSupplyByte));
    supply_written_once_ = true;
    if (!taken) return {};
    if (options_.supply != Supply::any && asked_for(wanted) != options_.supply) {
        if (trace_ != nullptr)
            trace_->notice(
                fmt::format("PWR_CR3 = 0x{:02x} asks for the {} supply, the board is made for {}: ACTVOSRDY "
                            "stays 0 until "
                            "the next power-on (decision 0171)",
                            wanted, name_of(asked_for(wanted)), name_of(options_.supply)));
        regs_.set<"CSR1.ACTVOSRDY">(0);
        return {};
    }
    regs_.set<"CSR1.ACTVOSRDY">(1);
    regs_.set<"CR3.SDEXTRDY">(regs_.get<"CR3.SDEXTHP">() & regs_.get<"CR3.SDEN">());
    return {};
}

BusResult<void> Pwr::low_power_written(const RegisterWrite& write) {
    if (test_bit(write.value, 9)) {  // CSSF: bits 8:4 of this register
        std::uint32_t& word = regs_.stored(regs_.slot_at(offset_of(write.access) & ~3U));
        word &= ~mask(8, 4);
    }
    tell_low_power();
    return {};
}

BusResult<void> Pwr::scaling_written(const RegisterWrite&) {
    // The voltage follows at once; the reserved value 0 acts as scale 3.
    const std::uint32_t scale = regs_.get<"D3CR.VOS">();
    regs_.set<"CSR1.ACTVOS">(scale == 0 ? 1 : scale);
    return {};
}

BusResult<void> Pwr::wakeup_cleared(const RegisterWrite& write) {
    regs_.set<"WKUPFR">(regs_.get<"WKUPFR">() & ~write.value);
    tell_low_power();
    return {};
}

void Pwr::reset(ResetKind kind) {
    if (kind == ResetKind::domain || kind == ResetKind::peripheral)
        return;  // PWR belongs to neither D1 nor D2
    const bool was_open = dbp();
    const std::uint32_t backup = regs_.get<"CR2">(), supply = regs_.get<"CR3">(),
                        ready = regs_.get<"CSR1.ACTVOSRDY">();
    const std::uint32_t standby1 = regs_.get<"CPU1CR.SBF">(), standby2 = regs_.get<"CPU2CR.SBF">();
    const std::uint32_t wakeup = regs_.get<"WKUPFR">(), pins = regs_.get<"WKUPEPR">();
    regs_.reset();
    if (kind == ResetKind::power_on) {
        supply_written_once_ = false;
        regs_.set<"CSR1.ACTVOSRDY">(options_.supply_ready_from_power_on ? 1 : 0);
    } else {  // what survives: system.md 3.3, 4.4, 11.7
        const bool from_standby = kind == ResetKind::standby_exit;
        regs_.set<"CR2">(backup);
        regs_.set<"CR3">(supply);
        regs_.set<"CSR1.ACTVOSRDY">(ready);
        regs_.set<"CPU1CR.SBF">(from_standby ? 1 : standby1);
        regs_.set<"CPU2CR.SBF">(from_standby ? 1 : standby2);
        if (from_standby) regs_.set<"WKUPFR">(wakeup);
        if (from_standby) regs_.set<"WKUPEPR">(pins);
    }
    if (was_open && dbp_changed) dbp_changed();
    tell_low_power();
}

void Pwr::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.flag(supply_written_once_);
}

void Pwr::load(StateReader& in) {
    RegisterBlock::load(in);
    supply_written_once_ = in.flag();
    if (dbp_changed) dbp_changed();
}

}  // namespace h7::pwr

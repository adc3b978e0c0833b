// Stop, DStandby and Standby: when the chip goes there, what it loses, and the ways back (system.md 1.6, 3.1,
// 3.3, 4.2 to 4.4, 7.1, 11.7; decisions 0190, 0191).
#include "emulator/base/bits.hpp"
#include "emulator/chip/board.hpp"

namespace h7::chip {
namespace {

/// WKUP1 to WKUP6: PA0, PA2, PI8, PC13, PI11, PC1.
struct WakePin {
    std::size_t port;  // 0: GPIOA
    unsigned pin;
};
constexpr std::array<WakePin, 6> kWakePins{{{0, 0}, {0, 2}, {8, 8}, {2, 13}, {8, 11}, {2, 1}}};
constexpr unsigned kWakePinLine = 55;  // EXTI, one line a pin

constexpr unsigned kHoldIrq = 148;
/// Option bits that make a low-power mode a reset while 0: entry into CStop, into DStandby.
constexpr std::array<unsigned, 2> kResetAtStop{6, 24}, kResetAtStandby{7, 25};

constexpr ResetSource illegal(unsigned domain) {
    return domain == 1 ? ResetSource::low_power1 : ResetSource::low_power2;
}

/// By address: what of table 1.3 has the supply of D1 or D2. CONFSEC keeps what the gate was closed to.
unsigned domain_of(const Peripheral& block) {
    const Region* region = find_region(block.base(), Master::cm7);
    return region == nullptr ? 0 : region->domain;
}

}  // namespace

void Chip::Board::wire_low_power() {
    pwr.low_power_changed = [this] {
        settle_holds();
        for (unsigned n = 0; n < kWakePins.size(); ++n)
            exti.set_input(kWakePinLine + n, test_bit(pwr.wakeup_flags(), n));
        low_power_changed();
    };
    rcc.domains_changed = [this] {
        update_kernel_clocks(rcc.frequencies());
        update_timer_clocks();
        low_power_changed();
    };
}

void Chip::Board::low_power_changed() {
    if (!cm7 || !cm4 || !powered) return;
    const bool any = in_cstop(1) || in_cstop(2) || low.slept[0] || low.slept[1];
    if (!any || low.due) return;
    low.due = true;
    cm7->yield();
    cm4->yield();
}

bool Chip::Board::in_cstop(unsigned core) const {
    if (core == 2 && !config.part->cm4) return true;  // an absent core asks for nothing
    return low.off[core - 1] || low.standby || (core == 1 ? cm7 : cm4)->state() == cpu::RunState::deep_sleep;
}

bool Chip::Board::standby_chosen(unsigned domain) const {
    return pwr.standby_wanted(1, domain) && (!config.part->cm4 || pwr.standby_wanted(2, domain));
}

void Chip::Board::settle_low_power() {
    if (!low.due) return;
    low.due = false;
    if (!powered || low.standby || pending_resets.any()) return;
    const std::uint32_t options = flash.options()[flash::kOptsr];
    for (const unsigned n : {1U, 2U}) {
        const bool absent = n == 2 && !config.part->cm4;
        const bool sleeps = in_cstop(n) && !absent;
        const bool entered = sleeps && !low.slept[n - 1];
        low.slept[n - 1] = sleeps;
        if (entered && !test_bit(options, kResetAtStop[n - 1])) return request_reset(illegal(n));
        if (low.off[n - 1]) {
            // The other core has taken something into use that lies there.
            if (rcc.domain_clocked(n)) leave_standby_of(n);
            continue;
        }
        const exti::Cpu cpu = n == 1 ? exti::Cpu::cpu1 : exti::Cpu::cpu2;
        if (!in_cstop(n) || rcc.domain_clocked(n) || !standby_chosen(n) || pwr.wakeup_flags() != 0 ||
            exti.wake_requested(cpu))
            continue;
        if (!absent && !test_bit(options, kResetAtStandby[n - 1])) return request_reset(illegal(n));
        enter_standby(n);
    }
    const bool both = in_cstop(1) && in_cstop(2) && !rcc.domain_clocked(1) && !rcc.domain_clocked(2);
    if (!both || pwr.d3_kept_running() || pending_resets.any()) return;
    if (!low.stopped) {
        low.stopped = true;
        low.held = {};
        trace.line(Topic::reset, "the system is in Stop");
        rcc.system_stopped();
        pwr.system_stopped();
    }
    if (!low.off[0] || !low.off[1] || !standby_chosen(3) || pwr.wakeup_flags() != 0) return;
    low.standby = true;
    trace.line(Topic::reset, "the system is in Standby");
    power_loss_of(pwr.backup_regulator() ? std::vector<Ram*>{&sram4} : std::vector<Ram*>{&sram4, &backup});
    for (Peripheral* block : bus.peripherals())
        if (domain_of(*block) == 3 && block != &rcc && block != &pwr && block != &exti && block != &rtc &&
            block != &timers.iwdg1 && block != &timers.iwdg2) {
            block->touch();
            block->reset(ResetKind::standby_exit);
        }
    update_timer_clocks();
}

/// What loses its supply comes back at its reset values: nobody can see it before.
void Chip::Board::enter_standby(unsigned domain) {
    trace.line(Topic::reset, domain == 1 ? "D1 is in DStandby" : "D2 is in DStandby");
    cpu::Core& core = domain == 1 ? *cm7 : *cm4;
    low.off[domain - 1] = true;
    core.hold();
    reset_blocks_of(domain);
    low.dark[domain - 1] = !dbgmcu.keeps_power_in_standby(domain);
    if (low.dark[domain - 1])
        power_loss_of(domain == 1 ? std::vector<Ram*>{&itcm, &dtcm, &axi} : std::vector<Ram*>{&sram123});
    bus.set_dark(low.dark);
    drop_translations();
    cores_changed();
}

void Chip::Board::leave_standby_of(unsigned domain) {
    // The CM7 never starts user code past the RSS (decisions 0140, 0191).
    if (domain == 1)
        request_reset(secure.latched() ? ResetSource::domain1_exit_secured : ResetSource::domain1_exit);
    else
        request_reset(ResetSource::domain2_exit);
}

/// The domain has its supply again; its core starts at its boot vector, the other one goes on
/// (system.md 3.1).
void Chip::Board::reset_domain(unsigned domain, const ResetRow& row) {
    if (!low.off[domain - 1]) return;
    trace.line(Topic::reset, row.name);
    low.off[domain - 1] = low.dark[domain - 1] = false;
    bus.set_dark(low.dark);
    rcc.record_reset(row.rsr_flags);
    pwr.domain_left_standby(domain);
    reset_blocks_of(domain);
    if (domain == 1) syscfg.mirror(flash.options(), secure.latched(), flash.swapped());
    drop_translations();
    cpu::Core& core = domain == 1 ? *cm7 : *cm4;
    if (domain == 2 && !config.part->cm4) return cores_changed();
    sessions[domain - 1].restart();
    core.reset(domain == 1 ? choice.cm7 : 0);
    for (unsigned irq = 0; irq < IrqLines::kLines; ++irq)
        core.set_interrupt(irq, irq_lines[domain - 1].level(irq));  // what kept its supply still asks
    if (domain == 1 && choice.cm7 == rss::kRomBase)
        start_bootloader();
    else
        start_core(core, true, domain == 1 ? "CM7 starts again" : "CM4 starts again");
    cores_changed();
}

void Chip::Board::reset_blocks_of(unsigned domain) {
    std::vector<Peripheral*> engines = domain == 1
                                           ? std::vector<Peripheral*>{&dma.mdma, &dma.dma2d}
                                           : std::vector<Peripheral*>{&dma.dma1, &dma.dma2, &dma.dmamux1};
    for (Peripheral* engine : engines) {  // first: no line that falls in a reset moves anything
        engine->touch();
        engine->reset(ResetKind::domain);
    }
    for (Peripheral* block : bus.peripherals()) {
        if (domain_of(*block) != domain) continue;
        block->touch();
        block->reset(ResetKind::domain);
    }
}

/// The first core that woke, or a domain that did: everybody sees STOPF, clocks are those of
/// system_stopped().
void Chip::Board::leave_stop() {
    low.stopped = false;
    trace.line(Topic::reset, "the system leaves Stop");
    pwr.system_left_stop();
    low.held = {pwr.held_after_stop(1), pwr.held_after_stop(2) && config.part->cm4};
    settle_holds();
}

/// A held core has no clock until its HOLD bit goes; who called it calls the other core instead (system.md
/// 4.4).
void Chip::Board::settle_holds() {
    if (!cm7 || !cm4) return;
    const std::array<bool, 2> before = low.held;
    for (const unsigned n : {1U, 2U}) {
        bool& held = low.held[n - 1];
        held = held && pwr.held_after_stop(n);
        const cpu::Core& core = n == 1 ? *cm7 : *cm4;
        if (held && core.state() == cpu::RunState::running && !pwr.hold_flag(n)) pwr.held_core_was_called(n);
        drive_interrupt(2 - n, kHoldIrq, IrqLines::own, pwr.hold_flag(n));
    }
    if (before != low.held || low.held[0] || low.held[1]) update_frequencies();
}

/// An EXTI line asks a core to be awake that has no supply.
void Chip::Board::wake_line(unsigned core) {
    if (!low.off[core - 1] || low.standby) return;
    if (low.stopped) leave_stop();
    leave_standby_of(core);
}

void Chip::Board::wake_pin(std::size_t port, unsigned pin, std::optional<bool> before) {
    for (unsigned n = 0; n < kWakePins.size(); ++n) {
        if (kWakePins[n].port != port || kWakePins[n].pin != pin) continue;
        const bool pulled_up = pwr.wakeup_pulled_up(n + 1);
        const bool now = gpio[port]->outside(pin).value_or(pulled_up);
        const std::optional<bool> falls = pwr.wakeup_falls(n + 1);
        if (!falls || now == before.value_or(pulled_up) || *falls == now) continue;
        pwr.wakeup_pin(n + 1);
        woken_from_standby();
    }
}

void Chip::Board::woken_from_standby() {
    if (low.standby) request_reset(ResetSource::standby_exit);
}

}  // namespace h7::chip

// Every wire of the chip. Interrupt numbers and EXTI lines: system.md 5.1, 5.2; clock gates: 4.1.
#include "emulator/chip/board.hpp"
#include "emulator/semihosting/semihosting.hpp"

namespace h7::chip {
namespace {

constexpr Address kAhb2 = 0xDC, kAhb4 = 0xE0, kApb1l = 0xE8, kApb2 = 0xF0, kApb4 = 0xF4;

struct UsartRow {
    std::string_view name;
    Address base;
    ClockGate gate;
    unsigned irq;
    unsigned exti;  // wake-up line
    usart::Kind kind;
    std::uint32_t rcc::Frequencies::*kernel;
};
using usart::Kind;
using F = rcc::Frequencies;
// clang-format off
constexpr UsartRow kUsarts[] = {
    {"USART1",  0x4001'1000, {kApb2, 4},   37,  26, Kind::full,         &F::usart16},
    {"USART2",  0x4000'4400, {kApb1l, 17}, 38,  27, Kind::full,         &F::usart234578},
    {"USART3",  0x4000'4800, {kApb1l, 18}, 39,  28, Kind::full,         &F::usart234578},
    {"UART4",   0x4000'4C00, {kApb1l, 19}, 52,  30, Kind::asynchronous, &F::usart234578},
    {"UART5",   0x4000'5000, {kApb1l, 20}, 53,  31, Kind::asynchronous, &F::usart234578},
    {"USART6",  0x4001'1400, {kApb2, 5},   71,  29, Kind::full,         &F::usart16},
    {"UART7",   0x4000'7800, {kApb1l, 30}, 82,  32, Kind::asynchronous, &F::usart234578},
    {"UART8",   0x4000'7C00, {kApb1l, 31}, 83,  33, Kind::asynchronous, &F::usart234578},
    {"LPUART1", 0x5800'0C00, {kApb4, 3},   142, 34, Kind::low_power,    &F::lpuart1},
};
// clang-format on

constexpr ClockGate kCrypGate{kAhb2, 4}, kHashGate{kAhb2, 5};

enum Irq : unsigned {
    kFlash = 4,
    kRcc = 5,
    kCryp = 79,
    kHashRng = 80,
    kCm7Sev = 64,
    kCm4Sev = 65,
    kHsemLine0 = 125,
    kHsemLine1 = 126
};
enum ExtiLine : unsigned {
    kRtcAlarm = 17,
    kRtcTamper = 18,
    kRtcWakeup = 19,
    kHsemCm7 = 77,
    kHsemCm4 = 78,
    kSevOfCm4 = 79,
    kSevOfCm7 = 80
};

/// RTC_TAMPx: PC13, PI8, PC1; RTC_TS is PC13 as well.
struct RtcPin {
    std::size_t port;  // 0: GPIOA
    unsigned pin;
    unsigned tamper;
};
constexpr RtcPin kRtcPins[] = {{2, 13, 1}, {8, 8, 2}, {2, 1, 3}};
constexpr RtcPin kRtcTs = kRtcPins[0];

}  // namespace

void Chip::Board::attach_all() {
    for (Ram* ram : rams) bus.attach(*ram);
    bus.attach(flash);
    bus.attach(rcc);
    bus.attach(pwr);
    bus.attach(sec);
    bus.attach(exti);
    bus.attach(dbgmcu);
    bus.attach(syscfg, ClockGate{kApb4, 1});
    bus.attach(hsem, ClockGate{kAhb4, 25});
    bus.attach(rtc, ClockGate{kApb4, 16});
    for (unsigned i = 0; i < 11; ++i) {
        gpio.push_back(std::make_unique<gpio::Gpio>(static_cast<char>('A' + i)));
        bus.attach(*gpio.back(), ClockGate{kAhb4, i});
    }
    for (const UsartRow& row : kUsarts) {
        usarts.push_back(std::make_unique<usart::Usart>(row.name, row.base, &clock, row.kind));
        usarts.back()->set_pace(config.uart_pace);
        serial_lines.push_back(std::make_unique<SerialLine>(*usarts.back(), clock, config.uart_pace));
        bus.attach(*usarts.back(), row.gate);
    }
    timers.attach(bus, config.part->cm4);
    dma.attach(bus);
    bus.attach(crc, ClockGate{kAhb4, 19});
    bus.attach(rng, ClockGate{kAhb2, 6});
    bus.attach(cryp, kCrypGate);
    bus.attach(hash, kHashGate);
    for (const StoredBlock& row : stored_blocks()) {
        if (!on(*config.part, row)) continue;
        stored.push_back(
            std::make_unique<storage::Storage>(row.name, row.base, row.size, habits_of(row.name)));
        bus.attach(*stored.back(), row.gate);
    }
}

void Chip::Board::wire_blocks() {
    flash.rights_changed = [this] { drop_translations(); };
    flash.on_refusal = [this](const flash::Refusal& refusal) {
        ++tally.refusals[{refusal.rule, refusal.id, refusal.what, refusal.master}];
    };
    flash.contents_changed = [this](Address canonical, std::uint32_t size) { drop_code(canonical, size); };
    flash.secured_regions_erased = [this] { erase_secured_regions(); };
    flash.pc_of = [this](Master master) {
        const cpu::Core* core = schedule ? schedule->running() : nullptr;
        const bool its_own = core != nullptr && ((master == Master::cm7 && core == cm7.get()) ||
                                                 (master == Master::cm4 && core == cm4.get()));
        return its_own ? core->pc() : flash::FirstWriter::kNoPc;
    };
    flash.power_cut = [this] {
        powered = false;
        power_cut = true;
        cm7->yield();
        cm4->yield();
    };
    secure.changed = [this] {
        if (cm7 && cm4) drop_translations();
    };
    rcc.clocks_changed = [this] { update_frequencies(); };
    rcc.enables_changed = [this] {
        update_kernel_clocks(rcc.frequencies());
        update_timer_clocks();
    };
    rcc.backup_domain_reset = [this] { rtc.backup_domain_reset(); };
    rcc.peripheral_reset = [this](Address rstr, unsigned bit, bool) { reset_peripheral(rstr, bit); };
    // Whoever polls these waits for somebody else: the turn ends (D-28).
    const auto end_turn = [this](const Access&) {
        if (cpu::Core* core = schedule ? schedule->running() : nullptr) core->yield();
    };
    rcc.looked_at = hsem.looked_at = exti.looked_at = end_turn;
    for (std::size_t port = 0; port < gpio.size(); ++port)
        gpio[port]->outside_changed = [this, port](unsigned pin, std::optional<bool> before) {
            wake_pin(port, pin, before);
            pin_to_rtc(port, pin);
        };
    for (std::size_t port = 0; port < gpio.size(); ++port)
        gpio[port]->pin_changed = [this, port](unsigned pin, bool level) {
            pin_to_rtc(port, pin);
            if (on_pin != nullptr && *on_pin) (*on_pin)(static_cast<char>('A' + port), pin, level);
            if (syscfg.exti_port(pin) != port) return;
            exti.set_input(pin, level);
            pin_to_dmamux(pin, level);
        };
    syscfg.exti_selection_changed = [this] {
        for (unsigned pin = 0; pin < 16; ++pin)
            if (const unsigned port = syscfg.exti_port(pin); port < gpio.size()) {
                exti.set_input(pin, gpio[port]->level(pin));
                pin_to_dmamux(pin, gpio[port]->level(pin));
            }
    };
    for (const auto& [wire, exti_line] :
         {std::pair{&rtc.alarm, kRtcAlarm}, std::pair{&rtc.tamper, kRtcTamper},
          std::pair{&rtc.wakeup, kRtcWakeup}})
        wire->connect([this, exti_line = exti_line](bool level) {
            exti.set_input(exti_line, level);
            if (level) woken_from_standby();
        });
    dbgmcu.control_changed = [this] { rcc.debug_clocks_changed(); };
    rcc.boot_released = [this](unsigned core) {
        cpu::Core& released = core == 1 ? *cm7 : *cm4;
        if (in_rss || released.state() != cpu::RunState::held) return;
        if (core == 2 && !config.part->cm4) return;
        start_core(released, true,
                   core == 1 ? "CM7 released by RCC_GCR.BOOT_C1" : "CM4 released by RCC_GCR.BOOT_C2");
        cores_changed();
    };
}

/// The RTC looks at the pad itself, whatever the mode of the pin: in Standby the port is reset.
void Chip::Board::pin_to_rtc(std::size_t port, unsigned pin) {
    const bool level = gpio[port]->outside(pin).value_or(gpio[port]->level(pin));
    for (const RtcPin& row : kRtcPins)
        if (row.port == port && row.pin == pin) rtc.set_tamper_input(row.tamper, level);
    if (port == kRtcTs.port && pin == kRtcTs.pin) rtc.set_time_stamp_input(level);
}

/// Parts without cryptography have no clock for it: reads 0, ignores writes (system.md 6.9).
rcc::ClockEnable Chip::Board::clock_enable(ClockGate gate) {
    const bool cryptography = gate.enr == kAhb2 && (gate.bit == kCrypGate.bit || gate.bit == kHashGate.bit);
    if (cryptography && !config.part->crypto) return {};
    return rcc.clock_enable(gate.enr, 1U << gate.bit | (gate.or_bit < 32 ? 1U << gate.or_bit : 0U));
}

void Chip::Board::drive_interrupt(unsigned core, unsigned irq, IrqLines::Source source, bool level) {
    (core == 0 ? cm7 : cm4)->set_interrupt(irq, irq_lines[core].set(irq, source, level));
}

void Chip::Board::wire_cores() {
    const auto both = [this](unsigned irq, Wire& wire) {
        wire.connect([this, irq](bool level) {
            drive_interrupt(0, irq, IrqLines::own, level);
            drive_interrupt(1, irq, IrqLines::own, level);
        });
    };
    both(kFlash, flash.irq);
    both(kRcc, rcc.irq);
    for (Wire* wire : {&rng.irq, &hash.irq})
        wire->connect([this](bool) {
            for (const unsigned core : {0U, 1U})
                drive_interrupt(core, kHashRng, IrqLines::own, rng.irq.level() || hash.irq.level());
        });
    both(kCryp, cryp.irq);
    for (std::size_t i = 0; i < usarts.size(); ++i) {
        both(kUsarts[i].irq, usarts[i]->irq);
        usarts[i]->wakeup.connect([this, i](bool level) { exti.set_input(kUsarts[i].exti, level); });
    }

    // HSEM line 0 belongs to the CM7, line 1 to the CM4: to their NVICs and, in parallel, to their EXTI
    // lines.
    hsem.line1.connect([this](bool level) {
        drive_interrupt(0, kHsemLine0, IrqLines::own, level);
        exti.set_input(kHsemCm7, level);
    });
    hsem.line2.connect([this](bool level) {
        drive_interrupt(1, kHsemLine1, IrqLines::own, level);
        exti.set_input(kHsemCm4, level);
    });

    for (const unsigned core : {0U, 1U}) {
        exti::Outputs& out = exti.outputs(core == 0 ? exti::Cpu::cpu1 : exti::Cpu::cpu2);
        out.interrupt = [this, core](unsigned irq, bool level) {
            drive_interrupt(core, irq, IrqLines::exti, level);
        };
        out.event = [this, core] {
            (core == 0 ? cm7 : cm4)->send_event();
            wake_line(core + 1);
        };
        out.wakeup = [this, core] { wake_line(core + 1); };
    }

    // SEV crosses over: IRQ 64 / 65 and the event lines (system.md 5.1, A16).
    cm7->sev.connect([this](bool level) {
        if (!level) return;
        cm4->pulse_interrupt(kCm7Sev);
        exti.pulse_input(kSevOfCm7);
    });
    cm4->sev.connect([this](bool level) {
        if (!level) return;
        cm7->pulse_interrupt(kCm4Sev);
        exti.pulse_input(kSevOfCm4);
    });

    cm7->sysresetreq.connect([this](bool level) {
        if (level) request_reset(ResetSource::software_cm7);
    });
    cm4->sysresetreq.connect([this](bool level) {
        if (level) request_reset(ResetSource::software_cm4);
    });
    // At once: nothing runs while the debugger writes. With SECURITY in force the CM7 never starts past the
    // RSS.
    cm7->vectreset.connect([this](bool level) {
        if (!level) return;
        if (secure.latched()) return request_reset(ResetSource::software_cm7);
        reset_core_alone(1, reset_row(ResetSource::vector_cm7));
    });
    cm4->vectreset.connect([this](bool level) {
        if (level) reset_core_alone(2, reset_row(ResetSource::vector_cm4));
    });
    for (cpu::Core* core : {cm7.get(), cm4.get()}) {
        core->on_state_change = [this] { cores_changed(); };
        core->on_halt_change = [this] { update_timer_clocks(); };
        semihosting::Session& session = sessions[core == cm7.get() ? 0 : 1];
        core->on_breakpoint = [core, &session](std::uint8_t immediate) {
            return semihosting::call(session, *core, immediate);
        };
    }
    cm7->set_rom_calls(&rss_calls);
    wire_timers();
    wire_low_power();
    wire_dma();
}

// The enable bit gates the kernel clock with the bus clock (system.md 4.1).
void Chip::Board::update_kernel_clocks(const rcc::Frequencies& frequencies) {
    for (std::size_t i = 0; i < usarts.size(); ++i) {
        const UsartRow& row = kUsarts[i];
        usarts[i]->set_kernel_clock(rcc.clocked(row.gate.enr, row.gate.bit) ? frequencies.*row.kernel : 0);
    }
}

bool Chip::Board::secured_regions_closed() const {
    return flash.rdp() == security::Rdp::level1 && secure.intrusion();
}

/// Why the target of an access port does not answer for want of power or clock; empty: it does (decision
/// 0242).
std::string_view Chip::Board::why_not_clocked(Master ap) const {
    switch (ap) {
        case Master::ap0:
            if (low.dark[0]) return "D1 is in DStandby: AP0 has no power";
            if (!rcc.domain_clocked(1) && !low.off[0])
                return "D1 is in DStop: AP0 has no clock (DBGMCU_CR.DBGSTOP_D1 keeps it)";
            return {};
        case Master::ap3:
            if (low.dark[1]) return "D2 is in DStandby: AP3 has no power";
            if (!rcc.domain_clocked(2) && !low.off[1])
                return "D2 is in DStop: AP3 has no clock (DBGMCU_CR.DBGSTOP_D2 keeps it)";
            return {};
        case Master::ap1:
            return low.stopped ? "the system is in Stop: AP1 has no clock" : "";
        default:
            return {};
    }
}

PortState Chip::Board::debug_state(Master ap, Address address) const {
    if (!powered) return {false, "the chip has no power", ""};
    // Set before a debugger's eyes, level 2 takes the port away at the next power-on only (F-203).
    if (flash.rdp() == security::Rdp::level2 && !secure.debugger_seen())
        return {false, "RDP level 2: debug is disabled for ever", "F-202"};
    if (ap == Master::ap3 && !config.part->cm4)
        return {false, "there is no AP3 on a part without a Cortex-M4", "decision 0170"};
    if (low.standby) return {false, "the chip is in Standby", "system.md 7.1"};
    if (const std::string_view why = why_not_clocked(ap); !why.empty()) return {false, why, "system.md 7.1"};
    if (rss.install_lock()) {
        const bool mailbox = ap == Master::ap0 && address >= 0x2403'0000U && address <= 0x2407'FFFFU;
        if (mailbox) return {};
        return {false, "install lock: only AP0 to 0x24030000-0x2407FFFF", "rss-sfi-bootloader.md 4.9"};
    }
    if (secure.confsec() != 0)
        return {false, "RSS or secure user software runs (CONFSEC is open)", "rss-sfi-bootloader.md 1.7"};
    if (!rss.debug_open())
        return {false, "the RSS left the debug port closed (no jtagState magic, or the UART flow)", "R-041"};
    if (secure.latched() && !gpio.front()->swj_pins_in_af0())
        return {false, "PA13/PA14 are not in AF0: SWD is not connected", "rss-sfi-bootloader.md 1.7"};
    return {};
}

}  // namespace h7::chip

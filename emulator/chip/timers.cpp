#include "emulator/chip/timers.hpp"

#include <algorithm>

#include "emulator/chip/board.hpp"

namespace h7::chip {
namespace {

constexpr Address kApb3 = 0xE4, kApb1l = 0xE8, kApb2 = 0xF0, kApb4 = 0xF4;  // RCC enable registers
constexpr Address kFreezeApb3 = 0x34, kFreezeApb1 = 0x3C, kFreezeApb2 = 0x4C, kFreezeApb4 = 0x54;  // DBGMCU

struct TimRow {
    std::string_view name;
    Address base;
    tim::Kind kind;
    ClockGate gate;  // the freeze bit has the same number
    unsigned irq;    // of the OR of its requests; 0: four lines, see below
};
// clang-format off
constexpr TimRow kTims[] = {
    {"TIM1",  0x4001'0000, tim::Kind::advanced,    {kApb2, 0},  0},
    {"TIM8",  0x4001'0400, tim::Kind::advanced,    {kApb2, 1},  0},
    {"TIM2",  0x4000'0000, tim::Kind::general_32,  {kApb1l, 0}, 28},
    {"TIM3",  0x4000'0400, tim::Kind::general,     {kApb1l, 1}, 29},
    {"TIM4",  0x4000'0800, tim::Kind::general,     {kApb1l, 2}, 30},
    {"TIM5",  0x4000'0C00, tim::Kind::general_32,  {kApb1l, 3}, 50},
    {"TIM6",  0x4000'1000, tim::Kind::basic,       {kApb1l, 4}, 54},
    {"TIM7",  0x4000'1400, tim::Kind::basic,       {kApb1l, 5}, 55},
    {"TIM12", 0x4000'1800, tim::Kind::two_channel, {kApb1l, 6}, 43},
    {"TIM13", 0x4000'1C00, tim::Kind::one_channel, {kApb1l, 7}, 44},
    {"TIM14", 0x4000'2000, tim::Kind::one_channel, {kApb1l, 8}, 45},
    {"TIM15", 0x4001'4000, tim::Kind::tim15,       {kApb2, 16}, 116},
    {"TIM16", 0x4001'4400, tim::Kind::tim16,       {kApb2, 17}, 117},
    {"TIM17", 0x4001'4800, tim::Kind::tim16,       {kApb2, 18}, 118},
};
// clang-format on
struct LptimRow {
    std::string_view name;
    Address base;
    ClockGate gate;  // the freeze bit has the same number
    unsigned irq;
    unsigned exti;  // wake-up line
    std::uint32_t rcc::Frequencies::*kernel;
};
// clang-format off
constexpr LptimRow kLptims[] = {
    {"LPTIM1", 0x4000'2400, {kApb1l, 9}, 93,  47, &rcc::Frequencies::lptim1},
    {"LPTIM2", 0x5800'2400, {kApb4, 9},  138, 48, &rcc::Frequencies::lptim2},
    {"LPTIM3", 0x5800'2800, {kApb4, 10}, 139, 50, &rcc::Frequencies::lptim345},
    {"LPTIM4", 0x5800'2C00, {kApb4, 11}, 140, 52, &rcc::Frequencies::lptim345},
    {"LPTIM5", 0x5800'3000, {kApb4, 12}, 141, 53, &rcc::Frequencies::lptim345},
};
// clang-format on
constexpr unsigned kTim1 = 0, kTim8 = 1, kTim12 = 8, kTim13 = 9, kTim14 = 10;
constexpr unsigned kTim1Break = 24, kTim8Break = 43;  // break, update, trigger, compare in a row

constexpr ClockGate kWwdg1Gate{kApb3, 6}, kWwdg2Gate{kApb1l, 11};
constexpr unsigned kIwdg1Freeze = 18, kIwdg2Freeze = 19;
constexpr unsigned kWwdgIrq = 0;
enum ExtiLine : unsigned { kWwdg1Reset = 82, kWwdg2Reset = 84 };
enum OptionBit : unsigned {
    kIwdg1Software = 4,
    kIwdg2Software = 5,
    kFreezeInStop = 17,
    kFreezeInStandby = 18
};

bool stands(const cpu::Core& core) { return core.halted().has_value(); }

}  // namespace

Timers::Timers(Clock& clock)
    : wwdg1("WWDG1", 0x5000'3000, 0x1000, clock),
      wwdg2("WWDG2", 0x4000'2C00, 0x400, clock),
      iwdg1("IWDG1", 0x5800'4800, clock),
      iwdg2("IWDG2", 0x5800'4C00, clock) {
    for (const TimRow& row : kTims)
        tims.push_back(std::make_unique<tim::Tim>(row.name, row.base, row.kind, clock));
    for (const LptimRow& row : kLptims)
        lptims.push_back(std::make_unique<lptim::Lptim>(row.name, row.base, clock));
}

void Timers::attach(Interconnect& bus, bool cm4) {
    for (std::size_t i = 0; i < tims.size(); ++i) bus.attach(*tims[i], kTims[i].gate);
    for (std::size_t i = 0; i < lptims.size(); ++i) bus.attach(*lptims[i], kLptims[i].gate);
    bus.attach(wwdg1, kWwdg1Gate);
    bus.attach(iwdg1);
    if (!cm4) return;
    bus.attach(wwdg2, kWwdg2Gate);
    bus.attach(iwdg2);
}

void Timers::reset(ResetKind kind) {
    for (auto& tim : tims) tim->reset(kind);
    for (auto& lptim : lptims) lptim->reset(kind);
    for (Peripheral* dog : {static_cast<Peripheral*>(&wwdg1), static_cast<Peripheral*>(&wwdg2),
                            static_cast<Peripheral*>(&iwdg1), static_cast<Peripheral*>(&iwdg2)})
        dog->reset(kind);
}

void Chip::Board::wire_timers() {
    // A line of the NVICs is the OR of everybody on it.
    const auto line = [this](unsigned irq, std::vector<Wire*> wires) {
        for (Wire* wire : wires)
            wire->connect([this, irq, wires](bool) {
                const bool level = std::ranges::any_of(wires, [](const Wire* w) { return w->level(); });
                drive_interrupt(0, irq, IrqLines::own, level);
                drive_interrupt(1, irq, IrqLines::own, level);
            });
    };
    auto& tims = timers.tims;
    tim::Tim &tim1 = *tims[kTim1], &tim8 = *tims[kTim8];
    line(kTim1Break, {&tim1.brk});
    line(kTim1Break + 1, {&tim1.update});
    line(kTim1Break + 2, {&tim1.trigger});
    line(kTim1Break + 3, {&tim1.compare});
    line(kTim8Break, {&tim8.brk, &tims[kTim12]->irq});
    line(kTim8Break + 1, {&tim8.update, &tims[kTim13]->irq});
    line(kTim8Break + 2, {&tim8.trigger, &tims[kTim14]->irq});
    line(kTim8Break + 3, {&tim8.compare});
    for (std::size_t i = 0; i < tims.size(); ++i)
        if (kTims[i].irq != 0 && kTims[i].irq != kTim8Break && kTims[i].irq != kTim8Break + 1 &&
            kTims[i].irq != kTim8Break + 2)
            line(kTims[i].irq, {&tims[i]->irq});

    for (std::size_t i = 0; i < timers.lptims.size(); ++i)
        timers.lptims[i]->irq.connect([this, i](bool level) {
            drive_interrupt(0, kLptims[i].irq, IrqLines::own, level);
            drive_interrupt(1, kLptims[i].irq, IrqLines::own, level);
            exti.set_input(kLptims[i].exti, level);
        });
    timers.wwdg1.irq.connect([this](bool level) { drive_interrupt(0, kWwdgIrq, IrqLines::own, level); });
    timers.wwdg2.irq.connect([this](bool level) { drive_interrupt(1, kWwdgIrq, IrqLines::own, level); });
    timers.wwdg1.timed_out = [this] { window_watchdog_expired(1); };
    timers.wwdg2.timed_out = [this] { window_watchdog_expired(2); };
    timers.iwdg1.timed_out = [this] { request_reset(ResetSource::independent_watchdog1); };
    timers.iwdg2.timed_out = [this] { request_reset(ResetSource::independent_watchdog2); };
    timers.iwdg1.started = timers.iwdg2.started = [this] { rcc.force_lsi(); };

    dbgmcu.freeze_changed = [this] { update_timer_clocks(); };
}

/// A clock reaches a timer when it runs, is enabled, its domain has it and no debugger froze it
/// (system.md 4.2, 6.11).
void Chip::Board::update_timer_clocks() {
    if (!cm7 || !cm4) return;
    const rcc::Frequencies f = rcc.frequencies();
    const bool cm7_halted = stands(*cm7), cm4_halted = stands(*cm4);
    const auto reaching = [&](std::uint32_t hz, ClockGate gate, Address freeze) {
        return rcc.clocked(gate.enr, gate.bit) && !dbgmcu.freezes(freeze, gate.bit, cm7_halted, cm4_halted)
                   ? hz
                   : 0;
    };
    for (std::size_t i = 0; i < timers.tims.size(); ++i) {
        const bool apb2 = kTims[i].gate.enr == kApb2;
        timers.tims[i]->set_clock(
            reaching(apb2 ? f.tim2 : f.tim1, kTims[i].gate, apb2 ? kFreezeApb2 : kFreezeApb1));
    }
    for (std::size_t i = 0; i < timers.lptims.size(); ++i) {
        const LptimRow& row = kLptims[i];
        timers.lptims[i]->set_clock(
            reaching(f.*row.kernel, row.gate, row.gate.enr == kApb4 ? kFreezeApb4 : kFreezeApb1));
    }
    timers.wwdg1.set_clock(in_cstop(1) ? 0 : reaching(f.pclk3, kWwdg1Gate, kFreezeApb3));
    timers.wwdg2.set_clock(in_cstop(2) ? 0 : reaching(f.pclk1, kWwdg2Gate, kFreezeApb1));

    const bool all_stop = in_cstop(1) && in_cstop(2);
    const bool frozen =
        all_stop && !test_bit(flash.options()[flash::kOptsr], low.standby ? kFreezeInStandby : kFreezeInStop);
    const auto lsi = [&](unsigned bit) {
        return frozen || dbgmcu.freezes(kFreezeApb4, bit, cm7_halted, cm4_halted) ? 0 : f.lsi;
    };
    timers.iwdg1.set_clock(lsi(kIwdg1Freeze));
    timers.iwdg2.set_clock(lsi(kIwdg2Freeze));
    constexpr unsigned kRtcFreeze = 16;
    rtc.set_clock(dbgmcu.freezes(kFreezeApb4, kRtcFreeze, cm7_halted, cm4_halted) ? 0 : f.rtc);
    rng.set_clocks(f.rng, f.hclk);
    update_dma_clocks(f);
}

void Chip::Board::reset_timers(ResetKind kind) {
    timers.reset(kind);
    const std::uint32_t options = flash.options()[flash::kOptsr];
    if (!test_bit(options, kIwdg1Software)) timers.iwdg1.start();
    if (config.part->cm4 && !test_bit(options, kIwdg2Software)) timers.iwdg2.start();
    if (timers.iwdg1.running() || timers.iwdg2.running()) rcc.force_lsi();  // they count through Standby
    update_timer_clocks();
}

/// With RCC_GCR.WWnRSC the whole system, without it the core alone (system.md 3.1).
void Chip::Board::window_watchdog_expired(unsigned core) {
    // The CM7 never starts user code past the RSS: with SECURITY in force it takes the system with it (ADR
    // 0100).
    const bool all = rcc.window_watchdog_resets_system(core) || (core == 1 && secure.latched());
    if (core == 1)
        request_reset(all ? ResetSource::window_watchdog1 : ResetSource::window_watchdog1_core);
    else
        request_reset(all ? ResetSource::window_watchdog2 : ResetSource::window_watchdog2_core);
}

/// The core and its window watchdog, nothing else (system.md 3.1). The other core hears of it (5.1, A7).
void Chip::Board::reset_core_alone(unsigned number, const ResetRow& row) {
    trace.line(Topic::reset, row.name);
    rcc.record_reset(row.rsr_flags);
    cpu::Core& core = number == 1 ? *cm7 : *cm4;
    const Address vectors = number == 1 ? choice.cm7 : 0;
    const bool by_watchdog = row.rsr_flags != 0;
    if (by_watchdog) {
        wwdg::Wwdg& dog = number == 1 ? timers.wwdg1 : timers.wwdg2;
        dog.touch();
        dog.reset(row.kind);
    }
    core.reset(vectors);
    for (unsigned irq = 0; irq < IrqLines::kLines; ++irq)
        core.set_interrupt(irq, irq_lines[number - 1].level(irq));  // the peripherals still ask
    if (by_watchdog) exti.pulse_input(number == 1 ? kWwdg1Reset : kWwdg2Reset);
    if (number == 1 && vectors == rss::kRomBase)
        start_bootloader();
    else
        start_core(core, true, number == 1 ? "CM7 starts again" : "CM4 starts again");
    cores_changed();
}

}  // namespace h7::chip

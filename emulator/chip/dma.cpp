#include "emulator/chip/dma.hpp"

#include "emulator/chip/board.hpp"

namespace h7::chip {
namespace {

constexpr Address kAhb3 = 0xD4, kAhb1 = 0xD8, kAhb4 = 0xE0;  // RCC enable registers

constexpr ClockGate kDma1Gate{kAhb1, 0}, kDma2Gate{kAhb1, 1}, kBdmaGate{kAhb4, 21};
constexpr ClockGate kMdmaGate{kAhb3, 0}, kDma2dGate{kAhb3, 4};
constexpr ClockGate kDmamux1Gate{kAhb1, 0, 1};  // with either of the two it serves (decision 0161)

constexpr std::array<unsigned, 8> kDma1Irq = {11, 12, 13, 14, 15, 16, 17, 47};
constexpr std::array<unsigned, 8> kDma2Irq = {56, 57, 58, 59, 60, 68, 69, 70};
constexpr unsigned kDmamux1Overrun = 102, kDmamux2Overrun = 128;
constexpr unsigned kBdmaIrq = 129, kMdmaIrq = 122, kDma2dIrq = 90;  // BDMA: of channel 0, the others follow
constexpr unsigned kBdmaLine = 66, kDmamux2Line = 74;               // EXTI, likewise

// Triggers of the MDMA (RM0399 table 105). 0 to 7 and 8 to 15 are the streams of DMA1 and DMA2.
constexpr unsigned kMdmaClut = 24, kMdmaDma2d = 25, kMdmaWatermark = 26;

struct UsartRequests {
    std::string_view name;
    unsigned receive, transmit;
    bool d3 = false;  // on DMAMUX2
};
// clang-format off
constexpr UsartRequests kUsarts[] = {
    {"USART1", 41, 42}, {"USART2", 43, 44}, {"USART3", 45, 46}, {"UART4", 63, 64}, {"UART5", 65, 66},
    {"USART6", 71, 72}, {"UART7",  79, 80}, {"UART8",  81, 82}, {"LPUART1", 9, 10, true},
};
struct TimRequests {
    std::string_view name;
    // By the place of the flag in SR: update, CH1 to CH4, COM, TRIG. 0: no such request.
    std::array<unsigned, tim::Tim::kRequests> id;
};
constexpr TimRequests kTims[] = {
    //name      UP   CH1  CH2 CH3 CH4 COM  TRIG
    {"TIM1",  {{15,  11,  12, 13, 14, 17,  16}}},
    {"TIM2",  {{22,  18,  19, 20, 21, 0,   0}}},
    {"TIM3",  {{27,  23,  24, 25, 26, 0,   28}}},
    {"TIM4",  {{32,  29,  30, 31, 0,  0,   0}}},
    {"TIM8",  {{51,  47,  48, 49, 50, 53,  52}}},
    {"TIM5",  {{59,  55,  56, 57, 58, 0,   60}}},
    {"TIM6",  {{69,  0,   0,  0,  0,  0,   0}}},
    {"TIM7",  {{70,  0,   0,  0,  0,  0,   0}}},
    {"TIM15", {{106, 105, 0,  0,  0,  108, 107}}},
    {"TIM16", {{110, 109, 0,  0,  0,  0,   0}}},
    {"TIM17", {{112, 111, 0,  0,  0,  0,   0}}},
};
// clang-format on

constexpr unsigned kCrypIn = 76, kCrypOut = 77, kHashIn = 78;

// Inputs of the generators and of synchronization that exist here (RM0399 tables 128 to 132).
constexpr unsigned kMux1Events = 3, kMux1Exti0 = 6;
constexpr unsigned kMux2TriggerEvents = 7, kMux2SyncEvents = 6;
constexpr unsigned kMux2TriggerExti0 = 20, kMux2TriggerExti2 = 21, kMux2SyncExti0 = 14, kMux2SyncExti2 = 15;
constexpr unsigned kMux2TriggerBdma = 28;  // channels 0 and 1
constexpr unsigned kMux1Lptim1 = 3;        // lptim1_out, behind it lptim2_out and lptim3_out
constexpr unsigned kMux2TriggerLpuartRxWakeup = 7, kMux2SyncLpuartRxWakeup = 6;
constexpr unsigned kMux2TriggerLptim2Wakeup = 9, kMux2TriggerLptim2 = 10,
                   kMux2SyncLptim2 = 8;  // LPTIM3: +2, +1
constexpr unsigned kMux2TriggerLptim4 = 13, kMux2TriggerRtcWakeup = 19, kMux2SyncRtcWakeup = 13;
constexpr unsigned kMux2TriggerLpuartTransmit = 24, kMux2TriggerLpuartReceive = 25;
constexpr unsigned kExtiLptim2Out = 49;  // LPTIM3: +2

}  // namespace

DmaEngines::DmaEngines(Clock& clock, BusPort& bus)
    : dmamux1("DMAMUX1", 0x4002'0800, dmamux::kDmamux1),
      dmamux2("DMAMUX2", 0x5802'5800, dmamux::kDmamux2),
      dma1("DMA1", 0x4002'0000, Master::dma1, clock, bus),
      dma2("DMA2", 0x4002'0400, Master::dma2, clock, bus),
      bdma(clock, bus),
      mdma(clock, bus),
      dma2d(clock, bus) {
    for (unsigned n = 0; n < dma::Dma::kStreams; ++n) {
        dma1.connect(n, dmamux1.out[n]);
        dma2.connect(n, dmamux1.out[n + dma::Dma::kStreams]);
        mdma.connect(n, dma1.transfer_complete[n]);
        mdma.connect(n + dma::Dma::kStreams, dma2.transfer_complete[n]);
        bdma.connect(n, dmamux2.out[n]);
    }
    mdma.connect(kMdmaClut, dma2d.clut_complete);
    mdma.connect(kMdmaDma2d, dma2d.complete);
    mdma.connect(kMdmaWatermark, dma2d.watermark);
}

void DmaEngines::attach(Interconnect& bus) {
    bus.attach(dma1, kDma1Gate);
    bus.attach(dma2, kDma2Gate);
    bus.attach(dmamux1, kDmamux1Gate);
    bus.attach(dmamux2, kBdmaGate);
    bus.attach(bdma, kBdmaGate);
    bus.attach(mdma, kMdmaGate);
    bus.attach(dma2d, kDma2dGate);
}

void DmaEngines::reset(ResetKind kind) {
    for (Peripheral* block :
         {static_cast<Peripheral*>(&dma1), static_cast<Peripheral*>(&dma2), static_cast<Peripheral*>(&bdma),
          static_cast<Peripheral*>(&mdma), static_cast<Peripheral*>(&dma2d),
          static_cast<Peripheral*>(&dmamux1), static_cast<Peripheral*>(&dmamux2)})
        block->reset(kind);
}

/// Request lines: who asks under which number.
void Chip::Board::wire_dma_requests() {
    for (auto& port : usarts)
        for (const UsartRequests& row : kUsarts)
            if (row.name == port->name()) {
                dmamux::Dmamux& mux = row.d3 ? dma.dmamux2 : dma.dmamux1;
                mux.connect(row.receive, port->dma_receive);
                mux.connect(row.transmit, port->dma_transmit);
            }
    for (auto& timer : timers.tims)
        for (const TimRequests& row : kTims)
            if (row.name == timer->name())
                for (unsigned which = 0; which < tim::Tim::kRequests; ++which)
                    if (row.id[which] != 0) dma.dmamux1.connect(row.id[which], timer->dma[which]);

    dma.dmamux1.connect(kCrypIn, cryp.dma_in);
    dma.dmamux1.connect(kCrypOut, cryp.dma_out);
    dma.dmamux1.connect(kHashIn, hash.dma_in);
    hash.dma_in.completed = [this] {
        hash.touch();
        hash.dma_completed();
    };

    // What starts generators and lots: their own events, pins.
    for (unsigned n = 0; n < kMux1Events; ++n)
        dma.dmamux1.event[n].connect([this, n](bool level) {
            dma.dmamux1.set_sync(n, level);
            dma.dmamux1.set_trigger(n, level);
        });
    for (unsigned n = 0; n < kMux2TriggerEvents; ++n)
        dma.dmamux2.event[n].connect([this, n](bool level) {
            if (n < kMux2SyncEvents) dma.dmamux2.set_sync(n, level);
            dma.dmamux2.set_trigger(n, level);
        });
    for (const unsigned n : {0U, 1U})
        dma.bdma.irq[n].connect(
            [this, n](bool level) { dma.dmamux2.set_trigger(kMux2TriggerBdma + n, level); });
}

/// Outputs and interrupts of LPTIMs, RTC and LPUART1 as inputs (RM0399 tables 128 to 132).
void Chip::Board::wire_dmamux_inputs() {
    for (unsigned n = 0; n < 3; ++n)
        timers.lptims[n]->out.connect([this, n](bool level) {
            dma.dmamux1.set_sync(kMux1Lptim1 + n, level);
            dma.dmamux1.set_trigger(kMux1Lptim1 + n, level);
            if (n == 0) return;
            dma.dmamux2.set_sync(kMux2SyncLptim2 + n - 1, level);
            dma.dmamux2.set_trigger(kMux2TriggerLptim2 + 2 * (n - 1), level);
            exti.set_input(kExtiLptim2Out + 2 * (n - 1), level);
        });
    const auto triggers = [this](Wire& wire, unsigned input) {
        wire.connect([this, input](bool level) { dma.dmamux2.set_trigger(input, level); });
    };
    for (const unsigned n : {1U, 2U}) triggers(timers.lptims[n]->irq, kMux2TriggerLptim2Wakeup + 2 * (n - 1));
    for (const unsigned n : {3U, 4U}) triggers(timers.lptims[n]->irq, kMux2TriggerLptim4 + n - 3);
    rtc.wakeup.connect([this](bool level) {
        dma.dmamux2.set_sync(kMux2SyncRtcWakeup, level);
        dma.dmamux2.set_trigger(kMux2TriggerRtcWakeup, level);
    });
    for (auto& port : usarts) {
        if (port->name() != "LPUART1") continue;
        port->wakeup.connect([this](bool level) {
            dma.dmamux2.set_sync(kMux2SyncLpuartRxWakeup, level);
            dma.dmamux2.set_trigger(kMux2TriggerLpuartRxWakeup, level);
        });
        triggers(port->irq_transmit, kMux2TriggerLpuartTransmit);
        triggers(port->irq_receive, kMux2TriggerLpuartReceive);
    }
    dma.dmamux1.inputs_selected = dma.dmamux2.inputs_selected = exti.edges_selected = [this] {
        for (unsigned n = 0; n < 3; ++n) timers.lptims[n]->listen_to_output(output_heard(n));
    };
}

bool Chip::Board::output_heard(unsigned lptim) const {
    const unsigned input = kMux1Lptim1 + lptim;
    if (dma.dmamux1.hears_sync(input) || dma.dmamux1.hears_trigger(input)) return true;
    if (lptim == 0) return false;
    const unsigned n = lptim - 1;
    return dma.dmamux2.hears_sync(kMux2SyncLptim2 + n) ||
           dma.dmamux2.hears_trigger(kMux2TriggerLptim2 + 2 * n) || exti.hears(kExtiLptim2Out + 2 * n);
}

/// A pin that SYSCFG_EXTICR selected changed its level.
void Chip::Board::pin_to_dmamux(unsigned pin, bool level) {
    if (pin == 0) {
        dma.dmamux1.set_sync(kMux1Exti0, level);
        dma.dmamux1.set_trigger(kMux1Exti0, level);
        dma.dmamux2.set_sync(kMux2SyncExti0, level);
        dma.dmamux2.set_trigger(kMux2TriggerExti0, level);
    }
    if (pin == 2) {
        dma.dmamux2.set_sync(kMux2SyncExti2, level);
        dma.dmamux2.set_trigger(kMux2TriggerExti2, level);
    }
}

void Chip::Board::wire_dma() {
    const auto both = [this](unsigned irq, Wire& wire) {
        wire.connect([this, irq](bool level) {
            drive_interrupt(0, irq, IrqLines::own, level);
            drive_interrupt(1, irq, IrqLines::own, level);
        });
    };
    for (unsigned n = 0; n < dma::Dma::kStreams; ++n) {
        both(kDma1Irq[n], dma.dma1.irq[n]);
        both(kDma2Irq[n], dma.dma2.irq[n]);
        both(kBdmaIrq + n, dma.bdma.irq[n]);
        dma.bdma.irq[n].connect([this, n](bool level) { exti.set_input(kBdmaLine + n, level); });
    }
    both(kMdmaIrq, dma.mdma.irq);
    both(kDma2dIrq, dma.dma2d.irq);
    both(kDmamux1Overrun, dma.dmamux1.irq);
    both(kDmamux2Overrun, dma.dmamux2.irq);
    dma.dmamux2.irq.connect([this](bool level) { exti.set_input(kDmamux2Line, level); });
    wire_dma_requests();
    wire_dmamux_inputs();
}

void Chip::Board::update_dma_clocks(const rcc::Frequencies& frequencies) {
    const auto clock_of = [&](ClockGate gate, bool domain) {
        return clocked(gate) && domain ? frequencies.hclk : 0;
    };
    const bool d2 = rcc.domain_clocked(2);
    dma.dma1.set_clock(clock_of(kDma1Gate, d2));
    dma.dma2.set_clock(clock_of(kDma2Gate, d2));
    const bool d1 = rcc.domain_clocked(1);
    dma.mdma.set_clock(clock_of(kMdmaGate, d1));
    dma.dma2d.set_clock(clock_of(kDma2dGate, d1));
    dma.bdma.set_clock(clock_of(kBdmaGate, d1 || d2));  // D3 runs while one of the others does
}

}  // namespace h7::chip

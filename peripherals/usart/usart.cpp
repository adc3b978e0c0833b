// Register effects, status flags and wires.
#include "peripherals/usart/usart.hpp"

#include <array>
#include <utility>

namespace h7::usart {
namespace {

/// RXFTCFG, TXFTCFG: 1/8, 1/4, 1/2, 3/4, 7/8 and all of the sixteen places.
constexpr std::size_t threshold(std::uint32_t field) {
    constexpr std::array<std::size_t, 6> kPlaces = {2, 4, 8, 12, 14, 16};
    return kPlaces[field < kPlaces.size() ? field : 5];
}

// What may only be written while UE = 0 (RM0399 51.8).
constexpr std::uint32_t kLockedInCr1 = 0x33FF'9E00;   // PS PCE WAKE M0 OVER8 DEDT DEAT M1 FIFOEN
constexpr std::uint32_t kLockedInCr2 = 0x000F'FF30;   // ADDM7 LBDL LBCL CPHA CPOL CLKEN STOP LINEN SWAP ..
constexpr std::uint32_t kLockedInCr3 = 0x0030'FB3E;   // IREN IRLP HDSEL NACK SCEN RTSE CTSE ONEBIT OVRDIS ..
constexpr std::uint32_t kAddress = 0xFF00'0000;       // CR2.ADD: also while RE = 0
constexpr std::uint32_t kAutoBaudMode = 0x0060'0000;  // CR2.ABRMODE: also while ABREN = 0

constexpr std::uint32_t kReceiveErrors = 7;  // ISR.PE, FE, NE

}  // namespace

Usart::Usart(std::string_view name, Address base, Clock* clock, Kind kind)
    : RegisterBlock(name, base, 0x400), clock_(clock), kind_(kind) {}

/// Bits without existence read 0; bits that are locked keep what they had.
void Usart::keep(const RegisterWrite& write, std::uint32_t& stored, std::uint32_t locked) {
    const std::uint32_t wanted = stored & ~absent(offset_of(write.access) & ~Address{3});
    stored = (wanted & ~locked) | (write.old & locked);
    if (stored == wanted || trace_ == nullptr || std::exchange(lock_told_, true)) return;
    trace_->notice(std::string(name()) +
                   " is configured while UE = 1: such bits keep their value (RM0399 51.8)");
}

BusResult<void> Usart::control_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Usart>;
    const bool was_on = Regs::field<"CR1.UE">(write.old) != 0;
    const bool sent_before = was_on && Regs::field<"CR1.TE">(write.old) != 0;
    std::uint32_t next = regs_.get<"CR1">();
    keep(write, next, was_on && Regs::field<"CR1.UE">(next) != 0 ? kLockedInCr1 : 0);
    regs_.set<"CR1">(next);
    if (was_on && regs_.get<"CR1.UE">() == 0) {
        stop_everything();
        regs_.set<"ISR">(0xC0);
    }
    if (regs_.get<"CR1.UESM">() == 0) regs_.set<"ISR.WUF">(0);
    if (regs_.get<"CR1.MME">() == 0) regs_.set<"ISR.RWU">(0);
    if (!sent_before && transmitter_on()) idle_frame_wanted_ = true;
    if (transmitter_on())
        start_sending();
    else if (sending_ == Sending::nothing)
        regs_.set<"ISR.TC">(1);
    arm_timeout();
    update();
    tell_listening();
    return {};
}

BusResult<void> Usart::format_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Usart>;
    std::uint32_t locked = 0;
    if (regs_.get<"CR1.UE">() != 0) {
        locked = kLockedInCr2;
        if (receiver_on()) locked |= kAddress;
        if (Regs::field<"CR2.ABREN">(write.old) != 0) locked |= kAutoBaudMode;
    }
    std::uint32_t next = regs_.get<"CR2">();
    keep(write, next, locked);
    regs_.set<"CR2">(next);
    arm_timeout();
    update();
    return {};
}

BusResult<void> Usart::settings_written(const RegisterWrite& write) {
    std::uint32_t next = regs_.get<"CR3">();
    keep(write, next, regs_.get<"CR1.UE">() != 0 ? kLockedInCr3 : 0);
    regs_.set<"CR3">(next);
    if (regs_.get<"CR3.OVRDIS">() != 0) regs_.set<"ISR.ORE">(0);
    update();
    return {};
}

// BRR, GTPR, PRESC.
BusResult<void> Usart::rate_written(const RegisterWrite& write) {
    const auto slot = regs_.slot_at(offset_of(write.access));
    keep(write, regs_.stored(slot), regs_.get<"CR1.UE">() != 0 ? ~0U : 0);
    return {};
}

BusResult<void> Usart::timeout_written(const RegisterWrite& write) {
    std::uint32_t next = regs_.get<"RTOR">();
    keep(write, next, 0);
    regs_.set<"RTOR">(next);
    arm_timeout();
    return {};
}

BusResult<void> Usart::request_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Usart>;
    if (Regs::field<"RQR.ABRRQ">(write.value) != 0) {
        regs_.set<"ISR.ABRF">(0);
        regs_.set<"ISR.ABRE">(0);
    }
    if (Regs::field<"RQR.SBKRQ">(write.value) != 0) {
        regs_.set<"ISR.SBKF">(1);
        start_sending();
    }
    // Asked for on a line that is idle already, muting by idle line does not begin (RM0399 51.5.10).
    if (Regs::field<"RQR.MMRQ">(write.value) != 0 && regs_.get<"CR1.MME">() != 0 &&
        (regs_.get<"CR1.WAKE">() != 0 || line_active_))
        regs_.set<"ISR.RWU">(1);
    if (Regs::field<"RQR.RXFRQ">(write.value) != 0) rx_.clear();
    if (Regs::field<"RQR.TXFRQ">(write.value) != 0) {
        tx_.clear();
        txfe_cleared_ = false;
    }
    update();
    tell_listening();
    return {};
}

BusResult<void> Usart::flags_cleared(const RegisterWrite& write) {
    // Every flag that is an event has the same place in ICR and in ISR.
    constexpr std::uint32_t kClearable = 0x0012'3B5F;
    regs_.set<"ISR">(regs_.get<"ISR">() & ~(write.value & kClearable));
    if (RegisterFile<Usart>::field<"ICR.TXFECF">(write.value) != 0) txfe_cleared_ = true;
    update();
    return {};
}

BusResult<void> Usart::data_written(const RegisterWrite& write) {
    const auto character = static_cast<std::uint16_t>(write.value & 0x1FF);
    if (tx_.size() < tx_places())
        tx_.push_back(character);
    else if (!fifo_on())
        tx_.back() = character;  // TDR is written over; a full FIFO loses the new one
    regs_.set<"ISR.TC">(0);
    txfe_cleared_ = false;
    start_sending();
    update();
    return {};
}

std::uint32_t Usart::data_read(const Access&, unsigned) {
    if (rx_.empty()) return regs_.get<"RDR">();
    regs_.set<"RDR">(rx_.front().value);
    rx_.pop_front();
    if (!rx_.empty()) show_oldest();
    update();
    tell_listening();
    return regs_.get<"RDR">();
}

bool Usart::wants_interrupt(std::uint32_t isr) const {
    const std::uint32_t cr1 = regs_.get<"CR1">(), cr3 = regs_.get<"CR3">();
    const auto asks = [isr](std::uint32_t control, unsigned enable, std::uint32_t flags) {
        return test_bit(control, enable) && (isr & flags) != 0;
    };
    return (isr & cr1 & 0xD0) != 0 ||          // IDLE, TC, TXE with the enable at the same place
           asks(cr1, 5, 1U << 5 | 1U << 3) ||  // RXNEIE: RXNE, ORE
           asks(cr1, 8, 1U << 0) ||            // PEIE
           asks(cr1, 14, 1U << 17) ||          // CMIE
           asks(cr1, 26, 1U << 11) ||          // RTOIE
           asks(cr1, 30, 1U << 23) ||          // TXFEIE
           asks(cr1, 31, 1U << 24) ||          // RXFFIE
           asks(cr3, 0, 0xE) ||                // EIE: ORE, NE, FE
           asks(cr3, 23, 1U << 27) ||          // TXFTIE
           asks(cr3, 28, 1U << 26);            // RXFTIE
}

void Usart::drive_halves(std::uint32_t isr) {
    constexpr std::uint32_t kTransmit = 1U << 6 | 1U << 7 | 1U << 23 | 1U << 27;  // TC, TXE, TXFE, TXFT
    irq_transmit.set(wants_interrupt(isr & kTransmit));
    irq_receive.set(wants_interrupt(isr & ~kTransmit));
}

bool Usart::wants_wakeup(std::uint32_t isr) const {
    const std::uint32_t cr1 = regs_.get<"CR1">(), cr3 = regs_.get<"CR3">();
    if (regs_.get<"CR1.UESM">() == 0) return false;
    const auto both = [](std::uint32_t control, unsigned enable, std::uint32_t flags, unsigned flag) {
        return test_bit(control, enable) && test_bit(flags, flag);
    };
    return both(cr3, 22, isr, 20) || both(cr1, 5, isr, 5) || both(cr1, 31, isr, 24) ||
           both(cr1, 30, isr, 23) || both(cr3, 23, isr, 27) || both(cr3, 28, isr, 26);
}

void Usart::update() {
    const bool fifo = fifo_on(), on = regs_.get<"CR1.UE">() != 0;
    std::uint32_t isr = regs_.get<"ISR">() & ~0x0DE0'04A0U;
    const auto show = [&isr](unsigned flag, bool is) { isr |= std::uint32_t{is} << flag; };
    show(5, !rx_.empty());
    show(7, tx_.size() < tx_places());
    show(10, on && regs_.get<"CR3.CTSE">() != 0);  // the far end is always ready
    show(21, transmitter_on());
    show(22, receiver_on());
    if (fifo) {
        show(23, tx_.empty() && !txfe_cleared_);
        show(24, rx_.size() == kFifoDepth + 1);
        show(26, rx_.size() >= threshold(regs_.get<"CR3.RXFTCFG">()));
        show(27, transmitter_on() && kFifoDepth - tx_.size() >= threshold(regs_.get<"CR3.TXFTCFG">()));
    }
    regs_.set<"ISR">(isr);
    irq.set(wants_interrupt(isr));
    wakeup.set(wants_wakeup(isr));
    if (kind_ == Kind::low_power) drive_halves(isr);
    const bool masked = regs_.get<"CR3.DDRE">() != 0 && (isr & kReceiveErrors) != 0;
    dma_receive.set(on && regs_.get<"CR3.DMAR">() != 0 && !rx_.empty() && !masked);
    dma_transmit.set(on && regs_.get<"CR3.DMAT">() != 0 && tx_.size() < tx_places());
}

void Usart::stop_everything() {
    for (Alarm* alarm : {&sent_, &idle_, &timeout_}) clear_alarm(*alarm);
    sending_ = Sending::nothing;
    idle_frame_wanted_ = txfe_cleared_ = line_active_ = false;
    timeout_told_ = true;
    tx_.clear();
    rx_.clear();
}

void Usart::reset(ResetKind) {
    stop_everything();
    regs_.reset();
    update();
}

void Usart::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.u8(static_cast<std::uint8_t>(tx_.size()));
    for (const std::uint16_t word : tx_) out.u32(word);
    out.u8(static_cast<std::uint8_t>(rx_.size()));
    for (const Received& got : rx_) out.u32(got.value | std::uint32_t{got.errors} << 16);
    out.u8(static_cast<std::uint8_t>(sending_));
    out.u32(shift_register_);
    for (const bool flag : {idle_frame_wanted_, txfe_cleared_, line_active_, timeout_told_}) out.flag(flag);
    for (const Time time : {last_end_, sent_.due, idle_.due, timeout_.due}) out.u64(time);
}

void Usart::load(StateReader& in) {
    stop_everything();
    RegisterBlock::load(in);
    for (std::size_t left = in.u8(); left > 0 && in.ok(); --left)
        if (const std::uint32_t word = in.u32(); tx_.size() < kFifoDepth)
            tx_.push_back(static_cast<std::uint16_t>(word & 0x1FF));
    for (std::size_t left = in.u8(); left > 0 && in.ok(); --left)
        if (const std::uint32_t word = in.u32(); rx_.size() <= kFifoDepth)
            rx_.push_back(
                {static_cast<std::uint16_t>(word & 0x1FF), static_cast<std::uint8_t>(word >> 16 & 7)});
    sending_ = static_cast<Sending>(in.u8() & 3);
    shift_register_ = static_cast<std::uint16_t>(in.u32());
    for (bool* flag : {&idle_frame_wanted_, &txfe_cleared_, &line_active_, &timeout_told_}) *flag = in.flag();
    last_end_ = in.u64();
    if (const Time due = in.u64(); due != kNever && in.ok()) set_alarm(sent_, due, &Usart::sent);
    if (const Time due = in.u64(); due != kNever && in.ok()) set_alarm(idle_, due, &Usart::idle_detected);
    if (const Time due = in.u64(); due != kNever && in.ok()) set_alarm(timeout_, due, &Usart::timed_out);
    update();
}

}  // namespace h7::usart

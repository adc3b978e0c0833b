#include "peripherals/usart/usart.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace h7::usart {
namespace {

/// RXFTCFG, TXFTCFG: 1/8, 1/4, 1/2, 3/4, 7/8 and all of the sixteen places.
constexpr std::size_t threshold(std::uint32_t field) {
    constexpr std::array<std::size_t, 6> kPlaces = {2, 4, 8, 12, 14, 16};
    return kPlaces[field < kPlaces.size() ? field : 5];
}

/// PRESC: 1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256.
constexpr std::uint32_t prescaler(std::uint32_t field) {
    constexpr std::array<std::uint32_t, 12> kDividers = {1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256};
    return kDividers[field < kDividers.size() ? field : 11];
}

}  // namespace

Usart::Usart(std::string_view name, Address base, Timing timing, Kind kind)
    : RegisterBlock(name, base, 0x400), timing_(std::move(timing)), kind_(kind) {}

bool Usart::can_receive() const { return receiver_on() && rx_.size() < depth(); }

bool Usart::receive(std::uint8_t character) {
    if (!receiver_on()) return false;
    bool kept = true;
    if (rx_.size() < depth()) {
        rx_.push_back(character);
    } else if (regs_.get<"CR3.OVRDIS">() != 0) {
        rx_.back() = character;  // the last one is written over, nobody is told
    } else {
        regs_.set<"ISR.ORE">(1);
        kept = false;
    }
    if (character == regs_.get<"CR2.ADD">()) regs_.set<"ISR.CMF">(1);
    busy_line_ = true;
    if (timing_.clock != nullptr && frame_time() != kNever) {
        timing_.clock->cancel(idle_event_);
        due_idle_ = timing_.clock->now() + frame_time();
        idle_event_ = timing_.clock->at(due_idle_, name(), [this] { idle_detected(); });
    }
    update();
    return kept;
}

void Usart::line_idle() {
    if (timing_.clock == nullptr) idle_detected();
}

void Usart::idle_detected() {
    idle_event_ = 0;
    due_idle_ = kNever;
    if (!busy_line_ || !receiver_on()) return;
    busy_line_ = false;
    regs_.set<"ISR.IDLE">(1);
    update();
}

/// One character on the line, kNever while no baud rate is set. BRR is the kernel clock over the baud rate;
/// OVER8 and the LPUART scale it.
Time Usart::frame_time() const {
    const std::uint32_t kernel = timing_.kernel_hz ? timing_.kernel_hz() : 0;
    const std::uint32_t brr = regs_.get<"BRR">();
    if (kernel == 0 || brr == 0) return kNever;
    const std::uint64_t divider = std::uint64_t{prescaler(regs_.get<"PRESC.PRESCALER">())};
    const std::uint64_t input = std::max<std::uint64_t>(kernel / divider, 1);
    const unsigned word = regs_.get<"CR1.M1">() != 0 ? 7 : 8 + regs_.get<"CR1.M0">();
    const unsigned bits_on_line = 1 + word + (regs_.get<"CR2.STOP">() == 2 ? 2 : 1);
    // Kernel clock cycles of a bit: BRR; BRR/2 with its low digit moved up one place for OVER8; BRR/256 in
    // the LPUART.
    const std::uint64_t usartdiv =
        regs_.get<"CR1.OVER8">() != 0 ? std::uint64_t{(brr & 0xFFF0U) | (brr & 7U) << 1} : std::uint64_t{brr};
    const std::uint64_t per_bit_x256 = kind_ == Kind::low_power        ? usartdiv
                                       : regs_.get<"CR1.OVER8">() != 0 ? usartdiv * 128
                                                                       : usartdiv * 256;
    return bits_on_line * per_bit_x256 * (kSecond / 256) / input;
}

void Usart::start_sending() {
    while (transmitter_on() && !shifting_ && !tx_.empty()) {
        shift_register_ = tx_.front();
        if (timing_.clock == nullptr) {
            tx_.pop_front();
            if (transmit) transmit(static_cast<std::uint8_t>(shift_register_));
            regs_.set<"ISR.TC">(1);
            continue;
        }
        const Time frame = frame_time();
        if (frame == kNever) return;  // without a clock it waits; the next write tries again
        tx_.pop_front();
        shifting_ = true;
        due_sent_ = timing_.clock->now() + frame;
        sent_event_ = timing_.clock->at(due_sent_, name(), [this] { sent(); });
    }
}

void Usart::sent() {
    shifting_ = false;
    sent_event_ = 0;
    due_sent_ = kNever;
    if (transmit) transmit(static_cast<std::uint8_t>(shift_register_));
    start_sending();
    if (!shifting_ && tx_.empty()) regs_.set<"ISR.TC">(1);
    update();
}

void Usart::stop_everything() {
    if (timing_.clock != nullptr) {
        timing_.clock->cancel(sent_event_);
        timing_.clock->cancel(idle_event_);
    }
    sent_event_ = idle_event_ = 0;
    due_sent_ = due_idle_ = kNever;
    shifting_ = busy_line_ = false;
    tx_.clear();
    rx_.clear();
}

BusResult<void> Usart::control_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Usart>;
    const bool was_on = Regs::field<"CR1.UE">(write.old) != 0;
    if (was_on) regs_.set<"CR1.FIFOEN">(Regs::field<"CR1.FIFOEN">(write.old));  // chosen while UE = 0
    if (was_on && regs_.get<"CR1.UE">() == 0) {
        stop_everything();
        regs_.set<"ISR">(0xC0);
    }
    start_sending();
    update();
    return {};
}

BusResult<void> Usart::settings_written(const RegisterWrite&) {
    update();
    return {};
}

BusResult<void> Usart::request_written(const RegisterWrite& write) {
    if (test_bit(write.value, 3)) rx_.clear();
    if (test_bit(write.value, 4)) tx_.clear();
    if (trace_ != nullptr && extract(write.value, 2, 0) != 0)
        trace_->unmodelled(name(), "RQR.ABRRQ/SBKRQ/MMRQ", write.access);
    update();
    return {};
}

BusResult<void> Usart::flags_cleared(const RegisterWrite& write) {
    // PE, FE, NE, ORE, IDLE, TC and CMF have the same place in ICR and ISR; the others are never set here.
    constexpr std::uint32_t kClearable = 0x0002'005F;
    regs_.set<"ISR">(regs_.get<"ISR">() & ~(write.value & kClearable));
    update();
    return {};
}

BusResult<void> Usart::data_written(const RegisterWrite& write) {
    const auto character = static_cast<std::uint16_t>(write.value & 0x1FF);
    if (tx_.size() < depth())
        tx_.push_back(character);
    else if (!fifo_on())
        tx_.back() = character;  // TDR is written over; a full FIFO loses the new one
    regs_.set<"ISR.TC">(0);
    start_sending();
    update();
    return {};
}

std::uint32_t Usart::data_read(const Access&, unsigned) {
    if (!rx_.empty()) {
        regs_.set<"RDR">(rx_.front());
        rx_.pop_front();
        update();
    }
    return regs_.get<"RDR">();
}

bool Usart::wants_interrupt() const {
    const std::uint32_t isr = regs_.get<"ISR">(), cr1 = regs_.get<"CR1">(), cr3 = regs_.get<"CR3">();
    const auto set = [isr](unsigned flag) { return test_bit(isr, flag); };
    const bool overrun = set(3);
    return (test_bit(cr1, 4) && set(4)) || (test_bit(cr1, 5) && (set(5) || overrun)) ||
           (test_bit(cr1, 6) && set(6)) || (test_bit(cr1, 7) && set(7)) || (test_bit(cr1, 8) && set(0)) ||
           (test_bit(cr1, 14) && set(17)) || (test_bit(cr1, 30) && set(23)) ||
           (test_bit(cr1, 31) && set(24)) || (test_bit(cr3, 0) && (overrun || set(1) || set(2))) ||
           (test_bit(cr3, 23) && set(27)) || (test_bit(cr3, 28) && set(26));
}

void Usart::update() {
    const bool fifo = fifo_on();
    regs_.set<"ISR.RXNE">(rx_.empty() ? 0 : 1);
    regs_.set<"ISR.TXE">(tx_.size() < depth() ? 1 : 0);
    regs_.set<"ISR.TEACK">(transmitter_on() ? 1 : 0);
    regs_.set<"ISR.REACK">(receiver_on() ? 1 : 0);
    regs_.set<"ISR.TXFE">(fifo && tx_.empty() ? 1 : 0);
    regs_.set<"ISR.RXFF">(fifo && rx_.size() == kFifoDepth ? 1 : 0);
    regs_.set<"ISR.RXFT">(fifo && rx_.size() >= threshold(regs_.get<"CR3.RXFTCFG">()) ? 1 : 0);
    const std::size_t free_places = kFifoDepth - tx_.size();
    const bool enough = fifo && transmitter_on() && free_places >= threshold(regs_.get<"CR3.TXFTCFG">());
    regs_.set<"ISR.TXFT">(enough ? 1 : 0);
    irq.set(wants_interrupt());
}

void Usart::reset(ResetKind) {
    stop_everything();
    regs_.reset();
    update();
}

void Usart::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const auto* queue : {&tx_, &rx_}) {
        out.u8(static_cast<std::uint8_t>(queue->size()));
        for (const std::uint16_t c : *queue) out.u32(c);
    }
    out.flag(shifting_);
    out.u32(shift_register_);
    out.flag(busy_line_);
    out.u64(due_sent_);
    out.u64(due_idle_);
}

void Usart::load(StateReader& in) {
    stop_everything();
    RegisterBlock::load(in);
    for (auto* queue : {&tx_, &rx_})
        for (std::size_t left = in.u8(); left > 0 && in.ok(); --left)
            if (const std::uint32_t c = in.u32(); queue->size() < kFifoDepth)
                queue->push_back(static_cast<std::uint16_t>(c));
    shifting_ = in.flag();
    shift_register_ = static_cast<std::uint16_t>(in.u32());
    busy_line_ = in.flag();
    due_sent_ = in.u64();
    due_idle_ = in.u64();
    if (timing_.clock != nullptr && in.ok()) {
        if (shifting_) sent_event_ = timing_.clock->at(due_sent_, name(), [this] { sent(); });
        if (due_idle_ != kNever)
            idle_event_ = timing_.clock->at(due_idle_, name(), [this] { idle_detected(); });
    }
    update();
}

}  // namespace h7::usart

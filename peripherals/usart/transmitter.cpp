// From TDR or TXFIFO through the shift register to TX (RM0399 51.5.5).
#include <utility>

#include "peripherals/usart/usart.hpp"

namespace h7::usart {

/// A character is on the line: to whoever listens, and in half-duplex to our own receiver.
void Usart::leave(std::uint16_t word) {
    const auto data = static_cast<std::uint16_t>(word & ((1U << data_bits()) - 1U));
    if (transmit) transmit(static_cast<std::uint8_t>(data));
    if (regs_.get<"CR3.HDSEL">() != 0) receive(Character{.data = data});
}

void Usart::start_sending() {
    if (instant()) {
        send_at_once();
        return;
    }
    if (sending_ != Sending::nothing || !transmitter_on() || frame_time() == kNever) return;
    Time takes = frame_time();
    if (idle_frame_wanted_) {
        idle_frame_wanted_ = false;
        sending_ = Sending::idle_frame;
    } else if (regs_.get<"ISR.SBKF">() != 0) {
        sending_ = Sending::break_frame;
        takes = bit_times(word_bits() + 2 + 2);  // low for the length of a frame, then two stop bits
    } else if (!tx_.empty()) {
        sending_ = Sending::character;
        shift_register_ = tx_.front();
        tx_.pop_front();
    } else {
        return;
    }
    set_alarm(sent_, clock_->now() + takes, &Usart::sent);
}

void Usart::send_at_once() {
    if (!transmitter_on()) return;
    idle_frame_wanted_ = false;
    regs_.set<"ISR.SBKF">(0);
    for (; !tx_.empty(); tx_.pop_front()) {
        leave(tx_.front());
        regs_.set<"ISR.TC">(1);
    }
}

void Usart::sent() {
    sent_ = {};
    const Sending what = sending_;
    sending_ = Sending::nothing;
    if (what == Sending::character) leave(shift_register_);
    if (what == Sending::break_frame) regs_.set<"ISR.SBKF">(0);
    start_sending();
    if (what == Sending::character && sending_ != Sending::character && tx_.empty()) regs_.set<"ISR.TC">(1);
    update();
}

void Usart::finish_sending() {
    touch();
    if (!transmitter_on()) return;
    clear_alarm(sent_);
    if (std::exchange(sending_, Sending::nothing) == Sending::character) leave(shift_register_);
    for (; !tx_.empty(); tx_.pop_front()) leave(tx_.front());
    regs_.set<"ISR.TC">(1);
    update();
}

/// The clock came, went or changed. A frame that was cut off begins anew when the clock is back.
void Usart::rate_changed() {
    if (sending_ != Sending::nothing) {
        const Time takes = sending_ == Sending::break_frame ? bit_times(word_bits() + 4) : frame_time();
        if (takes == kNever)
            clear_alarm(sent_);
        else if (sent_.id == 0 && clock_ != nullptr)
            set_alarm(sent_, clock_->now() + takes, &Usart::sent);
    }
    start_sending();
    update();
    tell_listening();
}

void Usart::set_kernel_clock(std::uint32_t hz) {
    touch();
    if (std::exchange(kernel_hz_, hz) != hz) rate_changed();
}

void Usart::set_pace(Pace pace) {
    touch();
    pace_ = pace;
    if (instant()) finish_sending();
    rate_changed();
}

}  // namespace h7::usart

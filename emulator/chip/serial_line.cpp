#include "emulator/chip/serial_line.hpp"

namespace h7::chip {

SerialLine::SerialLine(usart::Usart& port, Clock& clock, usart::Pace pace)
    : port_(port), clock_(clock), pace_(pace) {
    port_.listening = [this] { go_on(); };
}

void SerialLine::send(ByteView bytes) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    go_on();
}

void SerialLine::go_on() {
    if (under_way_ || waiting_.empty() || !port_.receives() || !port_.requests_to_send()) return;
    Time arrival = clock_.now();
    if (pace_ == usart::Pace::instant) {
        if (!port_.can_receive()) return;
    } else {
        port_.start_bit();
        arrival += port_.frame_time();
    }
    under_way_ = true;
    clock_.at(arrival, port_.name(), [this] { arrive(); });
}

void SerialLine::arrive() {
    under_way_ = false;
    const std::uint8_t character = waiting_.front();
    waiting_.pop_front();
    port_.receive(character);
    go_on();
}

}  // namespace h7::chip

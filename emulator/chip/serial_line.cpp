#include "emulator/chip/serial_line.hpp"

#include <fmt/format.h>

namespace h7::chip {

SerialLine::SerialLine(usart::Usart& port, Clock& clock, usart::Pace pace)
    : port_(port), clock_(clock), pace_(pace), event_(fmt::format("{} line", port.name())) {
    port_.listening = [this] { go_on(); };
}

void SerialLine::send(ByteView bytes) {
    state_.waiting.insert(state_.waiting.end(), bytes.begin(), bytes.end());
    go_on();
}

void SerialLine::go_on() {
    if (state_.under_way || state_.waiting.empty() || !port_.receives() || !port_.requests_to_send()) return;
    Time arrival = clock_.now();
    if (pace_ == usart::Pace::instant) {
        if (!port_.can_receive()) return;
    } else {
        port_.start_bit();
        arrival += port_.frame_time();
    }
    state_.under_way = true;
    clock_.at(arrival, event_, [this] { arrive(); });
}

void SerialLine::arrive() {
    state_.under_way = false;
    const std::uint8_t character = state_.waiting.front();
    state_.waiting.pop_front();
    port_.receive(character);
    go_on();
}

}  // namespace h7::chip

// The far end of a serial line: sends characters into a port, one after the other, at the port's own rate.
// It waits while the receiver is off or RTS holds it back; a port that listens and does not read in time
// overruns, as on silicon. With Pace::instant a character comes as soon as there is a place for it.
#pragma once

#include <deque>
#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/clock.hpp"
#include "peripherals/usart/usart.hpp"

namespace h7::chip {

class SerialLine {
public:
    /// Both must outlive the line, which is the port's only listener.
    SerialLine(usart::Usart& port, Clock& clock, usart::Pace pace);

    /// Between turns, or from an event of the clock.
    void send(ByteView bytes);
    /// Characters that have not arrived.
    std::size_t waiting() const { return state_.waiting.size(); }

    /// For snapshots: what has been sent and not arrived. The event that brings it is the clock's.
    struct State {
        std::deque<std::uint8_t> waiting;
        bool under_way = false;
    };
    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

private:
    void go_on();
    void arrive();

    usart::Usart& port_;
    Clock& clock_;
    usart::Pace pace_;
    std::string event_;  // its own name: the port makes events too
    State state_;        // under way: the first of them is on the line
};

}  // namespace h7::chip

// A viewer of one core's SWO pin: enables the ITM as a probe does, and takes what the stimulus ports send,
// as text by port or as the ITM's packet stream (ARMv7-M appendix D4), which other decoders read.
#pragma once

#include <functional>
#include <map>
#include <string_view>

#include "emulator/debug/probe.hpp"

namespace h7::debug {

class Swo {
public:
    using Sink = std::function<void(std::string_view bytes)>;

    Swo(Target& target, cpu::Core& core);
    ~Swo();
    Swo(const Swo&) = delete;
    Swo& operator=(const Swo&) = delete;

    /// The bytes written to `port`, as they are.
    void listen(unsigned port, Sink sink) { ports_[port] = std::move(sink); }
    /// Everything, as packets; a synchronisation packet comes first.
    void listen_raw(Sink sink) { raw_ = std::move(sink); }

    /// Enables the ITM once the debug port answers: TRCENA, ITMENA, and the ports that somebody listens to.
    /// Until then the firmware must do that itself.
    void poll();

private:
    void take(unsigned port, unsigned size, std::uint32_t value);

    Target& target_;
    cpu::Core& core_;
    std::map<unsigned, Sink> ports_;
    Sink raw_;
    bool enabled_ = false, synchronised_ = false;
};

}  // namespace h7::debug

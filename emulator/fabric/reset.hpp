// What a reset means to a block. Which sources reset which blocks is the chip's reset tree (system.md 3).
#pragma once

#include <cstdint>

namespace h7 {

enum class ResetKind : std::uint8_t {
    power_on,      // everything, option bytes loaded
    standby_exit,  // as power-on for D1/D2/D3, but the always-on domain keeps its state
    system,        // NRST pin, SYSRESETREQ of either core, watchdogs, BOR
    domain,        // D1 or D2 leaves DStandby
    peripheral,    // RCC xxxRSTR bit
};

class Resettable {
public:
    virtual ~Resettable() = default;
    virtual void reset(ResetKind kind) = 0;
};

}  // namespace h7

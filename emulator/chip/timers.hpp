// Timers and watchdogs of the chip: which there are, what clocks them, where their lines go
// (system.md 1.3, 4.2, 5.1).
#pragma once

#include <memory>
#include <vector>

#include "emulator/chip/interconnect.hpp"
#include "peripherals/iwdg/iwdg.hpp"
#include "peripherals/lptim/lptim.hpp"
#include "peripherals/tim/tim.hpp"
#include "peripherals/wwdg/wwdg.hpp"

namespace h7::chip {

/// The blocks alone. Board connects them (timers.cpp).
struct Timers {
    explicit Timers(Clock& clock);
    /// Without a CM4 there are no WWDG2 and IWDG2.
    void attach(Interconnect& bus, bool cm4);
    void reset(ResetKind kind);

    std::vector<std::unique_ptr<tim::Tim>> tims;        // in the order of the table in timers.cpp
    std::vector<std::unique_ptr<lptim::Lptim>> lptims;  // LPTIM1 to LPTIM5
    wwdg::Wwdg wwdg1, wwdg2;
    iwdg::Iwdg iwdg1, iwdg2;
};

}  // namespace h7::chip

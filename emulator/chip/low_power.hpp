// Where the domains stand in the low-power modes (system.md 4.3, 4.4, 11.7). CStop of a core is the core's
// own state; D1CKRDY and D2CKRDY, the bus clocks of the domains, are the RCC's. What follows from both is
// kept here: Stop of the system, DStandby of D1 and D2, Standby, and a core held when Stop ends.
#pragma once

#include <array>

namespace h7::chip {

struct LowPower {
    bool stopped = false;         // both domains in DStop or DStandby, D3 with them
    bool standby = false;         // D3 has lost its supply, too
    std::array<bool, 2> off{};    // D1, D2 in DStandby: their cores wait for a reset of the domain
    std::array<bool, 2> dark{};   // and nothing there has a supply; DBGMCU_CR.DBGSTBY_Dn keeps it
    std::array<bool, 2> held{};   // CM7, CM4 left Stop without a clock (PWR_CPUxCR.HOLDn)
    std::array<bool, 2> slept{};  // CM7, CM4 were in CStop when it was last looked
    bool due = false;             // something changed: settle_low_power() looks
};

}  // namespace h7::chip

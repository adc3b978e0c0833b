// What the board around the chip decides, and the package and revision it carries.
#pragma once

#include <cstdint>
#include <optional>

#include "peripherals/dbgmcu/dbgmcu.hpp"
#include "peripherals/pwr/pwr.hpp"
#include "peripherals/rcc/rcc.hpp"
#include "peripherals/syscfg/syscfg.hpp"

namespace h7::chip {

struct Surroundings {
    rcc::Board clocks{};                        // crystals and clock inputs
    pwr::Options supply{};                      // how the core is supplied (decision 0171)
    std::optional<syscfg::Package> package{};   // empty: the package of the part's profile
    std::uint32_t idcode = dbgmcu::kRevisionV;  // DBGMCU_IDC
};

}  // namespace h7::chip

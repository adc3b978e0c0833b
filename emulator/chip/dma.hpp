// The DMA engines of the chip and their request lines: which request has which number, what clocks them,
// where their interrupts go (system.md 6.10, 4.1, 5.1; RM0399 tables 105, 126 to 132).
#pragma once

#include "emulator/chip/interconnect.hpp"
#include "peripherals/bdma/bdma.hpp"
#include "peripherals/dma/dma.hpp"
#include "peripherals/dma2d/dma2d.hpp"
#include "peripherals/dmamux/dmamux.hpp"
#include "peripherals/mdma/mdma.hpp"

namespace h7::chip {

/// The blocks alone. Board connects them (dma.cpp).
struct DmaEngines {
    DmaEngines(Clock& clock, BusPort& bus);
    void attach(Interconnect& bus);
    void reset(ResetKind kind);

    dmamux::Dmamux dmamux1, dmamux2;
    dma::Dma dma1, dma2;
    bdma::Bdma bdma;
    mdma::Mdma mdma;
    dma2d::Dma2d dma2d;
};

}  // namespace h7::chip

// A DMA request line (RM0399 16.3.4, 18.1): the peripheral holds it high while it wants transfers, the DMA
// side answers every transfer it served.
//
//   DmaRequest dma_in;                        // in the peripheral
//   dma_in.set(enabled && fifo_has_room);     // a level: data waits, or a place is free
//   dma_in.served = [this] { .. };            // only for requests that are events: the level ends here
//
// A level request (UART, CRYP, HASH) needs no `served`: its level falls when the data register was accessed.
// A request that is an event (a timer's update) stays high until `served` takes it back. A line that is still
// high after a transfer asks for the next one.
#pragma once

#include <functional>

#include "emulator/fabric/wire.hpp"

namespace h7 {

class DmaRequest : public Wire {
public:
    /// The peripheral's side of the acknowledge: one transfer (one burst, with PBURST) was made.
    std::function<void()> served;

    /// The DMA made the last transfer it was programmed for (not in circular mode): HASH closes its message.
    std::function<void()> completed;

    /// Called by the DMA after the transfer's access to the peripheral.
    void acknowledge() const {
        if (served) served();
    }
    void complete() const {
        if (completed) completed();
    }
};

}  // namespace h7

// The bus as a master inside the chip sees it: single accesses, and a short way for many.
#pragma once

#include <string>

#include "emulator/fabric/access.hpp"

namespace h7 {

/// `beat` bytes read at `from`, written at `to`, both going up, until `size` bytes are done.
struct Copy {
    Address from = 0, to = 0;
    std::uint32_t size = 0;
    std::uint8_t beat = 4;  // bytes: 1, 2, 4 or 8
    Master master = Master::dma1;
};

class BusPort : public Slave {
public:
    /// Makes all accesses of `copy` at once where that is the same as one after the other: between memories
    /// that `copy.master` reaches, that decide nothing, and do not overlap. False: nothing was done, make the
    /// accesses.
    virtual bool copy(const Copy& copy) {
        static_cast<void>(copy);
        return false;
    }
};

/// "DMA1 stream 3: read of 4 bytes at 0x20000000 refused: no slave answers .., system.md 1.1; TEIF". For the
/// trace: `channel` is "stream 3", `effect` what the engine does about it.
std::string refusal_text(std::string_view engine, std::string_view channel, const Access& access,
                         const BusFault& fault, std::string_view effect);

}  // namespace h7

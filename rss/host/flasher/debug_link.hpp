// A debugger on AP0: what a programming tool on a cable can do to a chip, and no more.
#pragma once

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "emulator/chip/chip.hpp"

namespace h7::flasher {

class DebugLink {
public:
    explicit DebugLink(chip::Chip& chip) : chip_(chip) {}

    /// Words through AP0. Error (refused): the port is closed, with the chip's reason, or the bus answered
    /// with an error.
    Result<std::uint32_t> read(Address address);
    Result<void> write(Address address, std::uint32_t value);
    /// `bytes` at consecutive addresses; the last word is filled up with zeros.
    Result<void> write(Address address, ByteView bytes);

    chip::Chip& chip() { return chip_; }

private:
    chip::Chip& chip_;
};

}  // namespace h7::flasher

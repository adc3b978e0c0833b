// CRC calculation unit: programmable polynomial of 7, 8, 16 or 32 bits over bytes, half-words and words.
// system.md 6.8.
#pragma once

#include "emulator/fabric/register_map.hpp"

namespace h7::crc {

/// A value is ready in the cycle after the write: the unit never makes anybody wait.
class Crc final : public RegisterBlock<Crc> {
public:
    static const Register<Crc> registers[5];

    Crc();

private:
    std::uint32_t result(unsigned) const;
    BusResult<void> data_written(const RegisterWrite& write);
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> initial_written(const RegisterWrite&);

    unsigned width() const;
    void start();
};

}  // namespace h7::crc

#include "peripherals/crc/registers.hpp"  // IWYU pragma: export

// What the RSS needs of the chip it runs on. It has no back door: it reads and programs through the bus as
// the CM7 in context `rss` (D-21) and is judged by the same policy as everybody. The chip implements this
// port.
#pragma once

#include <cstdint>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/access.hpp"
#include "emulator/fabric/trace.hpp"
#include "emulator/security/secure_mode.hpp"

namespace h7::rss {

class Machine {
public:
    virtual ~Machine() = default;

    /// The CM7's bus, context rss. Registers (FLASH, SYSCFG, ..) and memory alike; size 1, 2, 4 or 8 bytes.
    virtual BusResult<std::uint64_t> read(Address address, unsigned size) = 0;
    virtual BusResult<void> write(Address address, unsigned size, std::uint64_t value) = 0;

    /// Bytes from `address` on that nobody need be asked about one by one (plain memory, readable flash):
    /// how many were copied into `out`, a multiple of 8, perhaps none. The rest goes through read().
    virtual std::size_t read_plain(Address address, MutableBytes out) {
        static_cast<void>(address), static_cast<void>(out);
        return 0;
    }
    /// The same for a fill of RAM with one value of 8 bytes.
    virtual std::size_t fill_plain(Address address, std::size_t size, std::uint64_t value) {
        static_cast<void>(address), static_cast<void>(size), static_cast<void>(value);
        return 0;
    }

    /// The RSS's own work takes virtual time; flash operations under way end meanwhile.
    virtual void spend(Time time) = 0;
    virtual Time now() const = 0;
    /// Time at which something next happens by itself (a flash operation ends); kNever when nothing is under
    /// way.
    virtual Time next_deadline() const = 0;

    /// False once the power has gone, for instance inside a flash operation: every access then fails, and
    /// native code unwinds without doing anything more.
    virtual bool powered() const { return true; }

    virtual bool boot0_pin() const = 0;
    virtual security::SecureMode& secure_mode() = 0;
    virtual Trace& trace() = 0;
};

}  // namespace h7::rss

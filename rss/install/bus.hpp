// The CM7's port as the RSS uses it: a slave that holds a transaction (a read of a busy flash bank, F-043) is
// waited for, as the hardware waits.
#pragma once

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/clock.hpp"
#include "rss/install/machine.hpp"

namespace h7::rss {

class Bus {
public:
    explicit Bus(Machine& machine) : machine_(&machine) {}

    BusResult<std::uint64_t> read(Address address, unsigned size) const;
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) const;
    BusResult<std::uint32_t> read32(Address address) const;
    BusResult<void> write32(Address address, std::uint32_t value) const { return write(address, 4, value); }

    /// `out.size()` bytes from `address`, both multiples of 8.
    BusResult<void> read_block(Address address, MutableBytes out) const;
    /// The same value all over [address, address + size), both multiples of 8.
    BusResult<void> fill(Address address, std::uint32_t size, std::uint64_t value) const;

    Machine& machine() const { return *machine_; }

private:
    Machine* machine_;
};

}  // namespace h7::rss

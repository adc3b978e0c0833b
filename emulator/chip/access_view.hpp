// What each core's TLB may hold: the memory map, the flash policy and the stalls, compiled for one master.
// This is the one place where "what is fast" is decided: `memory` costs nothing on a hit, everything else is
// asked every time.
#pragma once

#include "emulator/chip/interconnect.hpp"
#include "emulator/cpu/address_space.hpp"
#include "emulator/security/secure_mode.hpp"

namespace h7::chip {

class AccessView final : public cpu::AddressSpace {
public:
    /// `master` is Master::cm7 or Master::cm4.
    AccessView(Master master, Interconnect& bus, flash::Controller& flash, security::SecureMode& secure);

    cpu::View view(Address address, Op op, bool privileged) override;
    BusResult<std::uint64_t> load(Address address, unsigned size, bool privileged) override;
    BusResult<void> store(Address address, unsigned size, std::uint64_t value, bool privileged) override;
    std::vector<cpu::MemoryBlock> memory() const override;
    std::vector<cpu::AddressRange> code_windows() const override;
    std::vector<cpu::AddressRange> store_windows() const override;

private:
    Access access(Address address, unsigned size, Op op, bool privileged) const;
    cpu::View view_flash(Address visible, Op op, bool privileged);
    cpu::View zeros(Address address) const;

    Master master_;
    Interconnect& bus_;
    flash::Controller& flash_;
    security::SecureMode& secure_;
    mutable HostMemory zeros_;  // what a CM4 executes from a PCROP area (A-13, D-34)
};

}  // namespace h7::chip

// An address block that exists on the chip and is not modelled: every register reads what was last written, 0
// at first. Firmware that only configures such a block goes on; the first access to each register is
// reported, so nobody is fooled (`--strict` makes it an error).
#pragma once

#include <map>

#include "emulator/fabric/peripheral.hpp"

namespace h7::storage {

class Storage final : public Peripheral {
public:
    /// `name` as in the manual ("TIM2"); it must outlive the block.
    using Peripheral::Peripheral;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    /// Every kind clears everything: there is no table that says what survives.
    void reset(ResetKind) override { words_.clear(); }

    std::vector<RegisterInfo> describe() const override { return {}; }
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    void report(const Access& access);

    std::map<Address, std::uint32_t> words_;  // by offset; only those ever written
};

}  // namespace h7::storage

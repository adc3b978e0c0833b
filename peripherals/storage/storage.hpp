// An address block that exists on the chip and is not modelled: every register reads what was last written,
// its reset value at first. Habits make it answer to those who only wait for it to be ready. Firmware that
// configures such a block goes on; the first access to each register is reported, so nobody is fooled
// (`--strict` makes it an error).
#pragma once

#include <map>
#include <span>

#include "emulator/fabric/peripheral.hpp"
#include "peripherals/storage/habit.hpp"

namespace h7::storage {

class Storage final : public Peripheral {
public:
    /// `name` as in the manual ("SAI1") and `habits` must outlive the block.
    Storage(std::string_view name, Address base, Address size, std::span<const Habit> habits = {});

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    /// Every kind clears everything: there is no table that says what survives.
    void reset(ResetKind) override;

    std::vector<RegisterInfo> describe() const override { return {}; }
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    void report(const Access& access);
    std::uint32_t shown(Address offset) const;
    std::uint32_t stored(Address offset) const;

    std::span<const Habit> habits_;
    std::map<Address, std::uint32_t> words_;  // by offset; only those ever written, or with a reset value
};

}  // namespace h7::storage

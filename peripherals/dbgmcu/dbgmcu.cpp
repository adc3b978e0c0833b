#include "peripherals/dbgmcu/dbgmcu.hpp"

namespace h7::dbgmcu {

Dbgmcu::Dbgmcu(std::uint32_t idc) : RegisterBlock("DBGMCU", 0x5C00'1000, 0x1000), idc_(idc) {}

bool Dbgmcu::keeps_clock_in_stop(unsigned domain) const {
    return (domain == 1 ? regs_.get<"CR.DBGSTOP_D1">() : regs_.get<"CR.DBGSTOP_D2">()) != 0;
}

bool Dbgmcu::keeps_power_in_standby(unsigned domain) const {
    return (domain == 1 ? regs_.get<"CR.DBGSTBY_D1">() : regs_.get<"CR.DBGSTBY_D2">()) != 0;
}

BusResult<void> Dbgmcu::control_written(const RegisterWrite&) {
    if (control_changed) control_changed();
    return {};
}

bool Dbgmcu::freezes(Address fz1, unsigned bit, bool cm7_halted, bool cm4_halted) const {
    const auto holds = [&](Address offset) { return test_bit(regs_.stored(regs_.slot_at(offset)), bit); };
    return (cm7_halted && holds(fz1)) || (cm4_halted && holds(fz1 + 4));
}

BusResult<void> Dbgmcu::freeze_written(const RegisterWrite&) {
    if (freeze_changed) freeze_changed();
    return {};
}

void Dbgmcu::reset(ResetKind kind) {
    if (kind != ResetKind::power_on) return;
    regs_.reset();
    if (control_changed) control_changed();
    if (freeze_changed) freeze_changed();
}

}  // namespace h7::dbgmcu

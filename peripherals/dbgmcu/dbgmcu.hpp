// Debug support of the whole chip: device identity, low-power debug, timer freeze. Reset by power-on only,
// without a clock enable, reachable from both cores and the debugger. system.md 6.11.
#pragma once

#include <functional>

#include "emulator/fabric/register_map.hpp"

namespace h7::dbgmcu {

/// IDC: device 0x450, revision V.
inline constexpr std::uint32_t kRevisionV = 0x2003'6450;
inline constexpr std::uint32_t kRevisionX = 0x2001'6450;

class Dbgmcu final : public RegisterBlock<Dbgmcu> {
public:
    static const Register<Dbgmcu> registers[12];

    explicit Dbgmcu(std::uint32_t idc = kRevisionV);

    /// CR.DBGSTOP_D1, DBGSTOP_D2: the clock of the domain (1 or 2) goes on in CStop.
    bool keeps_clock_in_stop(unsigned domain) const;

    /// CR.DBGSTBY_D1, DBGSTBY_D2: the domain keeps its supply in DStandby.
    bool keeps_power_in_standby(unsigned domain) const;

    /// A freeze bit is set that counts now: bit `bit` of the pair of registers at `fz1` (0x34, 0x3C, 0x4C or
    /// 0x54), the first of which holds while the CM7 is halted and the second while the CM4 is.
    bool freezes(Address fz1, unsigned bit, bool cm7_halted, bool cm4_halted) const;

    /// CR was written.
    std::function<void()> control_changed;
    /// A freeze register was written.
    std::function<void()> freeze_changed;

    void reset(ResetKind kind) override;

private:
    std::uint32_t identity(unsigned) const { return idc_; }
    BusResult<void> control_written(const RegisterWrite&);
    BusResult<void> freeze_written(const RegisterWrite&);

    std::uint32_t idc_;
};

}  // namespace h7::dbgmcu

#include "peripherals/dbgmcu/registers.hpp"  // IWYU pragma: export

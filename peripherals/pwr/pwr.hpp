// Power control: supply configuration, voltage scaling, backup-domain protection, low-power selection of both
// cores. system.md 4.4.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "emulator/fabric/register_map.hpp"

namespace h7::pwr {

/// How the board supplies the core: what CR3 must say, in the terms of system.md 4.4.
enum class Supply : std::uint8_t {
    any,            // every legal configuration works
    ldo,            // LDOEN alone
    smps,           // SDEN alone: the step-down converter feeds the core
    smps_ldo,       // SDEN and LDOEN: the converter feeds the LDO
    smps_external,  // SDEN and BYPASS: the converter feeds outside circuits, which feed the core
    bypass,         // BYPASS alone
};

struct Options {
    /// A configuration that is legal and not the board's leaves the supply not ready until power-on (decision
    /// 0171).
    Supply supply = Supply::any;
    /// ACTVOSRDY reads 1 from power-on, for firmware that never programs CR3. Silicon keeps it 0 until then.
    bool supply_ready_from_power_on = false;
};

/// What the PWR asks of other blocks. An empty function: no lock.
struct Ports {
    std::function<bool()> pvd_locked;  // SYSCFG_CFGR.PVDL: PVDE and PLS keep their value
};

class Pwr final : public RegisterBlock<Pwr> {
public:
    static const Register<Pwr> registers[10];

    explicit Pwr(Ports ports = {}, Options options = {});

    /// CR1.DBP: the RTC domain, CR2 and the backup SRAM may be written.
    bool dbp() const { return regs_.get<"CR1.DBP">() != 0; }
    /// CR2.BREN: the backup SRAM keeps its content in Standby and on VBAT.
    bool backup_regulator() const { return regs_.get<"CR2.BREN">() != 0; }
    /// The supply was configured legally since power-on: CSR1.ACTVOSRDY.
    bool supply_ready() const { return regs_.get<"CSR1.ACTVOSRDY">() != 0; }
    /// Core 1 or 2 chose Standby for domain 1, 2 or 3 (its PDDS_Dn).
    bool standby_wanted(unsigned core, unsigned domain) const;
    /// Both cores chose Standby for domain 1, 2 or 3 (PDDS_Dn of CPU1CR and CPU2CR).
    bool standby_selected(unsigned domain) const;
    /// A core keeps D3 running (RUN_D3).
    bool d3_kept_running() const {
        return regs_.get<"CPU1CR.RUN_D3">() != 0 || regs_.get<"CPU2CR.RUN_D3">() != 0;
    }
    /// The core (1 or 2) waits when the system leaves Stop. HOLD1 and HOLD2 together hold nobody.
    bool held_after_stop(unsigned core) const;

    // Events of the low-power machine, recorded for both cores.
    void system_left_stop();                    // STOPF
    void domain_left_standby(unsigned domain);  // SBF_D1, SBF_D2
    void held_core_was_called(unsigned core);   // HOLDnF: a wake source of the held core came
    void system_stopped();                      // the voltage goes back to scale 3
    void wakeup_pin(unsigned pin);              // WKUPFn: an edge came on pin 1 to 6

    /// HOLDnF of the core (1 or 2): its interrupt to the other one.
    bool hold_flag(unsigned core) const;
    /// Wake-up pin 1 to 6 is enabled and waits for a falling edge (true) or a rising one.
    std::optional<bool> wakeup_falls(unsigned pin) const;
    /// The pull resistor of wake-up pin 1 to 6 is one to the supply (WKUPPUPDn).
    bool wakeup_pulled_up(unsigned pin) const {
        return extract(regs_.get<"WKUPEPR">(), 15 + 2 * pin, 14 + 2 * pin) == 1;
    }
    /// WKUPF6 to WKUPF1 in bits 5 to 0: no domain goes to Standby while one is set.
    std::uint32_t wakeup_flags() const { return regs_.get<"WKUPFR">(); }

    /// CPU1CR, CPU2CR or WKUPFR changed.
    std::function<void()> low_power_changed;
    /// dbp() changed.
    std::function<void()> dbp_changed;

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool dbp_open(const RegisterWrite&) const { return dbp(); }
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> backup_written(const RegisterWrite&);
    BusResult<void> supply_written(const RegisterWrite& write);
    BusResult<void> low_power_written(const RegisterWrite& write);
    BusResult<void> scaling_written(const RegisterWrite&);
    BusResult<void> wakeup_cleared(const RegisterWrite& write);
    void tell_low_power() const {
        if (low_power_changed) low_power_changed();
    }

    Ports ports_;
    Options options_;
    bool supply_written_once_ = false;  // the low byte of CR3 is locked until power-on
};

}  // namespace h7::pwr

#include "peripherals/pwr/registers.hpp"  // IWYU pragma: export

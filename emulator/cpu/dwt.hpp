// What firmware uses of a core's debug blocks without a debugger: the cycle counter of the DWT, DEMCR, and
// the identification of the breakpoint unit. system.md 5.5. Comparators, sampling and halting debug are not
// modelled here (the GDB server works on the core itself).
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/cpu/core.hpp"
#include "emulator/cpu/core_status.hpp"
#include "emulator/cpu/nvic.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

/// DHCSR, DCRSR, DCRDR and DEMCR (0xE000EDF0). Keeps its state over every reset but power-on, as the debug
/// domain does.
class CoreDebug final : public RegisterBlock<CoreDebug> {
public:
    static const Register<CoreDebug> registers[4];
    CoreDebug(const CoreStatus& core, Nvic& nvic);

    bool trcena() const;
    std::function<void()> trcena_changed;
    void reset(ResetKind kind) override;

private:
    bool halting_write_allowed(const RegisterWrite& write) const;
    std::uint32_t halting(unsigned) const;
    std::uint32_t monitor(unsigned) const;
    BusResult<void> monitor_written(const RegisterWrite& write);

    const CoreStatus& core_;
    Nvic& nvic_;
};

class Dwt final : public RegisterBlock<Dwt> {
public:
    static const Register<Dwt> registers[13];
    Dwt(Model model, const CoreStatus& core, CoreDebug& debug);

    /// Off (default): CYCCNT counts whenever CTRL.CYCCNTENA is set. On: DEMCR.TRCENA must be set too, and on
    /// the CM7 software writes nothing before LAR = 0xC5ACCE55, as on silicon.
    void set_strict(bool strict);

    std::uint32_t cyccnt() const;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;

private:
    bool locks() const { return strict_ && model_ == Model::cortex_m7; }
    void follow();
    void put(std::uint32_t value);
    std::uint32_t count(unsigned) const { return cyccnt(); }
    std::uint32_t lock_status(unsigned) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> count_written(const RegisterWrite& write);
    BusResult<void> unlock(const RegisterWrite& write);

    Model model_;
    const CoreStatus& core_;
    CoreDebug& debug_;
    bool strict_ = false;
    bool locked_ = true;
    std::uint32_t base_ = 0;  // CYCCNT - cycles while it counts, CYCCNT while it stands
    bool counting_ = false;
};

/// The flash patch and breakpoint unit (0xE0002000): identifies itself, keeps its comparators, never hits.
class BreakpointUnit final : public RegisterBlock<BreakpointUnit> {
public:
    static const Register<BreakpointUnit> registers[3];
    explicit BreakpointUnit(Model model);
    void reset(ResetKind kind) override;

private:
    bool keyed(const RegisterWrite& write) const;

    Model model_;
};

}  // namespace h7::cpu

// Window watchdog: a seven-bit counter that must be reloaded in a window, or it resets. WWDG1 belongs to the
// CM7, WWDG2 to the CM4. system.md 6.5, 3.1.
#pragma once

#include <functional>

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::wwdg {

class Wwdg final : public RegisterBlock<Wwdg> {
public:
    static const Register<Wwdg> registers[3];

    /// `name` ("WWDG1") must outlive the block. The bus clock stands until set_clock().
    Wwdg(std::string_view name, Address base, Address size, Clock& clock);

    /// The bus clock (PCLK3 or PCLK1) from now on; 0: not enabled, its core is in CStop, or frozen by the
    /// debugger.
    void set_clock(std::uint32_t hz);

    /// The counter ran out or was reloaded outside the window. Once; then only a reset helps.
    std::function<void()> timed_out;
    /// Early wake-up: the counter is at 0x40. IRQ 0 of its own core.
    Wire irq;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    std::uint32_t control(unsigned) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> configuration_written(const RegisterWrite&);

    bool active() const { return regs_.get<"CR.WDGA">() != 0; }
    std::uint64_t divider() const { return std::uint64_t{4096} << regs_.get<"CFR.WDGTB">(); }
    void catch_up() { run(ticks_.take(clock_.now())); }
    void run(std::uint64_t ticks);
    void expire();
    void settle();

    Clock& clock_;
    Alarm alarm_;
    TickCounter ticks_;
    std::uint32_t counter_ = 0x7F;
    std::uint64_t phase_ = 0;  // bus clock periods into the present step; runs through reloads
    bool expired_ = false;
};

}  // namespace h7::wwdg

#include "peripherals/wwdg/registers.hpp"  // IWYU pragma: export

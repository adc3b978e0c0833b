// Independent watchdog: a twelve-bit counter on LSI that nobody can stop once it runs.
// system.md 6.4, 3.1, 3.3.
#pragma once

#include <functional>

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"

namespace h7::iwdg {

class Iwdg final : public RegisterBlock<Iwdg> {
public:
    static const Register<Iwdg> registers[5];

    /// `name` ("IWDG1") must outlive the block. LSI stands until set_clock().
    Iwdg(std::string_view name, Address base, Clock& clock);

    /// LSI as the watchdog sees it from now on; 0: frozen (Stop or Standby with the option bits, debugger).
    void set_clock(std::uint32_t hz);
    /// Hardware mode: the option byte starts it after every reset.
    void start();
    bool running() const { return running_; }

    /// It was started, by software or hardware: LSI is on from now on.
    std::function<void()> started;
    /// The counter ran out or was refreshed above the window. Once; then only a reset helps.
    std::function<void()> timed_out;

    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool unlocked(const RegisterWrite&) const { return unlocked_; }
    BusResult<void> key_written(const RegisterWrite& write);
    BusResult<void> prescaler_written(const RegisterWrite&);
    BusResult<void> window_written(const RegisterWrite&);

    std::uint64_t divider() const;
    void catch_up() { run(ticks_.take(clock_.now())); }
    void run(std::uint64_t ticks);
    void reload();
    void expire();
    void settle();

    Clock& clock_;
    Alarm alarm_;
    TickCounter ticks_;
    std::uint32_t counter_ = 0xFFF;
    std::uint64_t phase_ = 0;  // LSI periods into the present step
    bool running_ = false, unlocked_ = false, expired_ = false;
};

}  // namespace h7::iwdg

#include "peripherals/iwdg/registers.hpp"  // IWYU pragma: export

// SysTick of one core, computed from core cycles: nothing counts while code runs. system.md 5.4; ARMv7-M
// B3.3.
#pragma once

#include <cstdint>

#include "emulator/cpu/core_status.hpp"
#include "emulator/cpu/nvic.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

class SysTick final : public RegisterBlock<SysTick> {
public:
    static const Register<SysTick> registers[4];
    static constexpr std::uint64_t kNoEvent = ~std::uint64_t{0};

    SysTick(const CoreStatus& core, Nvic& nvic);

    /// The core cycle at which the counter next reaches 0 and TICKINT makes SysTick pending; kNoEvent when it
    /// will not. Changes only by a write to these registers.
    std::uint64_t next_event() const;
    /// Settles everything up to and including `cycle`: COUNTFLAG, and SysTick pending in the NVIC.
    void advance(std::uint64_t cycle);

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    std::uint64_t divider() const;  // core cycles for each count
    std::uint32_t value_at(std::uint64_t tick) const;
    std::uint64_t zeros_until(std::uint64_t tick) const;  // how often 0 was reached in (tick_, tick]
    void rebase(std::uint64_t tick, std::uint32_t value);

    std::uint32_t control_now(const Access& access, unsigned);
    std::uint32_t current(unsigned) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> reload_written(const RegisterWrite& write);
    BusResult<void> current_written(const RegisterWrite& write);

    const CoreStatus& core_;
    Nvic& nvic_;
    // The counter held `value_` at count `tick_`, and counts on from there with the period in force since
    // then.
    std::uint64_t tick_ = 0;
    std::uint32_t value_ = 0;
    std::uint32_t reload_ = 0;
    bool running_ = false;
    bool tickint_ = false;
    bool eighth_ = true;  // CLKSOURCE = 0
};

}  // namespace h7::cpu

// The nested vectored interrupt controller of one core: which exceptions are enabled, pending and active,
// their priorities, and what that means for the code that runs. system.md 5.1, 11.7, 11.9; ARMv7-M B1.5,
// B3.4.
//
// Priorities are numbers as ARM counts them: NMI -2, HardFault -1, the others 0..255 in steps of 16 (four
// bits are implemented, 7:4); a smaller number is more urgent. 256 is Thread mode with nothing masked.
//
// The core asks `to_take()` between instructions, takes what it names with `enter()`, and calls `leave()` at
// the exception return. Nothing here runs by itself.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "emulator/cpu/core_status.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

/// Where a synchronous exception goes (ARMv7-M B1.5.14): to its own handler, to HardFault, or nowhere.
struct Delivery {
    unsigned exception = kHardFault;  // to be entered now
    bool forced = false;              // escalated: set HFSR.FORCED
    bool lock_up = false;             // not even HardFault can be entered: the core stops
};

class Nvic final : public RegisterBlock<Nvic> {
public:
    static const Register<Nvic> registers[8];
    static constexpr int kThreadPriority = 256;

    Nvic();

    // --- signals ---
    /// Interrupt line 0..149, a level. A rising edge makes it pending; a line still high when its handler
    /// returns, or when software clears the pending bit, stays pending.
    void set_line(unsigned irq, bool level);
    /// A pulse: pending once (SEV of the other core).
    void pulse(unsigned irq);
    /// NMI input, a level as well: a handler that does not remove the cause is entered again.
    void set_nmi(bool level);
    /// Heard whenever an exception becomes pending, enabled or not. With SCR.SEVONPEND this is an event for
    /// WFE; the core also ends its slice here.
    std::function<void(unsigned exception)> became_pending;

    // --- state of one exception ---
    void set_pending(unsigned exception);
    void clear_pending(unsigned exception);
    bool pending(unsigned exception) const {
        return pending_.test(exception) || (level_.test(exception) && !active_.test(exception));
    }
    bool active(unsigned exception) const { return active_.test(exception); }
    void set_active(unsigned exception, bool active) {
        touch();
        active_.put(exception, active);
    }
    /// NMI, HardFault, SVCall, PendSV and SysTick are always enabled; the configurable faults by SHCSR, the
    /// debug monitor by DEMCR.MON_EN, interrupts by ISER.
    bool enabled(unsigned exception) const { return enabled_.test(exception); }
    void set_enabled(unsigned exception, bool enabled) {
        touch();
        enabled_.put(exception, enabled);
    }
    /// Full priority, subpriority included.
    int priority(unsigned exception) const;
    /// Ignored for NMI and HardFault; bits 3:0 do not exist.
    void set_priority(unsigned exception, std::uint8_t priority);

    /// AIRCR.PRIGROUP: bits PRIGROUP..0 of a priority are the subpriority.
    unsigned prigroup() const { return prigroup_; }
    void set_prigroup(unsigned prigroup) {
        touch();
        prigroup_ = prigroup & 7U;
    }

    // --- what the core asks ---
    /// Priority the running code has: its active exceptions and the masks.
    int execution_priority(const Masks& masks) const;
    /// The exception to be entered now, 0 when none may preempt.
    unsigned to_take(const Masks& masks) const;
    /// WFI ends: something pending would be taken if PRIMASK were 0 (system.md 11.7).
    bool wakes(const Masks& masks) const;
    /// A synchronous exception (fault, SVC, BKPT with the monitor enabled) met by the running instruction.
    Delivery deliver(unsigned exception, const Masks& masks) const;
    /// HardFault, NMI or FAULTMASK: the MPU may be off, BFHFNMIGN applies.
    bool above_faults(const Masks& masks) const { return execution_priority(masks) < 0; }

    /// Enabled, and more urgent than what runs: it could be taken.
    bool would_preempt(unsigned exception, const Masks& masks) const;

    /// Exception entry: no longer pending, now active.
    void enter(unsigned exception);
    /// How often a system exception (2 NMI, 3 HardFault, .. 15 SysTick) was entered since the core was made;
    /// for people, not part of the state.
    std::uint64_t entered(unsigned exception) const { return entered_[exception]; }
    /// Exception return: no longer active; pending again while its line is high.
    void leave(unsigned exception);
    unsigned active_count() const { return active_.count(); }

    // --- as ICSR shows it ---
    /// Most urgent pending and enabled exception that BASEPRI and FAULTMASK let through; PRIMASK does not
    /// count.
    unsigned vectpending(const Masks& masks) const;
    bool isrpending() const;
    /// No exception is active but, at most, the one that runs now.
    bool rettobase(unsigned running) const;

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    std::array<std::uint64_t, 16> entered_{};
    /// One bit for each exception; scanned in ascending order, which is ARM's order among equal priorities.
    struct Set {
        std::array<std::uint64_t, 3> word{};
        bool test(unsigned n) const { return n < kExceptions && ((word[n / 64] >> (n % 64)) & 1U) != 0; }
        void put(unsigned n, bool v);
        unsigned count() const;
        bool empty() const { return (word[0] | word[1] | word[2]) == 0; }
        /// The interrupts irq..irq+31 as a register shows them.
        std::uint32_t window(unsigned irq) const;
        template <class F>
        void for_each(F f) const;
    };

    Set pending_now() const;
    /// Enabled as well: asked between any two stretches of execution.
    bool anything_pending() const {
        std::uint64_t any = 0;
        for (unsigned i = 0; i < pending_.word.size(); ++i)
            any |= (pending_.word[i] | (level_.word[i] & ~active_.word[i])) & enabled_.word[i];
        return any != 0;
    }
    int group(int priority) const;
    int masked_priority(const Masks& masks) const;
    unsigned most_urgent() const;
    void line_changed(unsigned exception, bool level);
    void latch(unsigned exception);

    // Table hooks; `index` counts registers of 32 interrupts (4 for IPR).
    std::uint32_t enables(unsigned index) const { return enabled_.window(32 * index); }
    std::uint32_t pendings(unsigned index) const { return pending_now().window(32 * index); }
    std::uint32_t actives(unsigned index) const { return active_.window(32 * index); }
    std::uint32_t priorities(unsigned index) const;
    BusResult<void> enable(const RegisterWrite& write);
    BusResult<void> disable(const RegisterWrite& write);
    BusResult<void> pend(const RegisterWrite& write);
    BusResult<void> unpend(const RegisterWrite& write);
    BusResult<void> write_priorities(const RegisterWrite& write);
    BusResult<void> trigger(const RegisterWrite& write);

    Set enabled_, pending_, active_, level_;
    std::array<std::uint8_t, kExceptions> priority_{};
    unsigned prigroup_ = 0;
};

}  // namespace h7::cpu

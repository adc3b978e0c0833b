// What a core is to the rest of the chip: an ARMv7E-M processor with its private peripheral bus (NVIC, SCB,
// SysTick, MPU, DWT), run in virtual time. The instruction engine behind it is hidden (emulator/cpu/unicorn).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.hpp"
#include "emulator/cpu/address_space.hpp"
#include "emulator/cpu/cache.hpp"
#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/state.hpp"
#include "emulator/fabric/trace.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::cpu {

enum class Model : std::uint8_t { cortex_m7, cortex_m4 };  // M7 r1p1 with double precision, M4 r0p1

/// Registers as a debugger, a native ROM service or a test sees them. `r[13]` is the current stack pointer.
struct Registers {
    std::array<std::uint32_t, 16> r{};
    std::uint32_t xpsr = 0, msp = 0, psp = 0, control = 0, primask = 0, basepri = 0, faultmask = 0;
};

enum class RunState : std::uint8_t {
    held,  // in reset or clock-gated: executes nothing
    running,
    sleeping,    // WFI/WFE with SLEEPDEEP = 0
    deep_sleep,  // WFI/WFE with SLEEPDEEP = 1 (CStop)
    locked_up,
};

/// Why a core stands under its debugger. Its state stays what it was: a sleeper still sleeps.
enum class Halt : std::uint8_t {
    stepped,
    breakpoint,  // of the debugger's; pc is there
    bkpt,        // a BKPT of the program's own; pc is there
    locked_up,
    requested,  // by stand()
};

class Core;

/// Native code behind ROM addresses (RSS services, bootloader). Called between instructions, with the core
/// stopped at a BKPT inside one of `windows`; it reads and changes the core's registers. The core goes on
/// from its pc.
class RomCalls {
public:
    virtual ~RomCalls() = default;
    virtual AddressRange window() const = 0;
    virtual void call(Core& core, Address pc) = 0;
};

class Core final : public TimeSource {
public:
    /// `name` for traces ("CM7"). Fails when the engine library is not the one this was built for, in one
    /// line.
    static Result<std::unique_ptr<Core>> create(Model model, std::string_view name, AddressSpace& space,
                                                Clock& clock, Trace& trace);
    ~Core() override;

    // --- life ---
    /// Architectural reset of core and private peripherals; the core is held afterwards, at the present time.
    void reset(std::uint32_t reset_vtor);
    /// Leaves reset: MSP = [vtor], PC = [vtor + 4], as the hardware does. An unreadable or even PC faults as
    /// on silicon.
    void start();
    /// Loads MSP and PC from the vector table at `vectors` with the register image of a native hand-over: LR
    /// = 0xFFFFFFFF, Thread mode, privileged, MSP, CONTROL = 0, VTOR = vectors; `clear` also zeroes R0-R12
    /// and the masks.
    void hand_over(Address vectors, bool clear);
    void hold();
    RunState state() const;

    // --- time ---
    /// From the RCC, at the clock's present moment, wherever the core's own turn has come to: its cycles from
    /// then on have the new length. No drift over changes.
    void set_frequency(std::uint64_t hz);
    Time now() const override;
    void deadline_made(Time when) override;
    /// Runs until its own time reaches `until` (or just past it), or a yield point of D-28 is met. A
    /// sleeping, held or locked-up core only moves its time.
    void run_until(Time until);
    /// From now on turns and interrupts come behind any instruction, not only at the end of a block: slower.
    void allow_turns_to_end_anywhere();
    /// Ends the turn at the next instruction boundary. For yield points and stop requests.
    void yield();
    /// While sleeping: when the core wakes by itself (SysTick); kNever when only a signal can wake it. A
    /// signal that wakes it moves its own time forward to the clock's `now()`: nobody wakes before the signal
    /// was sent.
    Time next_wake() const;
    std::uint64_t instructions() const;
    /// The oracle of the counting inside the translated code: a second count, by a hook at each block. For
    /// tests, before anything runs.
    void count_twice();
    std::uint64_t instructions_by_hook() const;
    /// They are counted by the hook alone: the linked library allows no other way, or H7RSS_COUNTING says so.
    bool counts_by_hook() const;
    /// How often a system exception (3 HardFault, .. 15 SysTick) was entered since the core was made.
    std::uint64_t entered(unsigned exception) const;

    // --- signals ---
    void set_interrupt(unsigned irq, bool level);  // NVIC line 0..149, level
    void pulse_interrupt(unsigned irq);            // sets pending once
    void set_nmi(bool level);
    void send_event();  // event input: wakes WFE
    Wire sysresetreq;   // AIRCR.SYSRESETREQ written
    Wire sev;           // pulses when the core executes SEV (TXEV)
    /// A BKPT outside the ROM calls' window, between instructions: semihosting. True: handled, the core goes
    /// on after it. False or not set: the architecture's answer (HardFault without a debugger).
    std::function<bool(std::uint8_t immediate)> on_breakpoint;
    /// A write to an enabled ITM stimulus port: `size` bytes, 1, 2 or 4. Not set: nobody listens on SWO.
    std::function<void(unsigned port, unsigned size, std::uint32_t value)> on_stimulus;
    std::function<void()> on_state_change;  // sleeping, deep sleep, lock-up, running
    std::function<void()> on_halt_change;   // it stands under its debugger, or goes on
    Wire vectreset;                         // AIRCR.VECTRESET written by the debugger of a core that stands

    // --- caches: nothing here depends on them, a checker may ask (emulator/chip/cache_checker) ---
    /// What the data cache does at a guest address for the program as it runs now.
    CachePolicy cache_policy(Address address) const;
    /// The program maintains its data cache (CM7). Once, while the chip is built.
    void hear_cache_operations(std::function<void(const CacheOperation&)> heard);

    // --- coherence ---
    /// What view() answers has changed: every translation is asked for again. Cheap (0.5 us).
    void rights_changed();
    /// Bytes of [canonical, canonical + size) were changed by somebody else, or may no longer be executed:
    /// translated code there is dropped.
    void contents_changed(Address canonical, std::uint32_t size);

    /// `other` executes from the same RAM and flash: stores of one into code of the other are seen by both.
    /// Once, while the chip is built.
    void share_code_with(Core& other);

    /// CYCCNT asks for what silicon asks for: DEMCR.TRCENA, on the CM7 the key (0022). Once, while the chip
    /// is built.
    void set_strict_cycle_counter(bool strict);
    /// Refused stores are precise faults, as if the write buffer were off (D-29). Once, while the chip is
    /// built.
    void set_strict_bus_faults(bool strict);

    // --- debugger (core_debug.cpp) ---
    /// From now on the core stands at breakpoints, after steps, at a BKPT of the program's own, and when it
    /// locks up: run_until() returns at once and halted() says why. `sees(pc)`: whether debug events count at
    /// this place; where they do not, it goes on as if alone (F-223, F-233).
    void attach_debugger(std::function<bool(Address pc)> sees);
    /// Breakpoints and steps are forgotten, the core goes on.
    void detach_debugger();
    std::optional<Halt> halted() const;
    /// It stands or was left inside its turn: nobody else has to run before it (the run without a debugger
    /// stays the same).
    bool inside_turn() const;
    /// A halt request: stands here, if events count at this place.
    void stand();
    /// Asked inside turns, about every 200,000 instructions; true: run_until() comes back before the turn is
    /// over. Nothing of the guest depends on it. {}: no longer.
    void ask_inside_turns(std::function<bool()> leave);
    /// Goes on, from behind a BKPT of the program's own that it stands at.
    void resume();
    /// Goes on for one thing: an instruction, or the entry into an exception that is due.
    void resume_for_one();
    /// Where it is to stand. Never visible to the program, valid in any memory.
    void set_breakpoints(std::vector<Address> addresses);
    /// Ends WFI or WFE: a debugger has moved the pc.
    void wake_up();
    void set_floating_point(unsigned n, std::uint32_t value);
    std::uint32_t fpscr() const;
    void set_fpscr(std::uint32_t value);
    /// An access with the rights the program has now, for somebody who looks on: it never waits, and what is
    /// refused leaves no trace in the status registers of the core.
    BusResult<std::uint64_t> inspect(Address address, unsigned size);
    BusResult<void> modify(Address address, unsigned size, std::uint64_t value);

    // --- native code, tests ---
    void set_rom_calls(RomCalls* calls);
    Registers registers() const;
    /// `r[13]` counts when it differs from the present stack pointer, else `msp` and `psp` do.
    void set_registers(const Registers& registers);
    /// One of R0-R12, LR (14) or the pc (15; bit 0 ignored), for native services that need no more.
    std::uint32_t reg(unsigned n) const;
    void set_reg(unsigned n, std::uint32_t value);
    bool handler_mode() const;
    bool privileged() const;
    /// S0-S31. D n is S 2n and S 2n+1.
    std::uint32_t floating_point(unsigned n) const;
    /// Inside a data access of the running program: the instruction that makes it.
    Address pc() const;
    /// A load with the rights the program has right now: MPU, privilege, bus. For arguments of native
    /// services.
    BusResult<std::uint64_t> load_as_program(Address address, unsigned size);
    /// A store with the same rights, for results of native services. Never posted: the error is the answer.
    BusResult<void> store_as_program(Address address, unsigned size, std::uint64_t value);
    /// From on_breakpoint, after a load_as_program that a slave holds: the BKPT is executed again at `when`.
    void breakpoint_again(Time when);
    /// Delivers the precise BusFault / MemManage that such a load met, at the present pc.
    void fault_as_program(Address address, const BusFault& fault);
    /// Private peripheral bus accesses by a debugger (0xE0000000-0xE00FFFFF).
    BusResult<std::uint64_t> read_private(const Access& access);
    BusResult<void> write_private(const Access& access, std::uint64_t value);
    std::string lock_up_report() const;  // "" unless locked up: vector, CFSR, HFSR, pc

    void save(StateWriter& out) const;
    void load(StateReader& in);

    // --- snapshots in memory (emulator/chip/snapshot.hpp) ---
    /// The core between two turns, to the instruction: registers, counts, private peripherals. Memory is the
    /// chip's business.
    class Checkpoint {
    public:
        ~Checkpoint();

    private:
        friend class Core;
        struct Contents;
        explicit Checkpoint(std::unique_ptr<Contents> contents);
        std::unique_ptr<Contents> contents_;
    };
    /// From now on stores of the program mark the pages they change (HostMemory).
    std::unique_ptr<Checkpoint> checkpoint();
    /// `latest`: nothing but running happened since this checkpoint was taken or restored; else everything is
    /// put back.
    void restore(const Checkpoint& to, bool latest);
    /// The host put other bytes in place at [host, host + size) of a mapped block.
    void bytes_replaced(const std::uint8_t* host, std::uint32_t size);
    bool has_code_at(const std::uint8_t* host) const;

private:
    struct Impl;
    explicit Core(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace h7::cpu

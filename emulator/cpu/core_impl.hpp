// What stands behind Core: the engine, the private peripheral bus and the exception unit, run together in
// virtual time. Internal to emulator/cpu.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "emulator/cpu/core.hpp"
#include "emulator/cpu/exceptions.hpp"
#include "emulator/cpu/private_bus.hpp"
#include "emulator/cpu/timebase.hpp"
#include "emulator/cpu/unicorn/engine.hpp"

namespace h7::cpu {

struct Core::Impl final : EnginePort, StackPort, CoreStatus {
    /// What the exception unit is asked to do; what a slave held back is done first when time has come.
    enum class Todo : std::uint8_t { nothing, take, raise, leave, start };

    Impl(Model m, std::string_view n, AddressSpace& s, Clock& c, Trace& t);

    // --- EnginePort: data and fetches of the running code (core_memory.cpp) ---
    Translation translate(Address address, Op op, bool privileged) override;
    Translation find_translation(Address address, Op op, bool privileged);
    BusResult<std::uint64_t> load(Address address, unsigned size, bool privileged) override;
    BusResult<void> store(Address address, unsigned size, std::uint64_t value, bool privileged) override;
    void masks_changed() override;
    Preserved preserve_floating_point() override;
    bool serve(const Stop& stop) override;
    bool fpu_enabled(bool privileged) const override { return ppb.scb().fpu_access(privileged); }
    // --- StackPort ---
    Outcome read_words(Address address, std::uint32_t* words, unsigned count, bool privileged) override;
    Outcome write_words(Address address, const std::uint32_t* words, unsigned count,
                        bool privileged) override;
    Outcome read_vector(Address address, std::uint32_t& word) override;
    Outcome write_deferred(Address address, const std::uint32_t* words, unsigned count, bool privileged,
                           bool above) override;
    void follow_context();
    void follow_system_control();
    Outcome reach(Address address, unsigned count, Op op, bool privileged, std::optional<Address>& canonical);
    bool in_store_window(Address address) const;
    bool ignores_bus_faults() const;
    Access private_access(Address address, unsigned size, Op op, bool privileged) const;
    // --- CoreStatus ---
    std::uint64_t cycles() const override { return engine ? engine->executed() + idle : 0; }
    unsigned exception() const override { return registers().ipsr(); }
    Masks masks() const override { return exceptions->masks(); }
    /// One that is held stands anyway, and its time must be movable.
    bool stands() const override { return debug.halt && state != RunState::held; }
    bool sleeps() const override { return state == RunState::sleeping || state == RunState::deep_sleep; }
    bool locked_up() const override { return state == RunState::locked_up; }

    // --- running (core_run.cpp) ---
    void run_until(Time until);
    bool begin_stretch();
    void step_running();
    bool wake_by_tick();
    bool sleep_on(Time until);
    void stopped(const Stop& stop);
    void synchronous(unsigned exception);
    void lock_up_now();
    void attempt(Todo what, std::uint32_t argument);
    bool enter_pending();
    void post_imprecise();
    void wait_for(Time when);
    void breakpoint();
    void wait_for_event();
    void wait_for_interrupt();
    void sleep();
    void after_return();
    void look_at_priority();

    // --- debugger (core_debug.cpp) ---
    /// What a debugger wants; without one nothing here is ever set.
    struct Debug {
        std::function<bool(Address pc)> sees;
        std::optional<Halt> halt;
        bool step = false;  // stand after the next thing done
        bool pass = false;  // the breakpoint at pc is not seen: execute it alone
        Address halted_at = 0;
    };
    static constexpr std::uint64_t kAskedEvery = 200'000;  // instructions
    bool halt(Halt why);
    void forget_halt();
    void done_one();
    bool single() const { return debug.step || debug.pass; }
    bool pass_bkpt();

    // --- time ---
    Time now() const { return time.time_of(cycles()); }
    void move_to(Time when);
    bool clocked() const {
        return (state == RunState::running || state == RunState::sleeping) && time.frequency() != 0;
    }

    // --- signals ---
    void set_state(RunState next);
    void may_wake();
    void leave_lock_up();
    bool wakes() const;
    void pended(unsigned exception);

    EngineRegisters& registers() { return engine->registers(); }
    const EngineRegisters& registers() const { return engine->registers(); }

    static constexpr Address kLockUpAddress = 0xFFFF'FFFE;

    Core* self = nullptr;
    Model model;
    std::string name;
    AddressSpace& space;
    Clock& clock;
    Trace& trace;
    std::vector<AddressRange> windows;  // stores there always go through the space
    PrivateBus ppb;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<ExceptionUnit> exceptions;
    RomCalls* rom = nullptr;

    RunState state = RunState::held;
    TimeBase time;
    std::uint64_t idle = 0;  // cycles slept or waited, not executed
    Time limit = 0;          // of the present run_until
    /// Answers of find_translation() for blocks of 256 bytes; they hold until the rights change.
    struct Known {
        std::uint64_t generation = 0;
        Address block = 0;
        Op op = Op::read;
        bool privileged = false;
        bool bypassed = false;  // without the MPU
        Translation answer;     // for the first byte of the block
    };
    std::array<Known, 64> known{};

    bool in_engine = false;
    bool stirred = true;           // something but time may have changed since the last checkpoint
    std::uint64_t generation = 0;  // of the rights, at the last checkpoint
    bool yielded = false;
    bool event = false;              // the event register of WFE
    bool waits_for_event = false;    // sleeping in WFE, not in WFI
    bool imprecise = false;          // a posted store failed
    bool above_faults = false;       // HFNMIENA applied at the last look
    bool mpu_bypassed = false;       // a vector is read
    bool strict_bus_faults = false;  // no store is posted (D-29)
    std::string lock_up;
    std::optional<Time> again;  // the BKPT being served is executed again then
    Todo todo = Todo::nothing;
    std::uint32_t todo_argument = 0;
    Debug debug;
    std::function<bool()> asked;  // inside turns: whether to leave
    std::uint64_t asked_at = 0;
    bool left = false;  // it was answered yes, in this turn
};

}  // namespace h7::cpu

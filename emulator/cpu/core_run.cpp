// The run loop of one core: what happens between instructions, and why.
#include "emulator/cpu/core_impl.hpp"

namespace h7::cpu {

void Core::Impl::run_until(Time until) {
    limit = until;
    yielded = left = false;
    while (now() < limit && !yielded && !stands() && !left) {
        time.pass(cycles());
        if (state == RunState::running && time.frequency() != 0)
            step_running();
        else if (!sleep_on(limit))
            break;
        if (asked && cycles() - asked_at >= kAskedEvery) {
            asked_at = cycles();
            left = asked();
        }
    }
    wake_by_tick();  // its tick may fall on the very end of the turn
}

/// A sleeper with a clock is woken by its own SysTick.
bool Core::Impl::wake_by_tick() {
    if (state != RunState::sleeping || time.frequency() == 0) return false;
    stirred = true;
    ppb.systick().advance(cycles());
    if (!wakes()) return false;
    set_state(RunState::running);
    return true;
}

/// Everybody who does not execute only moves time; a sleeper may wake by its own SysTick.
bool Core::Impl::sleep_on(Time until) {
    if (state != RunState::sleeping || time.frequency() == 0) {
        move_to(until);
        return false;
    }
    if (wake_by_tick()) return true;
    const std::uint64_t tick = ppb.systick().next_event();
    const std::uint64_t end = time.cycle_at(until);
    idle += std::min(tick, end) - cycles();
    return true;
}

/// What comes between two stretches of execution. False: something else was done or waits.
bool Core::Impl::begin_stretch() {
    stirred = true;
    ppb.systick().advance(cycles());
    look_at_priority();
    if (imprecise) post_imprecise();
    if (enter_pending() || state != RunState::running) {
        if (debug.step && todo == Todo::nothing) done_one();
        return false;
    }
    const std::uint64_t end = std::min(time.cycle_at(limit), ppb.systick().next_event());
    const std::uint64_t next_question = std::max(asked_at + kAskedEvery, cycles() + 1);
    engine->set_limit((asked ? std::min(end, next_question) : end) - idle);
    return true;
}

/// One stretch of execution: up to the limit, SysTick, or whatever stops the engine.
void Core::Impl::step_running() {
    if (!begin_stretch()) return;
    const std::uint64_t before = engine->executed();
    const bool one = single();
    in_engine = true;
    const Stop stop = one ? engine->run_one() : engine->run();
    in_engine = false;
    stopped(stop);
    const bool nothing_done =
        engine->executed() == before && (stop.why == Stop::Why::budget || stop.why == Stop::Why::wait);
    if (one && !nothing_done && todo == Todo::nothing) done_one();
}

/// The same turn of run_until() from inside the engine: calls, exceptions entered and left, until it can
/// execute again.
bool Core::Impl::serve(const Stop& stop) {
    in_engine = false;
    stopped(stop);
    bool executes = false;
    while (!executes && state == RunState::running && now() < limit && !yielded && !stands()) {
        time.pass(cycles());
        executes = time.frequency() != 0 && begin_stretch();
        if (time.frequency() == 0) break;
    }
    in_engine = true;
    return executes;
}

/// True when something was done (or waits) instead of executing.
bool Core::Impl::enter_pending() {
    if (todo == Todo::nothing) {
        const unsigned exception = ppb.nvic().to_take(masks());
        if (exception == 0) return false;
        if (trace.on()) trace.line(Topic::irq, "takes exception " + std::to_string(exception));
        attempt(Todo::take, exception);
        if (todo == Todo::take) todo = Todo::nothing;  // a more urgent one may come while it waits
        return true;
    }
    attempt(todo, todo_argument);
    return true;
}

/// Lets the exception unit do something. What a slave holds back stays in `todo` and is done when time has
/// come.
void Core::Impl::attempt(Todo what, std::uint32_t argument) {
    todo = what;
    todo_argument = argument;
    ExceptionUnit::Result result = ExceptionUnit::Result::done;
    switch (what) {
        case Todo::nothing:
            return;
        case Todo::take:
            result = exceptions->take(argument);
            break;
        case Todo::raise:
            result = exceptions->raise(argument);
            break;
        case Todo::leave:
            result = exceptions->leave(argument);
            break;
        case Todo::start:
            result = exceptions->start(argument);
            break;
    }
    if (result == ExceptionUnit::Result::wait) return wait_for(exceptions->until());
    todo = Todo::nothing;
    if (result == ExceptionUnit::Result::lock_up) return lock_up_now();
    if (what != Todo::start) event = true;  // exception entry and return set the event register
    look_at_priority();
    engine->mode_changed();
    if (what == Todo::leave) after_return();
}

void Core::Impl::lock_up_now() {
    lock_up = exceptions->lock_up_report();
    trace.notice(name + " locked up: " + lock_up);
    set_state(RunState::locked_up);
}

void Core::Impl::synchronous(unsigned exception) {
    if (trace.on()) trace.line(Topic::irq, "raises exception " + std::to_string(exception));
    attempt(Todo::raise, exception);
}

/// A slave holds the access: time passes, then it is tried again. Whoever frees the slave may be an event of
/// the clock, so the turn ends there.
void Core::Impl::wait_for(Time when) {
    if (when > now()) {
        const std::uint64_t end = time.cycle_at(std::min(when, limit));
        idle += end - cycles();
    } else {
        ++idle;
    }
    if (clock.next_deadline() <= now()) yielded = true;
}

void Core::Impl::stopped(const Stop& stop) {
    using Why = Stop::Why;
    SystemControl& scb = ppb.scb();
    switch (stop.why) {
        case Why::budget:
            return;
        case Why::wfi:
            return wait_for_interrupt();
        case Why::wfe:
            return wait_for_event();
        case Why::sev:
            event = true;
            yielded = true;
            self->sev.pulse();
            return;
        case Why::svc:
            return synchronous(kSvCall);
        case Why::exception_return:
            // Bit 0 went where a branch puts it; an EXC_RETURN without it is none.
            return attempt(Todo::leave, registers().pc() | (registers().thumb() ? 1U : 0U));
        case Why::debug:
            debug.pass = !halt(Halt::breakpoint);
            return;
        case Why::breakpoint:
            return breakpoint();
        case Why::undefined:
            scb.report(cfsr::kUndefinstr);
            return synchronous(kUsageFault);
        case Why::invalid_state:
            scb.report(cfsr::kInvstate);
            return synchronous(kUsageFault);
        case Why::no_coprocessor:
            scb.report(cfsr::kNocp);
            return synchronous(kUsageFault);
        case Why::unaligned:
            scb.report(cfsr::kUnaligned);
            return synchronous(kUsageFault);
        case Why::divided_by_zero:
            scb.report(cfsr::kDivbyzero);
            return synchronous(kUsageFault);
        case Why::refused:
            if (stop.op == Op::fetch)
                scb.report(cfsr::kIaccviol);
            else
                scb.report_mem_manage(cfsr::kDaccviol, stop.address);
            return synchronous(kMemManage);
        case Why::bus_error:
            if (stop.op == Op::fetch)
                scb.report(cfsr::kIbuserr);
            else
                scb.report_bus_fault(cfsr::kPreciserr, stop.address);
            return synchronous(kBusFault);
        case Why::wait:
            return wait_for(stop.until);
    }
}

/// D-29. The handler runs when the priority allows; with BusFault disabled it is HardFault's affair.
void Core::Impl::post_imprecise() {
    imprecise = false;
    Nvic& nvic = ppb.nvic();
    ppb.scb().report(cfsr::kImpreciserr);
    if (ignores_bus_faults()) return;
    if (nvic.enabled(kBusFault)) return nvic.set_pending(kBusFault);
    synchronous(kBusFault);
}

void Core::Impl::breakpoint() {
    const Address pc = registers().pc();
    if (rom != nullptr && pc - rom->window().first < rom->window().size) {
        again.reset();
        rom->call(*self, pc);
        if (again) return wait_for(*again);
        engine->mode_changed();
        return;
    }
    if (self->on_breakpoint) {
        const Translation t = translate(pc, Op::fetch, registers().privileged());
        std::uint16_t instruction = 0;
        if (t.kind == Translation::Kind::memory) engine->read_memory(t.canonical, &instruction, 2);
        again.reset();
        if (self->on_breakpoint(static_cast<std::uint8_t>(instruction))) {
            if (again) return wait_for(*again);
            if (registers().pc() == pc) registers().set_pc(pc + 2);
            return;
        }
    }
    if (halt(Halt::bkpt)) return;
    ppb.scb().report_debug(dfsr::kBkpt);
    if (ppb.nvic().would_preempt(kDebugMonitor, masks())) return synchronous(kDebugMonitor);
    ppb.scb().report_hard_fault(hfsr::kDebugevt);
    synchronous(kHardFault);
}

// --- sleep (system.md 5.9, 11.7) ---

bool Core::Impl::wakes() const {
    if (waits_for_event) return event || ppb.nvic().to_take(masks()) != 0;
    return ppb.nvic().wakes(masks());
}

void Core::Impl::wait_for_interrupt() {
    waits_for_event = false;
    yielded = true;
    ppb.systick().advance(cycles());
    if (!wakes()) sleep();
}

void Core::Impl::wait_for_event() {
    waits_for_event = true;
    yielded = true;
    ppb.systick().advance(cycles());
    if (wakes())
        event = false;
    else
        sleep();
}

void Core::Impl::sleep() { set_state(ppb.scb().sleepdeep() ? RunState::deep_sleep : RunState::sleeping); }

void Core::Impl::after_return() {
    if (registers().ipsr() != kThread || !ppb.scb().sleeponexit()) return;
    if (ppb.nvic().to_take(masks()) != 0) return;
    waits_for_event = false;
    yielded = true;
    if (!wakes()) sleep();
}

/// The answers of the MPU may change when the priority passes that of HardFault.
void Core::Impl::look_at_priority() {
    if (!ppb.mpu().depends_on_priority()) return;
    const bool above = ppb.nvic().above_faults(masks());
    if (above == above_faults) return;
    above_faults = above;
    engine->rights_changed();
}

}  // namespace h7::cpu

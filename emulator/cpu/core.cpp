#include "emulator/cpu/core.hpp"

#include "emulator/cpu/core_impl.hpp"

namespace h7::cpu {

Core::Impl::Impl(Model m, std::string_view n, AddressSpace& s, Clock& c, Trace& t)
    : model(m), name(n), space(s), clock(c), trace(t), windows(s.store_windows()), ppb(m, *this) {
    ppb.set_trace(&trace);
    ppb.nvic().became_pending = [this](unsigned exception) { pended(exception); };
    ppb.mpu().changed = [this] {
        above_faults = ppb.mpu().depends_on_priority() && ppb.nvic().above_faults(masks());
        engine->rights_changed();
    };
    ppb.scb().changed = [this] { follow_system_control(); };
    ppb.scb().context_changed = [this] { follow_context(); };
    ppb.scb().sysresetreq = [this] { self->sysresetreq.pulse(); };
    ppb.scb().vectreset = [this] { self->vectreset.pulse(); };
}

/// The engine has copies of what translated code depends on.
void Core::Impl::follow_context() {
    const std::uint32_t fpccr = ppb.scb().fpccr();
    engine->set_fpu_context((fpccr & fpccr::kAspen) != 0, (fpccr & fpccr::kLspact) != 0, ppb.scb().fpdscr());
}

void Core::Impl::follow_system_control() {
    follow_context();
    engine->set_traps(ppb.scb().unalign_trp(), ppb.scb().div_0_trp());
    engine->mode_changed();
    if (in_engine) engine->stop_behind_store();  // CPACR, CCR, FPCCR: in force at the next instruction
}

Core::Core(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) { impl_->self = this; }
Core::~Core() = default;

std::uint64_t Core::entered(unsigned exception) const { return impl_->ppb.nvic().entered(exception); }

Result<std::unique_ptr<Core>> Core::create(Model model, std::string_view name, AddressSpace& space,
                                           Clock& clock, Trace& trace) {
    auto impl = std::make_unique<Impl>(model, name, space, clock, trace);
    impl->engine = TRY(Engine::create(model, space.memory(), *impl));
    impl->exceptions = std::make_unique<ExceptionUnit>(impl->engine->registers(), impl->ppb, *impl);
    std::unique_ptr<Core> core(new Core(std::move(impl)));
    core->impl_->ppb.itm().stimulus = [self = core.get()](unsigned port, unsigned size, std::uint32_t value) {
        if (self->on_stimulus) self->on_stimulus(port, size, value);
    };
    core->impl_->ppb.reset(ResetKind::power_on, 0);
    core->reset(0);
    return core;
}

// --- life ---

void Core::reset(std::uint32_t reset_vtor) {
    Impl& c = *impl_;
    c.stirred = true;
    EngineRegisters& r = c.registers();
    r.set_mode(kThread, 0);
    for (unsigned n = 0; n < 16; ++n) r.set_r(n, 0);
    r.set_msp(0);
    r.set_psp(0);
    r.set_r(14, 0xFFFF'FFFFU);
    r.set_xpsr(1U << 24);
    r.set_primask(0);
    r.set_basepri(0);
    r.set_faultmask(0);
    r.set_fpscr(0);
    r.clear_exclusive();
    c.event = c.imprecise = c.above_faults = false;
    c.todo = Impl::Todo::nothing;
    c.lock_up.clear();
    c.set_state(RunState::held);
    c.ppb.reset(ResetKind::system, reset_vtor);
    c.engine->mode_changed();
    c.engine->rights_changed();
}

void Core::start() {
    Impl& c = *impl_;
    c.stirred = true;
    c.set_state(RunState::running);
    c.attempt(Impl::Todo::start, c.ppb.scb().vtor());
}

void Core::hand_over(Address vectors, bool clear) {
    Impl& c = *impl_;
    c.stirred = true;
    EngineRegisters& r = c.registers();
    for (unsigned n = 1; n < kExceptions; ++n) c.ppb.nvic().set_active(n, false);
    r.set_mode(kThread, 0);
    c.ppb.scb().set_fpccr(c.ppb.scb().fpccr() & ~fpccr::kLspact);
    c.ppb.scb().set_vtor(vectors);
    r.set_r(14, 0xFFFF'FFFFU);
    r.clear_exclusive();
    if (clear) {
        for (unsigned n = 0; n < 13; ++n) r.set_r(n, 0);
        r.set_primask(0);
        r.set_basepri(0);
        r.set_faultmask(0);
    }
    std::uint32_t words[2]{};
    const Outcome read = c.read_words(vectors, words, 2, true);
    if (read.ok()) {
        r.set_msp(words[0] & ~3U);
        r.set_xpsr((words[1] & 1U) != 0 ? 1U << 24 : 0U);
        r.set_pc(words[1]);
    } else if (read.kind == Outcome::Kind::wait) {
        c.attempt(Impl::Todo::start, vectors);  // the slave is busy (F-043): the core waits for it
    } else {
        fault_as_program(vectors, bus_error("the vector table cannot be read", "rss-sfi-bootloader.md 2.3"));
    }
    if (c.state != RunState::locked_up) c.set_state(RunState::running);
    c.engine->mode_changed();
    c.look_at_priority();
}

void Core::hold() { impl_->set_state(RunState::held); }
RunState Core::state() const { return impl_->state; }

void Core::Impl::set_state(RunState next) {
    if (next == state) return;
    state = next;
    if (next == RunState::held || next == RunState::locked_up) yielded = true;
    if (next == RunState::locked_up) halt(Halt::locked_up);
    if (in_engine) engine->kick();
    if (self != nullptr && self->on_state_change) self->on_state_change();
}

// --- time ---

void Core::set_frequency(std::uint64_t hz) {
    Impl& c = *impl_;
    if (c.clocked() && hz != 0)
        c.time.change_at(c.clock.now(), c.cycles(), hz);
    else
        c.time.change(c.now(), c.cycles(), hz);
    if (impl_->in_engine) impl_->engine->kick();
}
Time Core::now() const { return impl_->now(); }
void Core::deadline_made(Time when) {
    if (when >= impl_->limit) return;
    impl_->limit = when;
    if (impl_->in_engine) impl_->engine->kick();
}
void Core::run_until(Time until) { impl_->run_until(until); }
void Core::allow_turns_to_end_anywhere() { impl_->engine->end_blocks_behind_each_instruction(); }
void Core::yield() {
    impl_->yielded = true;
    if (impl_->in_engine) impl_->engine->kick();
}
void Core::count_twice() { impl_->engine->count_twice(); }
std::uint64_t Core::instructions_by_hook() const { return impl_->engine->executed_by_hook(); }
bool Core::counts_by_hook() const { return impl_->engine->counts_by_hook(); }
std::uint64_t Core::instructions() const { return impl_->engine->executed(); }

Time Core::next_wake() const {
    const Impl& c = *impl_;
    if (c.state != RunState::sleeping) return kNever;
    const std::uint64_t tick = c.ppb.systick().next_event();
    return tick == SysTick::kNoEvent ? kNever : c.time.time_of(std::max(tick, c.cycles()));
}

/// Sleeping with a clock: cycles pass. Without one, or while nothing executes: only time does.
void Core::Impl::move_to(Time when) {
    if (when <= now()) return;
    if (clocked())
        idle += time.cycle_at(when) - cycles();
    else
        time.stand_until(when, cycles());
}

// --- signals ---

void Core::Impl::pended(unsigned exception) {
    if (ppb.scb().sevonpend()) event = true;
    if (in_engine) {
        engine->kick();
        if (ppb.nvic().to_take(masks()) != 0) engine->stop_behind_store();
    }
    if (exception == kNmi) leave_lock_up();
    may_wake();
}

/// NMI preempts a lock-up at the priority of HardFault; it finds the lock-up address as the place to return
/// to.
void Core::Impl::leave_lock_up() {
    if (state != RunState::locked_up || ppb.nvic().active(kNmi)) return;
    move_to(clock.now());
    registers().set_pc(kLockUpAddress);
    set_state(RunState::running);
}

/// A signal from outside wakes a sleeper, not before the moment it was sent.
void Core::Impl::may_wake() {
    if (state != RunState::sleeping && state != RunState::deep_sleep) return;
    if (!wakes()) return;
    move_to(clock.now());
    if (waits_for_event) event = false;
    set_state(RunState::running);
}

void Core::set_interrupt(unsigned irq, bool level) {
    impl_->stirred = true;
    impl_->ppb.nvic().set_line(irq, level);
}
void Core::pulse_interrupt(unsigned irq) {
    impl_->stirred = true;
    impl_->ppb.nvic().pulse(irq);
}
void Core::set_nmi(bool level) {
    impl_->stirred = true;
    impl_->ppb.nvic().set_nmi(level);
}
void Core::send_event() {
    impl_->stirred = true;
    impl_->event = true;
    impl_->may_wake();
}

// --- caches ---

CachePolicy Core::cache_policy(Address address) const {
    return impl_->ppb.scb().data_cache(impl_->ppb.mpu().cache_policy(address, impl_->above_faults));
}
void Core::hear_cache_operations(std::function<void(const CacheOperation&)> heard) {
    impl_->ppb.scb().cache_operation = std::move(heard);
}

// --- coherence ---

void Core::rights_changed() { impl_->engine->rights_changed(); }
void Core::contents_changed(Address canonical, std::uint32_t size) {
    impl_->engine->contents_changed(canonical, size);
}
void Core::share_code_with(Core& other) { impl_->engine->pair_with(*other.impl_->engine); }

// --- native code, debugger, tests ---

void Core::set_rom_calls(RomCalls* calls) { impl_->rom = calls; }

Registers Core::registers() const {
    const EngineRegisters& r = impl_->registers();
    Registers out;
    for (unsigned n = 0; n < 16; ++n) out.r[n] = r.r(n);
    out.xpsr = r.xpsr();
    out.msp = r.msp();
    out.psp = r.psp();
    out.control = r.control();
    out.primask = r.primask();
    out.basepri = r.basepri();
    out.faultmask = r.faultmask();
    return out;
}

void Core::set_registers(const Registers& in) {
    impl_->stirred = true;
    EngineRegisters& r = impl_->registers();
    const bool sp_written = in.r[13] != r.r(13);
    r.set_mode(in.xpsr & 0x1FFU, in.control);
    r.set_xpsr(in.xpsr);
    r.set_msp(in.msp);
    r.set_psp(in.psp);
    for (unsigned n = 0; n < 15; ++n)
        if (n != 13 || sp_written) r.set_r(n, in.r[n]);
    r.set_pc(in.r[15]);
    r.set_primask(in.primask);
    r.set_basepri(in.basepri);
    r.set_faultmask(in.faultmask);
    impl_->engine->mode_changed();
}

std::uint32_t Core::reg(unsigned n) const { return impl_->registers().r(n); }
void Core::set_reg(unsigned n, std::uint32_t value) {
    assert(n < 16 && n != 13 && "the stack pointers are set by set_registers()");
    impl_->stirred = true;
    impl_->registers().set_r(n, n == 15 ? value & ~1U : value);
}
bool Core::handler_mode() const { return impl_->registers().ipsr() != 0; }
bool Core::privileged() const { return impl_->registers().privileged(); }

std::uint32_t Core::floating_point(unsigned n) const {
    return static_cast<std::uint32_t>(impl_->registers().d(n / 2) >> (32 * (n % 2)));
}

void Core::set_strict_cycle_counter(bool strict) { impl_->ppb.dwt().set_strict(strict); }
void Core::set_strict_bus_faults(bool strict) { impl_->strict_bus_faults = strict; }

Address Core::pc() const { return impl_->engine->pc(); }

namespace {

/// An access that goes to no slave.
std::optional<BusFault> refusal(const Translation& t) {
    switch (t.kind) {
        case Translation::Kind::refused:
            return bus_error("the MPU refuses the access", "MPU");
        case Translation::Kind::bus_error:
            return bus_error("no slave answers", "system.md 1.5");
        case Translation::Kind::wait:
            return wait_until(t.until, "the slave is busy", "F-043");
        case Translation::Kind::memory:
        case Translation::Kind::slave:
            break;
    }
    return std::nullopt;
}

}  // namespace

BusResult<std::uint64_t> Core::load_as_program(Address address, unsigned size) {
    Impl& c = *impl_;
    if (address % size != 0) {  // bytes, as the core itself does it: each has rights of its own
        std::uint64_t value = 0;
        for (unsigned n = 0; n < size; ++n) {
            const std::uint64_t byte = TRY(load_as_program(address + n, 1));
            value |= byte << (8 * n);
        }
        return value;
    }
    const bool privileged = c.registers().privileged();
    const Translation t = c.translate(address, Op::read, privileged);
    if (const auto refused = refusal(t)) return *refused;
    if (std::uint64_t value = 0;
        t.kind == Translation::Kind::memory && t.read && c.engine->read_memory(t.canonical, &value, size))
        return value;
    return c.load(address, size, privileged);
}

BusResult<void> Core::store_as_program(Address address, unsigned size, std::uint64_t value) {
    Impl& c = *impl_;
    const bool privileged = c.registers().privileged();
    const Translation t = c.translate(address, Op::write, privileged);
    if (const auto refused = refusal(t)) return *refused;
    if (t.kind == Translation::Kind::memory && t.write && c.engine->write_memory(t.canonical, &value, size))
        return {};
    if (PrivateBus::contains(address)) return c.store(address, size, value, privileged);
    return c.space.store(address, size, value, privileged);
}

void Core::breakpoint_again(Time when) { impl_->again = when; }

void Core::fault_as_program(Address address, const BusFault&) {
    Impl& c = *impl_;
    c.stirred = true;
    if (c.translate(address, Op::read, c.registers().privileged()).kind == Translation::Kind::refused) {
        c.ppb.scb().report_mem_manage(cfsr::kDaccviol, address);
        return c.synchronous(kMemManage);
    }
    c.ppb.scb().report_bus_fault(cfsr::kPreciserr, address);
    c.synchronous(kBusFault);
}

BusResult<std::uint64_t> Core::read_private(const Access& access) {
    impl_->stirred = true;  // COUNTFLAG
    return impl_->ppb.read(access);
}
BusResult<void> Core::write_private(const Access& access, std::uint64_t value) {
    impl_->stirred = true;
    return impl_->ppb.write(access, value);
}
std::string Core::lock_up_report() const { return impl_->state == RunState::locked_up ? impl_->lock_up : ""; }

void Core::save(StateWriter& out) const {
    const Impl& c = *impl_;
    out.section(c.name);
    const Registers r = registers();
    for (const std::uint32_t word : r.r) out.u32(word);
    for (const std::uint32_t word : {r.xpsr, r.msp, r.psp, r.control, r.primask, r.basepri, r.faultmask})
        out.u32(word);
    for (unsigned n = 0; n < 16; ++n) out.u64(c.registers().d(n));
    out.u32(c.registers().fpscr());
    out.u8(static_cast<std::uint8_t>(c.state));
    out.u64(c.now());
    out.u64(c.time.frequency());
    out.u64(c.cycles());
    const std::vector<TimeBase::Change> coming = c.time.coming();
    out.u32(static_cast<std::uint32_t>(coming.size()));
    for (const TimeBase::Change& one : coming) {
        out.u64(one.at);
        out.u64(one.hz);
    }
    for (const bool flag : {c.event, c.waits_for_event, c.imprecise}) out.flag(flag);
    out.u8(static_cast<std::uint8_t>(c.todo));
    out.u32(c.todo_argument);
    c.ppb.save(out);
}

void Core::load(StateReader& in) {
    Impl& c = *impl_;
    c.stirred = true;
    in.section(c.name);
    Registers r;
    for (std::uint32_t& word : r.r) word = in.u32();
    for (std::uint32_t* word : {&r.xpsr, &r.msp, &r.psp, &r.control, &r.primask, &r.basepri, &r.faultmask})
        *word = in.u32();
    for (unsigned n = 0; n < 16; ++n) c.registers().set_d(n, in.u64());
    c.registers().set_fpscr(in.u32());
    set_registers(r);
    c.registers().clear_exclusive();
    c.state = static_cast<RunState>(
        std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(RunState::locked_up)));
    const Time at = in.u64();
    const std::uint64_t hz = in.u64();
    c.idle = in.u64() - c.engine->executed();
    c.time.change(at, c.cycles(), hz);
    for (std::uint32_t count = in.u32(); count > 0 && in.ok(); --count) {
        const Time when = in.u64();
        c.time.change_at(when, c.cycles(), std::max<std::uint64_t>(in.u64(), 1));
    }
    c.event = in.flag();
    c.waits_for_event = in.flag();
    c.imprecise = in.flag();
    c.todo = static_cast<Impl::Todo>(
        std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(Impl::Todo::start)));
    c.todo_argument = in.u32();
    c.ppb.load(in);
    c.follow_system_control();
    c.above_faults = c.ppb.mpu().depends_on_priority() && c.ppb.nvic().above_faults(c.masks());
    c.engine->rights_changed();
}

}  // namespace h7::cpu

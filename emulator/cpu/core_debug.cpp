// A core under a debugger: when it stands, how it goes on, and what somebody who looks on may read.
#include "emulator/cpu/core_impl.hpp"

namespace h7::cpu {
namespace {

/// ITSTATE of xPSR behind one more instruction of the block (ARMv7-M A7.3.3).
std::uint32_t advance_it(std::uint32_t xpsr) {
    std::uint32_t it = (xpsr >> 8 & 0xFCU) | (xpsr >> 25 & 3U);
    it = (it & 7U) == 0 ? 0 : (it & 0xE0U) | (it << 1 & 0x1FU);
    return (xpsr & ~0x0600'FC00U) | (it & 0xFCU) << 8 | (it & 3U) << 25;
}

}  // namespace

/// Stands here, if a debugger is attached and events count at this place.
bool Core::Impl::halt(Halt why) {
    const Address pc = registers().pc();
    if (!debug.sees || !debug.sees(pc)) return false;
    debug.halt = why;
    debug.halted_at = pc;
    debug.step = false;
    if (self->on_halt_change) self->on_halt_change();
    return true;
}

void Core::Impl::forget_halt() {
    debug.step = false;
    if (!debug.halt) return;
    debug.halt.reset();
    if (self->on_halt_change) self->on_halt_change();
}

void Core::Impl::done_one() {
    debug.pass = false;
    if (debug.step && !debug.halt) halt(Halt::stepped);
}

/// A BKPT is never executed: a debugger goes on from behind it.
bool Core::Impl::pass_bkpt() {
    const bool at_bkpt = debug.halt == Halt::bkpt && registers().pc() == debug.halted_at;
    forget_halt();
    if (!at_bkpt) return false;
    registers().set_xpsr(advance_it(registers().xpsr()));
    registers().set_pc(debug.halted_at + 2);
    engine->mode_changed();
    return true;
}

void Core::attach_debugger(std::function<bool(Address pc)> sees) {
    impl_->debug = {};
    impl_->debug.sees = std::move(sees);
}

void Core::detach_debugger() {
    impl_->pass_bkpt();
    impl_->debug = {};
    impl_->engine->set_breakpoints({});
}

std::optional<Halt> Core::halted() const { return impl_->debug.halt; }

bool Core::inside_turn() const {
    const Impl& c = *impl_;
    return (c.debug.halt || c.left) && !c.yielded && c.now() < c.limit;
}

void Core::stand() { impl_->halt(Halt::requested); }

void Core::ask_inside_turns(std::function<bool()> leave) { impl_->asked = std::move(leave); }

void Core::resume() { impl_->pass_bkpt(); }

void Core::resume_for_one() {
    if (impl_->pass_bkpt() && impl_->halt(Halt::stepped)) return;
    impl_->debug.step = true;
}

void Core::set_breakpoints(std::vector<Address> addresses) {
    impl_->engine->set_breakpoints(std::move(addresses));
}

void Core::wake_up() {
    Impl& c = *impl_;
    if (c.state != RunState::sleeping && c.state != RunState::deep_sleep) return;
    c.move_to(c.clock.now());
    c.set_state(RunState::running);
}

void Core::set_floating_point(unsigned n, std::uint32_t value) {
    EngineRegisters& r = impl_->registers();
    const std::uint64_t other = r.d(n / 2) & (0xFFFF'FFFFULL << (n % 2 == 0 ? 32 : 0));
    r.set_d(n / 2, other | std::uint64_t{value} << (32 * (n % 2)));
}
std::uint32_t Core::fpscr() const { return impl_->registers().fpscr(); }
void Core::set_fpscr(std::uint32_t value) { impl_->registers().set_fpscr(value); }

namespace {

/// Why an onlooker gets no answer from here; `error`: it may ask.
std::optional<BusFault> refusal(const Translation& t) {
    switch (t.kind) {
        case Translation::Kind::refused:
            return bus_error("the MPU or the default memory map refuses it", "system.md 5.7");
        case Translation::Kind::bus_error:
            return bus_error("no slave answers at this address for this core", "system.md 1.1");
        case Translation::Kind::wait:
            return bus_error("the flash bank is busy, and time stands", "F-043");
        case Translation::Kind::memory:
        case Translation::Kind::slave:
            break;
    }
    return std::nullopt;
}

}  // namespace

BusResult<std::uint64_t> Core::inspect(Address address, unsigned size) {
    Impl& c = *impl_;
    const bool privileged = c.registers().privileged();
    const Translation t = c.translate(address, Op::read, privileged);
    if (const auto no = refusal(t)) return *no;
    std::uint64_t value = 0;
    if (t.kind == Translation::Kind::memory && t.read && c.engine->read_memory(t.canonical, &value, size))
        return value;
    if (PrivateBus::contains(address))
        return c.ppb.read(c.private_access(address, size, Op::read, privileged));
    return c.space.load(address, size, privileged);
}

BusResult<void> Core::modify(Address address, unsigned size, std::uint64_t value) {
    Impl& c = *impl_;
    const bool privileged = c.registers().privileged();
    const Translation t = c.translate(address, Op::write, privileged);
    if (const auto no = refusal(t)) return *no;
    if (t.kind == Translation::Kind::memory && t.write && c.engine->write_memory(t.canonical, &value, size))
        return {};
    if (PrivateBus::contains(address))
        return c.ppb.write(c.private_access(address, size, Op::write, privileged), value);
    return c.space.store(address, size, value, privileged);
}

}  // namespace h7::cpu

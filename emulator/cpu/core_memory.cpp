// Where the accesses of a core go: MPU first, then its private bus, then the chip.
#include "emulator/cpu/core_impl.hpp"

namespace h7::cpu {

bool Core::Impl::in_store_window(Address address) const {
    for (const AddressRange& window : windows)
        if (address - window.first < window.size) return true;
    return false;
}

/// CCR.BFHFNMIGN: handlers at the priority of HardFault and NMI probe memory.
bool Core::Impl::ignores_bus_faults() const {
    return ppb.scb().bfhfnmign() && ppb.nvic().above_faults(masks());
}

Access Core::Impl::private_access(Address address, unsigned size, Op op, bool privileged) const {
    const Master master = model == Model::cortex_m7 ? Master::cm7 : Master::cm4;
    return {address, static_cast<std::uint8_t>(size), op, master, Context::application, privileged};
}

/// Exceptions, register accesses and stores beside code ask for the same few blocks again and again.
Translation Core::Impl::translate(Address address, Op op, bool privileged) {
    constexpr std::uint32_t kBlock = 256;
    const Address block = address / kBlock, offset = address % kBlock;
    const auto mix = block ^ (block >> 6) ^ (block >> 18) ^ static_cast<Address>(op) << 4;
    Known& slot = known[mix % known.size()];
    if (slot.generation == engine->generation() && slot.block == block && slot.op == op &&
        slot.privileged == privileged && slot.bypassed == mpu_bypassed) {
        Translation t = slot.answer;
        t.canonical += offset;
        return t;
    }
    const Translation t = find_translation(address, op, privileged);
    // What is refused or held is asked each time: the asking raises flags, the answer changes with time.
    const bool lasts = t.kind == Translation::Kind::memory || t.kind == Translation::Kind::slave;
    if (lasts && t.granule >= kBlock && op != Op::fetch) {
        slot = {engine->generation(), block, op, privileged, mpu_bypassed, t};
        slot.answer.canonical -= offset;
    }
    return t;
}

Translation Core::Impl::find_translation(Address address, Op op, bool privileged) {
    Translation t;
    if (PrivateBus::contains(address)) {
        // The MPU has no say here; the system space is execute-never.
        t.kind = op == Op::fetch ? Translation::Kind::refused : Translation::Kind::slave;
        t.granule = 256;
        t.device = true;
        return t;
    }
    const MpuRights mpu =
        mpu_bypassed ? Mpu::default_map(address) : ppb.mpu().check(address, privileged, above_faults);
    const bool granted = op == Op::fetch ? mpu.execute && mpu.read : op == Op::read ? mpu.read : mpu.write;
    const std::uint32_t granule = mpu.granule >= 1024 ? 1024 : mpu.granule;
    t.granule = granule;
    t.device = mpu.device;
    if (!granted) {
        t.kind = Translation::Kind::refused;
        return t;
    }
    if (op == Op::write && in_store_window(address)) {
        t.kind = Translation::Kind::slave;
        return t;
    }
    const View view = space.view(address, op, privileged);
    t.granule = std::min(granule, view.granule);
    switch (view.kind) {
        case View::Kind::memory:
            t.kind = Translation::Kind::memory;
            t.canonical = view.canonical;
            t.read = view.read && mpu.read;
            t.write = view.write && mpu.write && !in_store_window(address);
            t.execute = view.execute && mpu.execute && mpu.read;
            break;
        case View::Kind::wait:
            t.kind = Translation::Kind::wait;
            t.until = view.fault.until;
            break;
        case View::Kind::slave:
        case View::Kind::fault:
            // Data goes to the slave, or to the nobody who refuses it with the right flags.
            t.kind = op == Op::fetch ? Translation::Kind::bus_error : Translation::Kind::slave;
            break;
    }
    return t;
}

BusResult<std::uint64_t> Core::Impl::load(Address address, unsigned size, bool privileged) {
    if (PrivateBus::contains(address)) return ppb.read(private_access(address, size, Op::read, privileged));
    auto value = space.load(address, size, privileged);
    if (!value && value.error().kind == BusFault::Kind::error && ignores_bus_faults()) {
        ppb.scb().report_bus_fault(cfsr::kPreciserr, address);
        return std::uint64_t{0};
    }
    return value;
}

BusResult<void> Core::Impl::store(Address address, unsigned size, std::uint64_t value, bool privileged) {
    if (PrivateBus::contains(address)) {
        auto done = ppb.write(private_access(address, size, Op::write, privileged), value);
        engine->kick();  // it may have pended, enabled or unmasked something, or moved SysTick
        if (ppb.nvic().to_take(masks()) != 0) engine->stop_behind_store();
        return done;
    }
    auto done = space.store(address, size, value, privileged);
    if (done || done.error().kind == BusFault::Kind::wait) return done;
    if (ppb.scb().disdefwbuf() || strict_bus_faults) {
        if (!ignores_bus_faults()) return done;
        ppb.scb().report_bus_fault(cfsr::kPreciserr, address);
        return {};
    }
    imprecise = true;  // D-29: posted, reported at the next boundary
    engine->kick();
    if (trace.on())
        trace.line(Topic::bus, std::string("a posted store failed: ") + std::string(done.error().why));
    return {};
}

void Core::Impl::masks_changed() {
    // At the priority of HardFault or above FAULTMASK cannot be set.
    if (registers().faultmask() != 0 && ppb.nvic().execution_priority({}) <= -1) registers().set_faultmask(0);
    if (ppb.nvic().to_take(masks()) != 0 || ppb.mpu().depends_on_priority() || ppb.nvic().pending(kBusFault))
        engine->kick();
}

/// Probes the whole range before anything is read or written. `canonical`: it is plain memory there.
Outcome Core::Impl::reach(Address address, unsigned count, Op op, bool privileged,
                          std::optional<Address>& canonical) {
    canonical.reset();
    const Address last = address + 4 * count - 1;
    for (Address at = address;;) {
        const Translation t = translate(at, op, privileged);
        switch (t.kind) {
            case Translation::Kind::refused:
                return {Outcome::Kind::refused};
            case Translation::Kind::bus_error:
                return {Outcome::Kind::bus_error};
            case Translation::Kind::wait:
                return {Outcome::Kind::wait, t.until};
            case Translation::Kind::slave:
                return {};
            case Translation::Kind::memory:
                break;
        }
        if (op == Op::read ? !t.read : !t.write) return {};
        if (at == address) canonical = t.canonical;
        const Address next = (at | (t.granule - 1)) + 1;
        if (next > last || next == 0) return {};
        at = next;
    }
}

Outcome Core::Impl::read_words(Address address, std::uint32_t* words, unsigned count, bool privileged) {
    std::optional<Address> canonical;
    const Outcome reached = reach(address, count, Op::read, privileged, canonical);
    if (!reached.ok()) return reached;
    if (canonical && engine->read_memory(*canonical, words, 4 * count)) return {};
    for (unsigned n = 0; n < count; ++n) {
        // Not load(): CCR.BFHFNMIGN is for load and store instructions.
        auto value = PrivateBus::contains(address)
                         ? ppb.read(private_access(address + 4 * n, 4, Op::read, privileged))
                         : space.load(address + 4 * n, 4, privileged);
        if (!value)
            return {
                value.error().kind == BusFault::Kind::wait ? Outcome::Kind::wait : Outcome::Kind::bus_error,
                value.error().until};
        words[n] = static_cast<std::uint32_t>(*value);
    }
    return {};
}

Outcome Core::Impl::write_words(Address address, const std::uint32_t* words, unsigned count,
                                bool privileged) {
    std::optional<Address> canonical;
    const Outcome reached = reach(address, count, Op::write, privileged, canonical);
    if (!reached.ok()) return reached;
    if (canonical && engine->write_memory(*canonical, words, 4 * count)) return {};
    for (unsigned n = 0; n < count; ++n) {
        // Stacking is never posted: an error is STKERR.
        auto done = PrivateBus::contains(address)
                        ? ppb.write(private_access(address + 4 * n, 4, Op::write, privileged), words[n])
                        : space.store(address + 4 * n, 4, words[n], privileged);
        if (!done)
            return {
                done.error().kind == BusFault::Kind::wait ? Outcome::Kind::wait : Outcome::Kind::bus_error,
                done.error().until};
    }
    return {};
}

Outcome Core::Impl::read_vector(Address address, std::uint32_t& word) {
    const bool mpu = mpu_bypassed;
    mpu_bypassed = true;
    const Outcome read = read_words(address, &word, 1, true);
    mpu_bypassed = mpu;
    return read;
}

Outcome Core::Impl::write_deferred(Address address, const std::uint32_t* words, unsigned count,
                                   bool privileged, bool above) {
    const bool now = above_faults;
    above_faults = above;
    const Outcome written = write_words(address, words, count, privileged);
    above_faults = now;
    return written;
}

EnginePort::Preserved Core::Impl::preserve_floating_point() {
    switch (exceptions->preserve()) {
        case ExceptionUnit::Result::done:
            return {};
        case ExceptionUnit::Result::wait:
            return {false, std::max(exceptions->until(), Time{1})};
        case ExceptionUnit::Result::lock_up:
            lock_up_now();
            break;
        case ExceptionUnit::Result::pended:
            break;
    }
    return {false, 0};
}

}  // namespace h7::cpu

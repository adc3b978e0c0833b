#include "peripherals/hsem/hsem.hpp"

namespace h7::hsem {

using Regs = RegisterFile<Hsem>;

namespace {

constexpr std::uint32_t kLock = Regs::mask<"R.LOCK">();
constexpr std::uint32_t kOwner = Regs::mask<"R.COREID">() | Regs::mask<"R.PROCID">();

BusFault narrow() { return bus_error("HSEM registers are accessed by words", "system.md 5.3"); }

}  // namespace

Hsem::Hsem() : RegisterBlock("HSEM", 0x5802'6400, 0x400) {}

void Hsem::reset(ResetKind) {
    regs_.reset();
    drive_lines();
}

BusResult<std::uint64_t> Hsem::read(const Access& access) {
    if (access.size != 4) return narrow();
    const Address offset = offset_of(access) & 0xFFCU;
    const bool may_be_polled = offset < 0x100 || (offset >= 0x108 && offset <= 0x11C && (offset & 8U) != 0);
    const auto value = RegisterBlock::read(access);
    if (may_be_polled && looked_at) looked_at(access);
    return value;
}

BusResult<void> Hsem::write(const Access& access, std::uint64_t value) {
    if (access.size != 4) return narrow();
    return RegisterBlock::write(access, value);
}

// LOCK = 1 takes a free semaphore, LOCK = 0 frees the writer's own; the COREID written must be the writer's
// in both.
bool Hsem::may_write(const RegisterWrite& write) const {
    const std::uint32_t me = core_id(write.access.master);
    if (me == 0 || Regs::field<"R.COREID">(write.value) != me) return false;
    if ((write.value & kLock) != 0) return (write.old & kLock) == 0;
    return (write.old & kLock) != 0 && ((write.old ^ write.value) & kOwner) == 0;
}

BusResult<void> Hsem::written(const RegisterWrite& write) {
    if ((write.value & kLock) == 0) freed(1U << write.index);
    return {};
}

// The one-step lock: reading takes a free semaphore, for process 0.
std::uint32_t Hsem::take(const Access& access, unsigned index) {
    const std::uint32_t me = core_id(access.master);
    if (me == 0) return 0;
    if (regs_.get<"R.LOCK">(index) == 0) {
        regs_.set<"R">(kLock, index);
        regs_.set<"R.COREID">(me, index);
    }
    return regs_.get<"R">(index);
}

bool Hsem::may_clear(const RegisterWrite& write) const {
    return core_id(write.access.master) != 0 && Regs::field<"CR.KEY">(write.value) == regs_.get<"KEYR.KEY">();
}

BusResult<void> Hsem::clear_all(const RegisterWrite& write) {
    const std::uint32_t owner = Regs::field<"CR.COREID">(write.value);
    std::uint32_t all = 0;
    for (unsigned i = 0; i < kSemaphores; ++i)
        if (regs_.get<"R.LOCK">(i) != 0 && regs_.get<"R.COREID">(i) == owner) all |= 1U << i;
    if (all != 0) freed(all);
    return {};
}

// Both cores hear it, whoever freed it.
void Hsem::freed(std::uint32_t semaphores) {
    for (unsigned i = 0; i < kSemaphores; ++i)
        if (test_bit(semaphores, i)) regs_.set<"R">(0, i);
    regs_.set<"C1ISR">(regs_.get<"C1ISR">() | semaphores);
    regs_.set<"C2ISR">(regs_.get<"C2ISR">() | semaphores);
    drive_lines();
}

std::uint32_t Hsem::masked1(unsigned) const { return regs_.get<"C1ISR">() & regs_.get<"C1IER">(); }
std::uint32_t Hsem::masked2(unsigned) const { return regs_.get<"C2ISR">() & regs_.get<"C2IER">(); }

BusResult<void> Hsem::enable_written(const RegisterWrite&) {
    drive_lines();
    return {};
}

BusResult<void> Hsem::clear1(const RegisterWrite& write) {
    regs_.set<"C1ISR">(regs_.get<"C1ISR">() & ~write.value);
    drive_lines();
    return {};
}

BusResult<void> Hsem::clear2(const RegisterWrite& write) {
    regs_.set<"C2ISR">(regs_.get<"C2ISR">() & ~write.value);
    drive_lines();
    return {};
}

void Hsem::drive_lines() {
    line1.set(masked1(0) != 0);
    line2.set(masked2(0) != 0);
}

void Hsem::load(StateReader& in) {
    RegisterBlock::load(in);
    drive_lines();
}

}  // namespace h7::hsem

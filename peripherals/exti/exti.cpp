#include "peripherals/exti/exti.hpp"

#include <set>

namespace h7::exti {

namespace {

constexpr Cpu kBoth[] = {Cpu::cpu1, Cpu::cpu2};
constexpr std::array<LineSet, 2> kReach = {lines_of(Cpu::cpu1), lines_of(Cpu::cpu2)};

/// Interrupts that the lines of `set` raise.
std::set<unsigned> interrupts_of(const LineSet& set) {
    std::set<unsigned> all;
    for (unsigned line = 0; line < kLines; ++line) {
        if (!contains(set, line)) continue;
        if (const auto irq = interrupt_of(line)) all.insert(*irq);
    }
    return all;
}

void tell(const std::function<void()>& listener) {
    if (listener) listener();
}

}  // namespace

Exti::Exti() : RegisterBlock("EXTI", 0x5800'0000, 0x400) { Exti::reset(ResetKind::power_on); }

// The levels outside stay as they are.
void Exti::reset(ResetKind) {
    regs_.reset();
    drive_both();
    if (edges_selected) edges_selected();
}

// CPU1's bank starts at 0x80, CPU2's at 0xC0, a step of 0x10 for each word; the common registers have a step
// of 0x20.
std::uint32_t& Exti::stored(Bank bank, unsigned word, Cpu cpu) {
    const auto offset = static_cast<Address>(bank);
    if (bank == Bank::rtsr || bank == Bank::ftsr) return regs_.stored(regs_.slot_at(offset + 0x20 * word));
    return regs_.stored(regs_.slot_at(offset + 0x40 * index(cpu) + 0x10 * word));
}

std::uint32_t Exti::stored(Bank bank, unsigned word, Cpu cpu) const {
    return const_cast<Exti*>(this)->stored(bank, word, cpu);
}

// --- inputs ---

void Exti::set_input(unsigned line, bool level) {
    touch();
    if (line >= kLines || contains(level_, line) == level) return;
    const unsigned word = line / 32;
    const std::uint32_t one = 1U << (line % 32);
    level_[word] ^= one;
    if (contains(kConfigurable, line)) {
        if ((stored(level ? Bank::rtsr : Bank::ftsr, word) & one) != 0) trigger(line);
        return;
    }
    for (const Cpu cpu : kBoth) {
        drive(cpu);
        if (level && reaches(line, cpu) && (stored(Bank::emr, word, cpu) & one) != 0)
            tell(outputs(cpu).event);
    }
}

bool Exti::hears(unsigned line) const {
    return test_bit(stored(Bank::rtsr, line / 32) | stored(Bank::ftsr, line / 32), line % 32);
}

void Exti::pulse_input(unsigned line) {
    touch();
    set_input(line, true);
    set_input(line, false);
}

/// An edge or a software trigger of a configurable line. Each core decides for itself what it becomes.
void Exti::trigger(unsigned line) {
    const unsigned word = line / 32;
    const std::uint32_t one = 1U << (line % 32);
    for (const Cpu cpu : kBoth) {
        if (!reaches(line, cpu)) continue;
        if ((stored(Bank::imr, word, cpu) & one) != 0) {
            stored(Bank::pr, word, cpu) |= one;
            drive(cpu);
        }
        if ((stored(Bank::emr, word, cpu) & one) != 0) tell(outputs(cpu).event);
    }
}

// --- outputs ---

/// Configurable lines ask while their pending bit is set, direct lines while they are high and not masked.
LineSet Exti::requests(Cpu cpu) const {
    LineSet asking{};
    for (unsigned word = 0; word < asking.size(); ++word) {
        const std::uint32_t direct = level_[word] & ~kConfigurable[word] & stored(Bank::imr, word, cpu);
        asking[word] = stored(Bank::pr, word, cpu) | (direct & kReach[index(cpu)][word]);
    }
    return asking;
}

bool Exti::wake_requested(Cpu cpu) const { return requests(cpu) != LineSet{}; }

void Exti::drive(Cpu cpu) {
    const LineSet before = driven_[index(cpu)];
    const LineSet now = requests(cpu);
    if (now == before) return;
    driven_[index(cpu)] = now;

    const std::set<unsigned> high_before = interrupts_of(before), high_now = interrupts_of(now);
    const Outputs& out = outputs(cpu);
    if (out.interrupt) {
        for (const unsigned irq : high_before)
            if (!high_now.contains(irq)) out.interrupt(irq, false);
        for (const unsigned irq : high_now)
            if (!high_before.contains(irq)) out.interrupt(irq, true);
    }
    for (unsigned word = 0; word < now.size(); ++word) {
        if ((now[word] & ~before[word]) == 0) continue;
        tell(out.wakeup);
        break;
    }
}

void Exti::drive_both() {
    for (const Cpu cpu : kBoth) drive(cpu);
}

// --- registers ---

BusResult<std::uint64_t> Exti::read(const Access& access) {
    if (access.size != 4) return std::uint64_t{0};
    const auto value = RegisterBlock::read(access);
    const Address offset = offset_of(access);
    const bool may_be_polled =
        offset >= 0x80 && offset < 0xF0 && ((offset & 0xCU) == 4 || (offset & 0xCU) == 8);
    if (may_be_polled && looked_at) looked_at(access);
    return value;
}

BusResult<void> Exti::write(const Access& access, std::uint64_t value) {
    if (access.size != 4) return {};
    return RegisterBlock::write(access, value);
}

// A line whose edge selection changes is no longer pending.
BusResult<void> Exti::edges_written(const RegisterWrite& write) {
    const unsigned word = offset_of(write.access) / 0x20;
    const std::uint32_t changed = (write.old ^ write.value) & kConfigurable[word];
    for (const Cpu cpu : kBoth) stored(Bank::pr, word, cpu) &= ~changed;
    drive_both();
    if (edges_selected) edges_selected();
    return {};
}

// Whether or not an edge is selected for the line (docs/decisions/0021).
BusResult<void> Exti::software_trigger(const RegisterWrite& write) {
    const unsigned word = offset_of(write.access) / 0x20;
    for (unsigned b = 0; b < 32; ++b)
        if (test_bit(write.value & kConfigurable[word], b)) trigger(32 * word + b);
    return {};
}

BusResult<void> Exti::masks_written(const RegisterWrite&) {
    drive_both();
    return {};
}

void Exti::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const std::uint32_t word : level_) out.u32(word);
}

// The cores restore what they have heard themselves: nothing is said again here.
void Exti::load(StateReader& in) {
    RegisterBlock::load(in);
    for (std::uint32_t& word : level_) word = in.u32();
    for (const Cpu cpu : kBoth) driven_[index(cpu)] = requests(cpu);
}

}  // namespace h7::exti

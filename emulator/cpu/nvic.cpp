#include "emulator/cpu/nvic.hpp"

#include <algorithm>
#include <bit>

namespace h7::cpu {

// clang-format off
// system.md 5.1; ARMv7-M B3.4. Offsets from 0xE000E000. 160 slots, of which 0..149 exist.
inline constexpr Register<Nvic> Nvic::registers[8] = {
    {.offset = 0x004, .name = "ICTR", .reset = 0x0000'0004,
     .fields = {{bits(3, 0),  "INTLINESNUM", r }}},
    {.offset = 0x100, .name = "ISER",
     .fields = {{bits(31, 0), "SETENA",      rs}},
     .count = 5, .written = &Nvic::enable,  .live = &Nvic::enables},
    {.offset = 0x180, .name = "ICER",
     .fields = {{bits(31, 0), "CLRENA",      rc_w1}},
     .count = 5, .written = &Nvic::disable, .live = &Nvic::enables},
    {.offset = 0x200, .name = "ISPR",
     .fields = {{bits(31, 0), "SETPEND",     rs}},
     .count = 5, .written = &Nvic::pend,    .live = &Nvic::pendings},
    {.offset = 0x280, .name = "ICPR",
     .fields = {{bits(31, 0), "CLRPEND",     rc_w1}},
     .count = 5, .written = &Nvic::unpend,  .live = &Nvic::pendings},
    {.offset = 0x300, .name = "IABR",
     .fields = {{bits(31, 0), "ACTIVE",      r }},
     .count = 5, .live = &Nvic::actives},
    {.offset = 0x400, .name = "IPR",
     .fields = {{bits(7, 4), "PRI_N0", rw}, {bits(15, 12), "PRI_N1", rw}, {bits(23, 20), "PRI_N2", rw}, {bits(31, 28), "PRI_N3", rw}},
     .count = 40, .written = &Nvic::write_priorities, .live = &Nvic::priorities},
    {.offset = 0xF00, .name = "STIR",
     .fields = {{bits(8, 0),  "INTID",       w }},
     .written = &Nvic::trigger},
};
// clang-format on
static_assert(well_formed(Nvic::registers));

void Nvic::Set::put(unsigned n, bool v) {
    if (n >= kExceptions) return;
    const std::uint64_t one = std::uint64_t{1} << (n % 64);
    word[n / 64] = v ? word[n / 64] | one : word[n / 64] & ~one;
}

unsigned Nvic::Set::count() const {
    unsigned n = 0;
    for (std::uint64_t w : word)  // few are ever set
        for (; w != 0; w &= w - 1) ++n;
    return n;
}

std::uint32_t Nvic::Set::window(unsigned irq) const {
    const unsigned first = kFirstIrq + irq, shift = first % 64;
    std::uint64_t bits = word[first / 64] >> shift;
    if (shift > 32 && first / 64 + 1 < word.size()) bits |= word[first / 64 + 1] << (64 - shift);
    return static_cast<std::uint32_t>(bits);
}

template <class F>
void Nvic::Set::for_each(F f) const {
    for (unsigned i = 0; i < word.size(); ++i)
        for (std::uint64_t left = word[i]; left != 0; left &= left - 1)
            f(64 * i + static_cast<unsigned>(std::countr_zero(left)));
}

Nvic::Nvic() : RegisterBlock("NVIC", 0xE000'E000, 0x1000) { Nvic::reset(ResetKind::power_on); }

// The levels outside do not change because this core is reset: a line still high is pending again at once.
void Nvic::reset(ResetKind) {
    regs_.reset();
    enabled_ = pending_ = active_ = {};
    for (const unsigned always : {kNmi, kHardFault, kSvCall, kPendSv, kSysTick}) enabled_.put(always, true);
    priority_ = {};
    prigroup_ = 0;
}

void Nvic::line_changed(unsigned exception, bool level) {
    if (level == level_.test(exception)) return;
    touch();
    level_.put(exception, level);
    if (level) latch(exception);
}

void Nvic::latch(unsigned exception) {
    if (pending_.test(exception)) return;
    touch();
    pending_.put(exception, true);
    if (became_pending) became_pending(exception);
}

void Nvic::set_line(unsigned irq, bool level) {
    if (irq < kIrqs) line_changed(kFirstIrq + irq, level);
}

void Nvic::pulse(unsigned irq) {
    if (irq < kIrqs) set_pending(kFirstIrq + irq);
}

void Nvic::set_nmi(bool level) { line_changed(kNmi, level); }

void Nvic::set_pending(unsigned exception) {
    if (exception < kExceptions) latch(exception);
}

// "If the interrupt signal is still asserted, the state of the interrupt does not change."
void Nvic::clear_pending(unsigned exception) {
    touch();
    if (!level_.test(exception)) pending_.put(exception, false);
}

Nvic::Set Nvic::pending_now() const {
    Set now = pending_;
    for (unsigned i = 0; i < now.word.size(); ++i) now.word[i] |= level_.word[i] & ~active_.word[i];
    return now;
}

int Nvic::priority(unsigned exception) const {
    if (exception == kNmi) return -2;
    if (exception == kHardFault) return -1;
    return exception < kExceptions ? priority_[exception] : kThreadPriority;
}

void Nvic::set_priority(unsigned exception, std::uint8_t priority) {
    touch();
    if (exception >= kMemManage && exception < kExceptions) priority_[exception] = priority & 0xF0U;
}

int Nvic::group(int priority) const {
    if (priority < 0) return priority;
    return priority & ~((2 << prigroup_) - 1);
}

int Nvic::masked_priority(const Masks& masks) const {
    if (masks.faultmask) return -1;
    if (masks.primask) return 0;
    return (masks.basepri & 0xF0U) != 0 ? group(masks.basepri & 0xF0) : kThreadPriority;
}

int Nvic::execution_priority(const Masks& masks) const {
    int now = masked_priority(masks);
    active_.for_each([&](unsigned exception) { now = std::min(now, group(priority(exception))); });
    return now;
}

unsigned Nvic::most_urgent() const {
    Set candidates = pending_now();
    for (unsigned i = 0; i < candidates.word.size(); ++i) candidates.word[i] &= enabled_.word[i];
    if (candidates.empty()) return 0;
    unsigned best = 0;
    int lowest = kThreadPriority;
    candidates.for_each([&](unsigned exception) {
        if (priority(exception) >= lowest) return;
        lowest = priority(exception);
        best = exception;
    });
    return best;
}

unsigned Nvic::to_take(const Masks& masks) const {
    if (!anything_pending()) return 0;
    const unsigned best = most_urgent();
    return best != 0 && group(priority(best)) < execution_priority(masks) ? best : 0;
}

bool Nvic::wakes(const Masks& masks) const {
    Masks open = masks;
    open.primask = false;
    return to_take(open) != 0;
}

bool Nvic::would_preempt(unsigned exception, const Masks& masks) const {
    return enabled(exception) && group(priority(exception)) < execution_priority(masks);
}

Delivery Nvic::deliver(unsigned exception, const Masks& masks) const {
    const int running = execution_priority(masks);
    if (would_preempt(exception, masks)) return {exception, false, false};
    // Above HardFault nothing can be entered any more (ARMv7-M B1.5.15).
    return {kHardFault, exception != kHardFault, running <= -1};
}

void Nvic::enter(unsigned exception) {
    touch();
    if (exception < entered_.size()) ++entered_[exception];
    pending_.put(exception, false);
    active_.put(exception, true);
}

void Nvic::leave(unsigned exception) {
    touch();
    active_.put(exception, false);
    if (level_.test(exception)) latch(exception);
}

unsigned Nvic::vectpending(const Masks& masks) const {
    Masks seen = masks;
    seen.primask = false;
    const unsigned best = most_urgent();
    return best != 0 && group(priority(best)) < masked_priority(seen) ? best : 0;
}

bool Nvic::isrpending() const {
    Set now = pending_now();
    now.word[0] &= ~std::uint64_t{mask(kFirstIrq - 1, 0)};
    return !now.empty();
}

bool Nvic::rettobase(unsigned running) const { return active_.count() == (active_.test(running) ? 1U : 0U); }

namespace {

template <class F>
void for_each_irq(const RegisterWrite& write, F f) {
    for (unsigned b = 0; b < 32; ++b)
        if (test_bit(write.value, b) && 32 * write.index + b < kIrqs) f(kFirstIrq + 32 * write.index + b);
}

}  // namespace

BusResult<void> Nvic::enable(const RegisterWrite& write) {
    for_each_irq(write, [this](unsigned exception) { enabled_.put(exception, true); });
    return {};
}

BusResult<void> Nvic::disable(const RegisterWrite& write) {
    for_each_irq(write, [this](unsigned exception) { enabled_.put(exception, false); });
    return {};
}

BusResult<void> Nvic::pend(const RegisterWrite& write) {
    for_each_irq(write, [this](unsigned exception) { set_pending(exception); });
    return {};
}

BusResult<void> Nvic::unpend(const RegisterWrite& write) {
    for_each_irq(write, [this](unsigned exception) { clear_pending(exception); });
    return {};
}

BusResult<void> Nvic::trigger(const RegisterWrite& write) {
    pulse(write.value & 0x1FFU);
    return {};
}

std::uint32_t Nvic::priorities(unsigned index) const {
    std::uint32_t word = 0;
    for (unsigned k = 0; k < 4; ++k)
        if (4 * index + k < kIrqs) word |= std::uint32_t{priority_[kFirstIrq + 4 * index + k]} << (8 * k);
    return word;
}

BusResult<void> Nvic::write_priorities(const RegisterWrite& write) {
    for (unsigned k = 0; k < 4; ++k)
        if (test_bit(write.lanes, 8 * k))
            set_priority(kFirstIrq + 4 * write.index + k, static_cast<std::uint8_t>(write.value >> (8 * k)));
    return {};
}

void Nvic::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const Set* set : {&enabled_, &pending_, &active_, &level_})
        for (const std::uint64_t w : set->word) out.u64(w);
    for (const std::uint8_t p : priority_) out.u8(p);
    out.u32(prigroup_);
}

void Nvic::load(StateReader& in) {
    RegisterBlock::load(in);
    for (Set* set : {&enabled_, &pending_, &active_, &level_})
        for (std::uint64_t& w : set->word) w = in.u64();
    for (std::uint8_t& p : priority_) p = in.u8();
    set_prigroup(in.u32());
}

}  // namespace h7::cpu

#include "peripherals/tim/tim.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace h7::tim {
namespace {

constexpr Address kCcmr1 = 0x18, kCcmr2 = 0x1C, kCcmr3 = 0x54;
constexpr std::array<Address, Tim::kChannels> kCompare = {0x34, 0x38, 0x3C, 0x40, 0x58, 0x5C};
constexpr std::array<unsigned, Tim::kChannels> kCompareFlag = {1, 2, 3, 4, 16, 17};

std::uint32_t top_of(Kind kind) { return kind == Kind::general_32 ? 0xFFFF'FFFF : 0xFFFF; }

}  // namespace

Tim::Tim(std::string_view name, Address base, Kind kind, Clock& clock)
    : RegisterBlock(name, base, 0x400),
      kind_(kind),
      clock_(clock),
      alarm_(clock, name,
             [this] {
                 touch();
                 catch_up();
                 settle();
             }),
      counter_(top_of(kind)) {
    for (unsigned which = 0; which < kRequests; ++which) dma[which].served = [this, which] { served(which); };
    reset(ResetKind::power_on);
}

void Tim::reset(ResetKind) {
    regs_.reset();
    regs_.set<"ARR">(counter_.top);
    (void)ticks_.take(clock_.now());
    counter_ = Counter(counter_.top);
    counter_.reload = counter_.top;
    repetitions_ = 0;
    compares_ = {};
    level_ = {};
    burst_index_ = 0;
    for (DmaRequest& line : dma) line.set(false);
    settle();
}

void Tim::set_clock(std::uint32_t hz) {
    if (hz == ticks_.hz()) return;
    touch();
    const std::uint64_t ticks = ticks_.change(clock_.now(), hz);
    if (ticks != 0) run(ticks);
    settle();
}

// --- registers ---

BusResult<std::uint64_t> Tim::read(const Access& access) {
    if (Access meant = access; burst_access(access, meant)) return read(meant);
    catch_up();
    const Address offset = offset_of(access) & ~Address{3};
    const auto value = RegisterBlock::read(access);
    if (!value) return value;
    for (unsigned channel = 0; channel < std::min(channels(), 4U); ++channel)
        if (kCompare[channel] == offset && !is_output(channel)) {  // reading a capture clears its flag
            regs_.set<"SR">(regs_.get<"SR">() & ~(1U << kCompareFlag[channel]));
            settle();
        }
    return *value & (implemented(kind_, offset) >> shift(access));
}

BusResult<void> Tim::write(const Access& access, std::uint64_t value) {
    if (Access meant = access; burst_access(access, meant)) return write(meant, value);
    catch_up();
    const Address offset = offset_of(access) & ~Address{3};
    if (offset == kCcmr1 || offset == kCcmr2 ||
        offset == kCcmr3)  // a mode that remembers starts from what it finds
        for (unsigned channel = 0; channel < channels(); ++channel) level_[channel] = reference(channel);
    const auto done = RegisterBlock::write(access, value & (implemented(kind_, offset) >> shift(access)));
    take_unbuffered();
    settle();
    return done;
}

std::uint32_t Tim::control(unsigned) const {
    const std::uint32_t stored = regs_.get<"CR1">();
    return counter_.mode == Mode::center ? insert(stored, 4, 4, counter_.down ? 1 : 0) : stored;
}

std::uint32_t Tim::count(unsigned) const {
    if (regs_.get<"CR1.UIFREMAP">() == 0) return counter_.value;
    return insert(counter_.value, 31, 31, regs_.get<"SR.UIF">());
}

BusResult<void> Tim::control_written(const RegisterWrite&) {
    const bool was_center = counter_.mode == Mode::center;
    const bool down = regs_.get<"CR1.DIR">() != 0;
    counter_.mode = regs_.get<"CR1.CMS">() != 0 ? Mode::center : down ? Mode::down : Mode::up;
    if (!was_center) counter_.down = down;  // in centre-aligned mode DIR is the counter's
    return {};
}

BusResult<void> Tim::count_written(const RegisterWrite&) {
    counter_.value = regs_.get<"CNT">() & counter_.top;
    return {};
}

bool Tim::compare_writable(const RegisterWrite& write) const {
    const Address offset = offset_of(write.access) & ~Address{3};
    return is_output((offset - kCompare[0]) / 4);
}

BusResult<void> Tim::events_written(const RegisterWrite& write) {
    std::uint32_t flags = 0;
    if (test_bit(write.value, 0)) {
        counter_.phase = 0;
        if (regs_.get<"CR1.UDIS">() == 0) update_event(regs_.get<"CR1.URS">() == 0, regs_.get<"RCR">());
        counter_.down = false;
        counter_.value = counter_.mode == Mode::down ? counter_.reload : 0;
    }
    for (unsigned channel = 0; channel < std::min(channels(), 4U); ++channel) {
        if (!test_bit(write.value, channel + 1)) continue;
        const std::uint32_t flag = 1U << kCompareFlag[channel];
        if (!is_output(channel)) {
            if ((regs_.get<"SR">() & flag) != 0) flags |= 1U << (channel + 9);  // overcapture
            regs_.stored(regs_.slot_at(kCompare[channel])) = counter_.value;
        }
        flags |= flag;
    }
    flags |= write.value & mask(8, 5);  // COMG, TG, BG and B2G: the flags have the same places
    if ((flags & mask(8, 7)) != 0) regs_.set<"BDTR.MOE">(0);
    raise(flags);
    return {};
}

// --- channels ---

/// CCxS, OCxPE and OCxM as they lie in the low byte of a channel's half of CCMRx.
std::uint32_t Tim::mode_byte(unsigned channel) const {
    const Address offset = channel < 2 ? kCcmr1 : channel < 4 ? kCcmr2 : kCcmr3;
    return word(offset) >> (channel % 2 == 0 ? 0 : 8);
}

std::uint32_t Tim::output_mode(unsigned channel) const {
    const std::uint32_t bits = mode_byte(channel);  // OCxM[3] lies 16 bits above the byte
    return extract(bits, 6, 4) | (test_bit(bits, 16) ? 8U : 0U);
}

/// CMS chooses on which way of the centre-aligned counter compare flags are set.
bool Tim::flags_while(bool up) const {
    if (counter_.mode != Mode::center) return true;
    return (regs_.get<"CR1.CMS">() & (up ? 2U : 1U)) != 0;
}

/// OCxREF.
bool Tim::reference(unsigned channel) const {
    const bool down = counter_.mode == Mode::down || (counter_.mode == Mode::center && counter_.down);
    const std::uint32_t in_use = compares_[channel];
    const bool pwm = down ? counter_.value <= in_use : counter_.value < in_use;
    switch (output_mode(channel)) {
        case 4:
            return false;
        case 5:
            return true;
        case 6:
            return pwm;
        case 7:
            return !pwm;
        default:
            return level_[channel];
    }
}

bool Tim::output(unsigned channel) {
    assert(channel >= 1 && channel <= 4);
    if (channel > channels()) return false;
    touch();
    catch_up();
    const std::uint32_t enable = extract(regs_.get<"CCER">(), 4 * channel - 1, 4 * channel - 4);
    const bool main = implemented(kind_, 0x44) == 0 || regs_.get<"BDTR.MOE">() != 0;
    return test_bit(enable, 0) && main && is_output(channel - 1) &&
           reference(channel - 1) != test_bit(enable, 1);
}

// --- counting ---

bool Tim::counting() const {
    if (regs_.get<"CR1.CEN">() == 0 || regs_.get<"SMCR.ECE">() != 0) return false;
    switch (regs_.get<"SMCR.SMS">() | regs_.get<"SMCR.SMS_3">() << 3) {
        case 0:
        case 4:
        case 6:
        case 8:
            return true;  // reset and trigger modes without a trigger
        default:
            return false;  // encoder, gated, external clock: no edge ever comes
    }
}

void Tim::catch_up() {
    const std::uint64_t ticks = ticks_.take(clock_.now());
    if (ticks == 0) return;
    const std::uint32_t before = regs_.get<"SR">();
    run(ticks);
    if (regs_.get<"SR">() != before) settle();
}

void Tim::run(std::uint64_t ticks) {
    while (ticks > 0 && counting() && !counter_.blocked()) {
        ticks -= skip(ticks);
        if (ticks == 0) return;
        const Leg leg = counter_.advance(ticks);
        ticks -= leg.ticks;
        for (unsigned channel = 0; channel < channels(); ++channel)
            if (leg.meets(compares_[channel])) met(channel, leg.up, 1);
        if (leg.turn) turned();
    }
}

/// Whole cycles at one stroke: the counter is where it was, all that is left is what a cycle does to flags
/// and levels. As far as no update event changes what is in use.
std::uint64_t Tim::skip(std::uint64_t ticks) {
    if (!counter_.periodic() || ticks < counter_.cycle()) return 0;
    const std::uint64_t turns_each = counter_.turns_per_cycle();
    std::uint64_t cycles = ticks / counter_.cycle();
    if (!update_changes_nothing()) cycles = std::min(cycles, repetitions_ / turns_each);
    if (cycles == 0) return 0;

    Counter once = counter_;
    for (std::uint64_t left = counter_.cycle(); left > 0;) {
        const Leg leg = once.advance(left);
        left -= leg.ticks;
        for (unsigned channel = 0; channel < channels(); ++channel)
            if (leg.meets(compares_[channel])) met(channel, leg.up, cycles);
    }
    const std::uint64_t turns = cycles * turns_each;
    if (turns <= repetitions_) {
        repetitions_ -= static_cast<std::uint32_t>(turns);
    } else {
        const std::uint32_t each = regs_.get<"RCR">();
        const std::uint64_t after = turns - repetitions_ - 1;  // turns since the first update event
        repetitions_ = each - static_cast<std::uint32_t>(after % (std::uint64_t{each} + 1));
        if (regs_.get<"CR1.UDIS">() == 0) update_event(true, repetitions_);
    }
    return cycles * counter_.cycle();
}

void Tim::met(unsigned channel, bool up, std::uint64_t times) {
    if (!is_output(channel)) return;
    if (flags_while(up)) raise(1U << kCompareFlag[channel]);
    switch (output_mode(channel)) {
        case 1:
            level_[channel] = true;
            break;
        case 2:
            level_[channel] = false;
            break;
        case 3:
            level_[channel] = level_[channel] != (times % 2 == 1);
            break;
        default:
            break;
    }
}

void Tim::turned() {
    if (repetitions_ > 0) {
        --repetitions_;
        return;
    }
    repetitions_ = regs_.get<"RCR">();
    if (regs_.get<"CR1.UDIS">() != 0) return;
    update_event(true, repetitions_);
    if (counter_.mode == Mode::down) counter_.value = counter_.reload;  // the new one
}

/// What was written comes into use; UIF unless the event keeps quiet about it.
void Tim::update_event(bool flag, std::uint32_t repetitions) {
    repetitions_ = repetitions;
    counter_.prescaler = regs_.get<"PSC">();
    counter_.reload = regs_.get<"ARR">();
    for (unsigned channel = 0; channel < channels(); ++channel)
        compares_[channel] = word(kCompare[channel]) & counter_.top;
    if (flag) raise(1);
    if (regs_.get<"BDTR.AOE">() != 0) regs_.set<"BDTR.MOE">(1);
    if (regs_.get<"CR1.OPM">() != 0) regs_.set<"CR1.CEN">(0);
}

bool Tim::update_changes_nothing() const {
    if (regs_.get<"CR1.UDIS">() != 0) return true;
    if (regs_.get<"CR1.OPM">() != 0 || counter_.prescaler != regs_.get<"PSC">() ||
        counter_.reload != regs_.get<"ARR">())
        return false;
    for (unsigned channel = 0; channel < channels(); ++channel)
        if (compares_[channel] != (word(kCompare[channel]) & counter_.top)) return false;
    return true;
}

/// Registers without preload are in use as soon as they are written.
void Tim::take_unbuffered() {
    if (regs_.get<"CR1.ARPE">() == 0) counter_.reload = regs_.get<"ARR">();
    for (unsigned channel = 0; channel < channels(); ++channel)
        if (!preloaded(channel)) compares_[channel] = word(kCompare[channel]) & counter_.top;
}

// --- interrupts ---

std::uint64_t Tim::ticks_to_deadline() const {
    if (!counting() || counter_.blocked()) return 0;
    const std::uint32_t wanted = (regs_.get<"DIER">() & ~regs_.get<"SR">()) | requests_wanted();
    if ((wanted & mask(4, 0)) == 0) return 0;
    std::uint64_t first = 0;
    const auto consider = [&first](std::uint64_t ticks) {
        if (ticks != 0 && (first == 0 || ticks < first)) first = ticks;
    };
    const std::uint64_t to_update = counter_.ticks_to_turn() + repetitions_ * counter_.turn_distance();
    if (test_bit(wanted, 0) && regs_.get<"CR1.UDIS">() == 0) consider(to_update);
    bool waits_for_match = false;
    for (unsigned channel = 0; channel < std::min(channels(), 4U); ++channel) {
        if (!test_bit(wanted, kCompareFlag[channel]) || !is_output(channel)) continue;
        consider(counter_.ticks_to(compares_[channel], flags_while(true), flags_while(false)));
        waits_for_match = true;
    }
    if (waits_for_match && !update_changes_nothing()) consider(to_update);  // then it is asked again
    return first;
}

void Tim::settle() {
    const std::uint32_t pending = regs_.get<"SR">(), enabled = regs_.get<"DIER">();
    const std::uint32_t asked = pending & enabled;
    const bool breaks = (pending & (mask(8, 7) | 1U << 13)) != 0 && test_bit(enabled, 7);
    update.set(test_bit(asked, 0));
    compare.set((asked & mask(4, 1)) != 0);
    trigger.set((asked & mask(6, 5)) != 0);
    brk.set(breaks);
    irq.set((asked & mask(6, 0)) != 0 || breaks);
    const std::uint64_t ticks = ticks_to_deadline();
    alarm_.set(ticks != 0 ? ticks_.when(ticks) : kNever);
}

// --- state ---

std::vector<RegisterInfo> Tim::describe() const {
    std::vector<RegisterInfo> all;
    for (RegisterInfo info : RegisterBlock::describe()) {
        const std::uint32_t bits = implemented(kind_, info.offset);
        if (bits == 0) continue;
        std::vector<FieldInfo> fields;
        for (FieldInfo field : info.fields) {
            const std::uint32_t here = bits & mask(field.msb, field.lsb);
            if (here == 0) continue;
            field.msb = 31U - static_cast<unsigned>(std::countl_zero(here));
            fields.push_back(field);
        }
        info.fields = std::move(fields);
        info.reset &= bits;
        all.push_back(std::move(info));
    }
    return all;
}

void Tim::save(StateWriter& out) const {
    RegisterBlock::save(out);
    ticks_.save(out);
    counter_.save(out);
    out.u32(repetitions_);
    out.u32(burst_index_);
    for (const DmaRequest& line : dma) out.flag(line.level());
    for (unsigned channel = 0; channel < kChannels; ++channel) {
        out.u32(compares_[channel]);
        out.flag(level_[channel]);
    }
}

void Tim::load(StateReader& in) {
    RegisterBlock::load(in);
    ticks_.load(in);
    counter_.load(in);
    repetitions_ = in.u32() & 0xFFFFU;
    burst_index_ = in.u32() & 0x1FU;
    for (DmaRequest& line : dma) line.set(in.flag());
    for (unsigned channel = 0; channel < kChannels; ++channel) {
        compares_[channel] = in.u32() & counter_.top;
        level_[channel] = in.flag();
    }
    settle();
}

}  // namespace h7::tim

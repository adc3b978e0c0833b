#include "peripherals/rng/rng.hpp"

#include <algorithm>

namespace h7::rng {
namespace {

constexpr unsigned kSet = 4;                  // words
constexpr std::uint64_t kConditioning = 213;  // AHB cycles of a round

BusFault narrow() { return bus_error("RNG registers are accessed by words", "system.md 6.7"); }

Time cycles(std::uint64_t n, std::uint32_t hz) { return (n * kSecond + hz - 1) / hz; }

}  // namespace

Rng::Rng(std::uint64_t seed, Clock& clock)
    : RegisterBlock("RNG", 0x4802'1800, 0x400),
      clock_(clock),
      alarm_(clock, "RNG",
             [this] {
                 touch();
                 catch_up();
                 settle();
             }),
      noise_(seed) {}

/// CECS: slower than HCLK / 32, or no clock at all. Watched while the generator is enabled.
bool Rng::clock_too_slow() const {
    return enabled() && regs_.get<"CR.CED">() == 0 && std::uint64_t{kernel_hz_} * 32 < ahb_hz_;
}

/// Four words: sixteen kernel clock cycles to sample, a round of conditioning, whichever is longer; the first
/// set after a reset takes 192 and a round, or 128 and two rounds.
Time Rng::set_time() const {
    if (kernel_hz_ == 0 || ahb_hz_ == 0) return kNever;
    const Time round = cycles(kConditioning, ahb_hz_);
    if (started_) return std::max(cycles(16, kernel_hz_), round);
    return std::max(cycles(192, kernel_hz_) + round, cycles(128, kernel_hz_) + 2 * round);
}

/// A set is under way whenever there is room and nothing is wrong.
void Rng::begin() {
    const bool works = enabled() && !seed_error() && !clock_too_slow() && !next_set_;
    if (!works) {
        due_ = kNever;
    } else if (due_ == kNever) {
        const Time time = set_time();
        due_ = time == kNever ? kNever : clock_.now() + time;
    }
}

void Rng::catch_up() {
    while (due_ <= clock_.now()) {
        const Time done = due_;
        started_ = true;
        due_ = kNever;
        if (words_ != 0) {
            next_set_ = true;
        } else {
            words_ = kSet;
            due_ = done + set_time();  // the next round begins at once
        }
    }
    if (clock_too_slow()) regs_.set<"SR.CEIS">(1);
    if (noise_fault_ && enabled()) regs_.set<"SR.SEIS">(1);
    if (regs_.get<"SR.SEIS">() != 0) {  // what is there has not enough entropy
        words_ = 0;
        next_set_ = false;
    }
    begin();
}

void Rng::settle() {
    const bool listens = regs_.get<"CR.IE">() != 0;
    const std::uint32_t asks = status(0) & (mask(6, 5) | 1U);
    irq.set(listens && asks != 0);
    alarm_.set(listens && words_ == 0 ? due_ : kNever);
}

void Rng::set_clocks(std::uint32_t kernel_hz, std::uint32_t ahb_hz) {
    if (kernel_hz == kernel_hz_ && ahb_hz == ahb_hz_) return;
    touch();
    catch_up();
    kernel_hz_ = kernel_hz;
    ahb_hz_ = ahb_hz;
    due_ = kNever;  // the set under way begins again
    catch_up();
    settle();
}

void Rng::set_noise_fault(bool faulty) {
    touch();
    catch_up();
    noise_fault_ = faulty;
    catch_up();
    settle();
}

std::uint32_t Rng::status(unsigned) const {
    std::uint32_t value = regs_.get<"SR">() & mask(6, 5);
    if (words_ != 0 && !clock_too_slow()) value |= 1;
    if (clock_too_slow()) value |= 2;
    if (noise_fault_ && enabled()) value |= 4;
    return value;
}

std::uint32_t Rng::take(const Access&, unsigned) {
    if ((status(0) & 1) == 0) return 0;
    const auto word = static_cast<std::uint32_t>(noise_.next() >> 32);
    if (--words_ == 0 && next_set_) {
        words_ = kSet;
        next_set_ = false;
    }
    begin();
    settle();
    return word == 0 ? 1 : word;  // 0 is what a seed error shows
}

BusResult<void> Rng::control_written(const RegisterWrite& write) {
    const bool was_enabled = RegisterFile<Rng>::field<"CR.RNGEN">(write.old) != 0;
    if (was_enabled) regs_.set<"CR.CED">(RegisterFile<Rng>::field<"CR.CED">(write.old));
    return {};
}

BusResult<std::uint64_t> Rng::read(const Access& access) {
    if (access.size != 4) return narrow();
    catch_up();
    settle();
    return RegisterBlock::read(access);
}

BusResult<void> Rng::write(const Access& access, std::uint64_t value) {
    if (access.size != 4) return narrow();
    catch_up();
    const auto done = RegisterBlock::write(access, value);
    catch_up();
    settle();
    return done;
}

// The noise goes on: two resets do not give the same words.
void Rng::reset(ResetKind) {
    regs_.reset();
    started_ = next_set_ = false;
    words_ = 0;
    due_ = kNever;
    settle();
}

void Rng::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.u64(noise_.state());
    out.u32(kernel_hz_);
    out.u32(ahb_hz_);
    out.flag(noise_fault_);
    out.flag(started_);
    out.flag(next_set_);
    out.u32(words_);
    out.u64(due_);
}

void Rng::load(StateReader& in) {
    RegisterBlock::load(in);
    noise_ = SeededRandom(in.u64());
    kernel_hz_ = in.u32();
    ahb_hz_ = in.u32();
    noise_fault_ = in.flag();
    started_ = in.flag();
    next_set_ = in.flag();
    words_ = in.u32() % (kSet + 1);
    due_ = in.u64();
    settle();
}

}  // namespace h7::rng

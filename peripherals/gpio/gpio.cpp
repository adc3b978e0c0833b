#include "peripherals/gpio/gpio.hpp"

#include <bit>
#include <cassert>

namespace h7::gpio {
namespace {

constexpr Address kModer = 0x00, kOspeedr = 0x08, kPupdr = 0x0C, kAfrh = 0x24;
constexpr std::uint32_t kAlternate = 2;  // MODER: 0 input, 1 output, 3 analog
constexpr std::uint32_t kLockKey = 1U << 16;

constexpr std::string_view kNames[] = {"GPIOA", "GPIOB", "GPIOC", "GPIOD", "GPIOE", "GPIOF",
                                       "GPIOG", "GPIOH", "GPIOI", "GPIOJ", "GPIOK"};

std::size_t index_of(char port) {
    assert(port >= 'A' && port <= 'K');
    return static_cast<std::size_t>(port - 'A');
}

constexpr std::uint32_t two_bits(std::uint32_t word, unsigned pin) {
    return extract(word, 2 * pin + 1, 2 * pin);
}

/// Bits 0, 2, 4, .. side by side.
constexpr std::uint32_t every_other_bit(std::uint32_t word) {
    word &= 0x5555'5555U;
    word = (word | word >> 1) & 0x3333'3333U;
    word = (word | word >> 2) & 0x0F0F'0F0FU;
    word = (word | word >> 4) & 0x00FF'00FFU;
    return (word | word >> 8) & 0x0000'FFFFU;
}
static_assert(every_other_bit(0x4000'0005U) == 0x8003U);

}  // namespace

Gpio::Gpio(char port)
    : RegisterBlock(kNames[index_of(port)], 0x5802'0000 + 0x400 * static_cast<Address>(index_of(port)),
                    0x400),
      port_(port) {
    reset(ResetKind::power_on);
}

std::uint32_t Gpio::reset_value(Address offset, std::uint32_t common) const {
    if (port_ == 'A') {  // PA13, PA14, PA15: SWDIO with pull-up, SWCLK with pull-down, JTDI with pull-up
        if (offset == kModer) return 0xABFF'FFFF;
        if (offset == kOspeedr) return 0x0C00'0000;
        if (offset == kPupdr) return 0x6400'0000;
    }
    if (port_ == 'B') {  // PB3, PB4: JTDO, NJTRST with pull-up
        if (offset == kModer) return 0xFFFF'FEBF;
        if (offset == kOspeedr) return 0x0000'00C0;
        if (offset == kPupdr) return 0x0000'0100;
    }
    return common;
}

void Gpio::drive(unsigned pin, bool level) {
    assert(pin < kPins);
    touch();
    const std::optional<bool> before = outside(pin);
    driven_ |= 1U << pin;
    external_ = insert(external_, pin, pin, level ? 1 : 0);
    settle();
    if (before != level && outside_changed) outside_changed(pin, before);
}

void Gpio::release(unsigned pin) {
    assert(pin < kPins);
    touch();
    const std::optional<bool> before = outside(pin);
    driven_ &= ~(1U << pin);
    settle();
    if (before && outside_changed) outside_changed(pin, before);
}

bool Gpio::swj_pins_in_af0() const {
    const std::uint32_t mode = regs_.get<"MODER">();
    return port_ == 'A' && two_bits(mode, 13) == kAlternate && two_bits(mode, 14) == kAlternate &&
           extract(regs_.get<"AFRH">(), 27, 20) == 0;
}

/// All sixteen pins at once: a bit a pin.
void Gpio::settle() {
    const std::uint32_t modes = regs_.get<"MODER">(), pulls = regs_.get<"PUPDR">(), odr = regs_.get<"ODR">();
    const std::uint32_t mode0 = every_other_bit(modes), mode1 = every_other_bit(modes >> 1);
    const std::uint32_t analog = mode0 & mode1;  // the input stage is off
    const std::uint32_t open = regs_.get<"OTYPER">() & odr;
    const std::uint32_t output = mode0 & ~mode1 & ~open;
    const std::uint32_t pulled_up = every_other_bit(pulls) & ~every_other_bit(pulls >> 1);
    const std::uint32_t outside = (driven_ & external_) | (~driven_ & pulled_up);
    const std::uint32_t now = ((output & odr) | (~output & ~analog & outside)) & mask(kPins - 1, 0);
    std::uint32_t changed = now ^ levels_;
    levels_ = now;
    for (; changed != 0; changed &= changed - 1) {
        const auto pin = static_cast<unsigned>(std::countr_zero(changed));
        if (pin_changed) pin_changed(pin, test_bit(now, pin));
    }
}

BusResult<void> Gpio::keep_locked_pins(const RegisterWrite& write, unsigned bits_per_pin,
                                       unsigned first_pin) {
    if (regs_.get<"LCKR.LCKK">() != 0) {
        std::uint32_t& word = regs_.stored(regs_.slot_at(offset_of(write.access)));
        for (unsigned pin = first_pin; pin < kPins && (pin - first_pin) * bits_per_pin < 32; ++pin) {
            const unsigned lsb = (pin - first_pin) * bits_per_pin, msb = lsb + bits_per_pin - 1;
            if (test_bit(regs_.get<"LCKR.LCK">(), pin))
                word = insert(word, msb, lsb, extract(write.old, msb, lsb));
        }
    }
    settle();
    return {};
}

BusResult<void> Gpio::one_bit_written(const RegisterWrite& write) { return keep_locked_pins(write, 1, 0); }
BusResult<void> Gpio::two_bits_written(const RegisterWrite& write) { return keep_locked_pins(write, 2, 0); }
BusResult<void> Gpio::alternate_written(const RegisterWrite& write) {
    return keep_locked_pins(write, 4, (offset_of(write.access) & ~3U) == kAfrh ? 8 : 0);
}

BusResult<void> Gpio::output_written(const RegisterWrite&) {
    settle();
    return {};
}

BusResult<void> Gpio::set_reset_written(const RegisterWrite& write) {
    const std::uint32_t set = extract(write.value, 15, 0), clear = extract(write.value, 31, 16);
    regs_.set<"ODR">((regs_.get<"ODR">() & ~clear) | set);  // set wins
    settle();
    return {};
}

BusResult<void> Gpio::lock_written(const RegisterWrite& write) {
    // The sequence is key+pins, pins, key+pins, all words and the same pins. Until it completes LCKK stays 0;
    // after it the register is frozen until reset.
    if ((write.old & kLockKey) != 0) {
        regs_.set<"LCKR">(write.old);
        return {};
    }
    const std::uint32_t pins = regs_.get<"LCKR.LCK">();
    const bool key = regs_.get<"LCKR.LCKK">() != 0;
    const bool fits =
        write.lanes == ~0U && key == (lock_step_ != 1) && (lock_step_ == 0 || pins == lock_pins_);
    if (fits) {
        lock_pins_ = pins;
        ++lock_step_;
    } else {
        lock_step_ = write.lanes == ~0U && key ? 1 : 0;
        lock_pins_ = pins;
    }
    regs_.set<"LCKR.LCKK">(lock_step_ == 3 ? 1 : 0);
    return {};
}

void Gpio::reset(ResetKind kind) {
    if (kind == ResetKind::domain) return;  // the ports are in D3
    regs_.reset();
    for (const auto& reg : registers)
        regs_.stored(regs_.slot_at(reg.offset)) = reset_value(reg.offset, reg.reset);
    lock_step_ = 0;
    lock_pins_ = 0;
    settle();
}

std::vector<RegisterInfo> Gpio::describe() const {
    std::vector<RegisterInfo> all = RegisterBlock::describe();
    for (RegisterInfo& info : all) info.reset = reset_value(info.offset, info.reset);
    return all;
}

void Gpio::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.u32(driven_);
    out.u32(external_);
    out.u32(lock_step_);
    out.u32(lock_pins_);
}

void Gpio::load(StateReader& in) {
    RegisterBlock::load(in);
    driven_ = in.u32();
    external_ = in.u32();
    lock_step_ = in.u32();
    lock_pins_ = in.u32();
    settle();
}

}  // namespace h7::gpio

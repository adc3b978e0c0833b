// What a character is on the line, and how long it takes (RM0399 51.5.3, 51.5.7, 51.5.12, 52.4).
#include <algorithm>
#include <array>
#include <bit>

#include "peripherals/usart/usart.hpp"

namespace h7::usart {
namespace {

/// PRESC: 1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256; more is 256.
constexpr std::uint32_t prescaler(std::uint32_t field) {
    constexpr std::array<std::uint32_t, 12> kDividers = {1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256};
    return kDividers[field < kDividers.size() ? field : 11];
}

}  // namespace

unsigned Usart::word_bits() const {
    if (regs_.get<"CR1.M1">() != 0) return 7;
    return regs_.get<"CR1.M0">() != 0 ? 9 : 8;
}

std::uint16_t Usart::with_parity(std::uint16_t data) const {
    const unsigned size = data_bits();
    const std::uint32_t kept = data & ((1U << size) - 1U);
    if (regs_.get<"CR1.PCE">() == 0) return static_cast<std::uint16_t>(kept);
    const std::uint32_t parity =
        (static_cast<std::uint32_t>(std::popcount(kept)) & 1U) ^ regs_.get<"CR1.PS">();
    return static_cast<std::uint16_t>(kept | parity << size);
}

unsigned Usart::frame_half_bits() const {
    constexpr std::array<unsigned, 4> kStop = {2, 1, 4, 3};  // 1, 0.5, 2 and 1.5 stop bits
    return 2 * (1 + word_bits()) + kStop[regs_.get<"CR2.STOP">()];
}

std::uint64_t Usart::input_clock() const {
    if (kernel_hz_ == 0) return 0;
    return std::max(kernel_hz_ / prescaler(regs_.get<"PRESC.PRESCALER">()), 1U);
}

/// BRR is the input clock over the baud rate; twice that with OVER8, its low digit moved one place down; 256
/// times that in the LPUART.
Time Usart::duration(std::uint64_t half_bits) const {
    const std::uint64_t hz = input_clock();
    const std::uint64_t brr = regs_.get<"BRR">();
    if (hz == 0 || brr == 0) return kNever;
    const bool eight = regs_.get<"CR1.OVER8">() != 0;
    const std::uint64_t divider = eight ? (brr & 0xFFF0U) | (brr & 7U) << 1 : brr;
    // 1/512 of an input clock cycle: a half bit is `divider` of 256 (USART), 128 (OVER8), 1 (LPUART).
    const std::uint64_t unit = kind_ == Kind::low_power ? 1 : eight ? 128 : 256;
    constexpr Time kPart = kSecond / 512;
    const std::uint64_t units = half_bits * divider * unit;
    if (units / hz >= kNever / 4 / kPart) return kNever / 4;  // RTOR with a slow clock: months
    return units / hz * kPart + units % hz * kPart / hz;
}

void Usart::set_alarm(Alarm& alarm, Time due, void (Usart::*action)()) {
    clear_alarm(alarm);
    if (clock_ == nullptr || due == kNever) return;
    alarm.due = due;
    alarm.id = clock_->at(due, name(), [this, action] {
        touch();
        (this->*action)();
    });
}

void Usart::clear_alarm(Alarm& alarm) {
    if (clock_ != nullptr && alarm.id != 0) clock_->cancel(alarm.id);
    alarm = {};
}

}  // namespace h7::usart

// From RX to RDR or RXFIFO: sampling, errors, mute mode, automatic baud rate, idle line and receiver timeout
// (RM0399 51.5.6, 51.5.9, 51.5.10, 51.5.16).
#include <bit>

#include "peripherals/usart/usart.hpp"

namespace h7::usart {
namespace {

constexpr std::uint8_t kParityError = 1, kFramingError = 2, kNoise = 4;  // as in ISR

}  // namespace

/// RDR, and behind it the RXFIFO: seventeen characters before one is lost (RM0399 51.8.9, RXFT). OVRDIS goes
/// around the FIFO.
std::size_t Usart::places() const { return fifo_on() && regs_.get<"CR3.OVRDIS">() == 0 ? kFifoDepth + 1 : 1; }

bool Usart::receives() const { return receiver_on() && (instant() || frame_time() != kNever); }

bool Usart::requests_to_send() const { return regs_.get<"CR3.RTSE">() == 0 || can_receive(); }

void Usart::tell_listening() {
    if (listening && receiver_on()) listening();
}

void Usart::start_bit() {
    touch();
    if (!receiver_on()) return;
    clear_alarm(idle_);
    clear_alarm(timeout_);
    regs_.set<"ISR.BUSY">(1);
    if (regs_.get<"CR1.UESM">() != 0 && regs_.get<"CR3.WUS">() == 2) regs_.set<"ISR.WUF">(1);
    update();
}

bool Usart::receive(const Character& character) {
    touch();
    regs_.set<"ISR.BUSY">(0);
    if (!receives()) return false;
    const Received got = sampled(character);
    if (clock_ != nullptr) {
        last_end_ = clock_->now();
        if (const Time frame = frame_time(); frame != kNever)
            set_alarm(idle_, last_end_ + frame, &Usart::idle_detected);
    }
    line_active_ = true;
    timeout_told_ = false;
    arm_timeout();
    const bool kept = !mute(got) && store(got);
    if (regs_.get<"CR1.UESM">() != 0) {
        const std::uint32_t event = regs_.get<"CR3.WUS">();
        if ((event == 0 && address_matches(got.value)) || (event == 3 && kept)) regs_.set<"ISR.WUF">(1);
    }
    update();
    return kept;
}

Usart::Received Usart::sampled(const Character& character) {
    Received got{with_parity(character.data), 0};
    if (character.parity_error && regs_.get<"CR1.PCE">() != 0) {
        got.value = static_cast<std::uint16_t>(got.value ^ 1U << data_bits());
        got.errors |= kParityError;
    }
    if (character.framing_error) got.errors |= kFramingError;
    if (character.noise && regs_.get<"CR3.ONEBIT">() == 0) got.errors |= kNoise;
    if (regs_.get<"CR2.ABREN">() != 0 && regs_.get<"ISR.ABRF">() == 0) {
        got.errors |= measure_rate(character);
    } else if (character.bit_time != 0 && bit_times(1) != kNever) {
        // Beyond 3.75 % the stop bit is not found where it should be (RM0399 table 421).
        const Time ours = bit_times(1), theirs = character.bit_time;
        const Time apart = ours > theirs ? ours - theirs : theirs - ours;
        if (apart > theirs / 10'000 * 375) got.errors |= kFramingError;
    }
    return got;
}

/// Automatic baud rate: BRR becomes the rate of the far end. Returns the errors the character gets.
std::uint8_t Usart::measure_rate(const Character& character) {
    const unsigned mode = regs_.get<"CR2.ABRMODE">();
    const std::uint32_t data = character.data;
    const bool right_pattern = mode == 0 || (mode == 1 && (data & 3U) == 1) || (mode == 2 && data == 0x7F) ||
                               (mode == 3 && data == 0x55);
    const bool eight = regs_.get<"CR1.OVER8">() != 0;
    regs_.set<"ISR.ABRF">(1);
    // Mode 0 measures the low time: the start bit and every 0 that follows it.
    const Time theirs = character.bit_time != 0 ? character.bit_time : bit_times(1);
    const unsigned low_bits = mode == 0 ? 1U + static_cast<unsigned>(std::countr_one(~data & 0x1FFU)) : 1;
    constexpr Time kNanoseconds = kSecond / 1'000'000'000;
    const std::uint64_t cycles =
        theirs == kNever ? 0
                         : (theirs * low_bits / kNanoseconds * input_clock() + 500'000'000U) / 1'000'000'000U;
    if (!right_pattern || cycles < (eight ? 8U : 16U) || cycles > (eight ? 0x7FFFU : 0xFFFFU)) {
        regs_.set<"ISR.ABRE">(1);
        return kFramingError;
    }
    if (character.bit_time == 0 && low_bits == 1) return 0;  // the far end talks at our rate
    const auto divider = static_cast<std::uint32_t>(eight ? 2 * cycles : cycles);
    regs_.set<"BRR">(eight ? (divider & 0xFFF0U) | (divider & 0xFU) >> 1 : divider);
    return 0;
}

bool Usart::address_matches(std::uint16_t value) const {
    const std::uint32_t mark = 1U << (word_bits() - 1);
    const std::uint32_t compared = regs_.get<"CR2.ADDM7">() != 0 ? mark - 1 : 0xFU;
    return (value & mark) != 0 && ((value ^ regs_.get<"CR2.ADD">()) & compared) == 0;
}

/// Mute mode: the character does not concern us.
bool Usart::mute(const Received& got) {
    if (regs_.get<"CR1.MME">() == 0) return false;
    const bool address = (got.value >> (word_bits() - 1)) != 0;
    if (regs_.get<"CR1.WAKE">() != 0 && address) regs_.set<"ISR.RWU">(address_matches(got.value) ? 0 : 1);
    return regs_.get<"ISR.RWU">() != 0;
}

bool Usart::store(const Received& got) {
    if (rx_.size() >= places()) {
        if (regs_.get<"CR3.OVRDIS">() == 0) {
            regs_.set<"ISR.ORE">(1);
            return false;
        }
        rx_.clear();  // the last one is written over, nobody is told
    }
    rx_.push_back(got);
    if (rx_.size() == 1) show_oldest();
    return true;
}

/// A character stands in RDR now: its errors and its match become visible with it.
void Usart::show_oldest() {
    const Received& oldest = rx_.front();
    regs_.set<"ISR">(regs_.get<"ISR">() | oldest.errors);
    if ((oldest.value & 0xFFU) == regs_.get<"CR2.ADD">()) regs_.set<"ISR.CMF">(1);
}

void Usart::idle_detected() {
    idle_ = {};
    line_active_ = false;
    if (!receiver_on()) return;
    if (regs_.get<"ISR.RWU">() == 0)
        regs_.set<"ISR.IDLE">(1);
    else if (regs_.get<"CR1.WAKE">() == 0)
        regs_.set<"ISR.RWU">(0);  // woken by the idle line, which is not flagged
    update();
}

/// RTOR bit times after the last character; now, if that is past. Once for each silence.
void Usart::arm_timeout() {
    clear_alarm(timeout_);
    if (clock_ == nullptr || timeout_told_ || regs_.get<"CR2.RTOEN">() == 0 || !receiver_on() ||
        regs_.get<"ISR.BUSY">() != 0)
        return;
    const Time silence = bit_times(regs_.get<"RTOR.RTO">());
    if (silence == kNever) return;
    if (last_end_ + silence > clock_->now())
        set_alarm(timeout_, last_end_ + silence, &Usart::timed_out);
    else
        timed_out();
}

void Usart::timed_out() {
    timeout_ = {};
    timeout_told_ = true;
    regs_.set<"ISR.RTOF">(1);
    update();
}

}  // namespace h7::usart

// USART, UART and LPUART: characters in and out, FIFOs, flags, interrupt, wake-up and DMA requests.
// system.md 6.2; RM0399 sections 51 and 52.
//
// The line carries characters, not edges: the far end is taken to be set up like the port (word length,
// parity, bit order, polarity), unless a Character says otherwise. A character takes its start bit, data
// bits and stop bits at the rate of BRR, in virtual time (decision 0041).
#pragma once

#include <deque>
#include <functional>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::usart {

/// USART1, 2, 3, 6; UART4, 5, 7, 8 (no smartcard, no synchronous mode); LPUART1 (RM0399 table 419).
enum class Kind : std::uint8_t { full, asynchronous, low_power };

/// `instant`: a character written to TDR has left before the next instruction. Everything else is as with
/// `baud`. A Usart without a clock is instant and has no timers at all.
enum class Pace : std::uint8_t { baud, instant };

/// What arrives on RX besides the usual: errors on the line, or a far end with a rate of its own.
struct Character {
    std::uint16_t data = 0;  // without the parity bit
    bool parity_error = false, framing_error = false, noise = false;
    Time bit_time = 0;  // of the far end; 0: the same as ours
};

class Usart final : public RegisterBlock<Usart> {
public:
    static const Register<Usart> registers[12];
    static constexpr std::size_t kFifoDepth = 16;

    /// `name` as in the manual ("USART3"); it and the clock must outlive the block.
    Usart(std::string_view name, Address base, Clock* clock = nullptr, Kind kind = Kind::full);

    // --- the chip's side ---
    /// The kernel clock in Hz, 0 while it stands: nothing moves on the line then.
    void set_kernel_clock(std::uint32_t hz);
    void set_pace(Pace pace);

    Wire irq;
    Wire irq_transmit, irq_receive;  // its two halves, of the low-power one: lpuart_it_T, lpuart_it_R
    Wire wakeup;                     // usart_wkup, to the EXTI (RM0399 51.5.21): only with UESM
    DmaRequest dma_receive;          // high while DMAR and a character waits
    DmaRequest dma_transmit;         // high while DMAT and TDR or the TXFIFO has a free place

    // --- the far end of the line ---
    /// A character has left TX (data bits 7:0).
    std::function<void(std::uint8_t)> transmit;
    /// The port can take characters: the receiver was switched on or got its clock, or a place became free.
    std::function<void()> listening;

    /// A character begins on RX. Only for a far end that cares for BUSY, receiver timeout and wake-up.
    void start_bit();
    /// A character has arrived on RX. False: it is lost, because the receiver is off or mute or, with ORE
    /// set, no place was free.
    bool receive(const Character& character);
    bool receive(std::uint8_t data) { return receive(Character{.data = data}); }
    /// The receiver is on and, at Pace::baud, has a rate.
    bool receives() const;
    bool can_receive() const { return receives() && rx_.size() < places(); }
    /// The RTS pin lets the far end send: always without RTSE.
    bool requests_to_send() const;
    /// One character on the line; kNever without clock or baud rate.
    Time frame_time() const { return duration(frame_half_bits()); }
    /// The cores stand for good: what was handed over for transmission leaves now.
    void finish_sending();

    BusResult<std::uint64_t> read(const Access& access) override;
    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    struct Received {
        std::uint16_t value = 0;  // as RDR shows it, with the parity bit
        std::uint8_t errors = 0;  // PE, FE, NE as in ISR
    };
    enum class Sending : std::uint8_t { nothing, character, idle_frame, break_frame };
    struct Alarm {
        Time due = kNever;
        Clock::EventId id = 0;
    };

    bool transmitter_on() const { return regs_.get<"CR1.UE">() != 0 && regs_.get<"CR1.TE">() != 0; }
    bool receiver_on() const { return regs_.get<"CR1.UE">() != 0 && regs_.get<"CR1.RE">() != 0; }
    bool fifo_on() const { return regs_.get<"CR1.FIFOEN">() != 0; }
    bool instant() const { return clock_ == nullptr || pace_ == Pace::instant; }
    std::size_t tx_places() const { return fifo_on() ? kFifoDepth : 1; }
    std::size_t places() const;

    // Effects named by the table (usart.cpp).
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> format_written(const RegisterWrite& write);
    BusResult<void> settings_written(const RegisterWrite& write);
    BusResult<void> rate_written(const RegisterWrite& write);
    BusResult<void> timeout_written(const RegisterWrite& write);
    BusResult<void> request_written(const RegisterWrite& write);
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> data_written(const RegisterWrite& write);
    std::uint32_t data_read(const Access& access, unsigned);
    void keep(const RegisterWrite& write, std::uint32_t& stored, std::uint32_t locked);
    /// Bits this kind of port does not have (instances.cpp).
    std::uint32_t absent(Address offset) const;

    // Frame and time (frame.cpp).
    unsigned word_bits() const;  // with the parity bit
    unsigned data_bits() const { return word_bits() - regs_.get<"CR1.PCE">(); }
    std::uint16_t with_parity(std::uint16_t data) const;
    unsigned frame_half_bits() const;
    /// Kernel clock behind PRESC.
    std::uint64_t input_clock() const;
    Time duration(std::uint64_t half_bits) const;
    Time bit_times(std::uint64_t count) const { return duration(2 * count); }
    void set_alarm(Alarm& alarm, Time due, void (Usart::*action)());
    void clear_alarm(Alarm& alarm);

    // transmitter.cpp
    void start_sending();
    void send_at_once();
    void sent();
    void leave(std::uint16_t word);
    void rate_changed();

    // receiver.cpp
    Received sampled(const Character& character);
    std::uint8_t measure_rate(const Character& character);
    bool mute(const Received& got);
    bool address_matches(std::uint16_t value) const;
    bool store(const Received& got);
    void show_oldest();
    void arm_timeout();
    void idle_detected();
    void timed_out();
    void tell_listening();

    void stop_everything();
    /// Status flags that are conditions, and the wires.
    void update();
    bool wants_interrupt(std::uint32_t isr) const;
    void drive_halves(std::uint32_t isr);
    bool wants_wakeup(std::uint32_t isr) const;

    Clock* clock_;
    Kind kind_;
    Pace pace_ = Pace::baud;
    std::uint32_t kernel_hz_ = 0;

    std::deque<std::uint16_t> tx_;  // TDR or TXFIFO, without the shift register
    Sending sending_ = Sending::nothing;
    std::uint16_t shift_register_ = 0;
    bool idle_frame_wanted_ = false;  // TE rose
    bool txfe_cleared_ = false;       // by TXFECF, until the TXFIFO empties again
    std::deque<Received> rx_;         // RDR, then RXFIFO
    bool line_active_ = false;        // characters came since the last idle frame
    bool timeout_told_ = true;        // RTOF was set since the last character
    Time last_end_ = 0;               // end of the last character
    Alarm sent_, idle_, timeout_;
    bool lock_told_ = false;
};

}  // namespace h7::usart

#include "peripherals/usart/registers.hpp"  // IWYU pragma: export

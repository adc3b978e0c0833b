// USART, UART and LPUART: characters in and out, FIFOs, flags and the interrupt. system.md 6.2.
//
// Time. By default a character written to TDR has left the pin before the next instruction: TXE and TC are 1
// again at once. With `Timing` it takes start bit, data bits and stop bits at the baud rate of BRR, and
// characters that arrive are followed by IDLE after one idle frame. The line itself carries whole bytes:
// parity, framing and noise do not exist.
#pragma once

#include <deque>
#include <functional>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::usart {

/// Real baud rates. `kernel_hz` is RCC's choice for this instance; while it is 0 nothing is sent.
struct Timing {
    Clock* clock = nullptr;
    std::function<std::uint32_t()> kernel_hz;
};

enum class Kind : std::uint8_t { usart, low_power };

class Usart final : public RegisterBlock<Usart> {
public:
    static const Register<Usart> registers[12];
    static constexpr std::size_t kFifoDepth = 16;

    /// `name` as in the manual ("USART3"); it must outlive the block.
    Usart(std::string_view name, Address base, Timing timing = {}, Kind kind = Kind::usart);

    /// A character leaves on TX (low 8 bits).
    std::function<void(std::uint8_t)> transmit;

    /// A character arrives on RX. False: it is lost, because the receiver is off or, with ORE set, the data
    /// register or FIFO was full. Use can_receive() first when the other end can wait.
    bool receive(std::uint8_t character);
    bool can_receive() const;
    /// The line was idle for one frame: IDLE is set if characters came since the last time. Only without
    /// Timing.
    void line_idle();

    Wire irq;

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool transmitter_on() const { return regs_.get<"CR1.UE">() != 0 && regs_.get<"CR1.TE">() != 0; }
    bool receiver_on() const { return regs_.get<"CR1.UE">() != 0 && regs_.get<"CR1.RE">() != 0; }
    bool fifo_on() const { return regs_.get<"CR1.FIFOEN">() != 0; }
    std::size_t depth() const { return fifo_on() ? kFifoDepth : 1; }

    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> settings_written(const RegisterWrite&);
    BusResult<void> request_written(const RegisterWrite& write);
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> data_written(const RegisterWrite& write);
    std::uint32_t data_read(const Access& access, unsigned);

    Time frame_time() const;
    void start_sending();
    void sent();
    void idle_detected();
    void stop_everything();
    /// Status flags that are conditions, and the interrupt line.
    void update();
    bool wants_interrupt() const;

    Timing timing_;
    Kind kind_;
    std::deque<std::uint16_t> tx_, rx_;  // waiting characters, without the one in the shift register
    bool shifting_ = false;              // a character is on its way out
    std::uint16_t shift_register_ = 0;
    bool busy_line_ = false;  // characters came since the last idle frame
    Time due_sent_ = kNever, due_idle_ = kNever;
    Clock::EventId sent_event_ = 0, idle_event_ = 0;
};

}  // namespace h7::usart

#include "peripherals/usart/registers.hpp"  // IWYU pragma: export

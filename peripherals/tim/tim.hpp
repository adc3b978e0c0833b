// TIM1 to TIM8 and TIM12 to TIM17: counter, prescaler, auto-reload, repetition, compare channels, update and
// compare events. system.md 6.3, 4.2.
//
// Time. A timer does not tick: counter and flags are worked out from virtual time when somebody looks, and
// only an enabled interrupt makes an event on the clock. The counter counts the periods of its kernel clock
// exactly, over every change of frequency.
#pragma once

#include <array>
#include <optional>

#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "emulator/fabric/wire.hpp"
#include "peripherals/tim/counter.hpp"

namespace h7::tim {

/// What a timer of this chip has. All share one register layout; what a kind lacks reads 0.
enum class Kind : std::uint8_t {
    basic,        // TIM6, TIM7: up, no channel
    one_channel,  // TIM13, TIM14
    two_channel,  // TIM12
    tim15,        // two channels, break, repetition
    tim16,        // TIM16, TIM17: one channel, break, repetition
    general,      // TIM3, TIM4: up, down, centre; four channels
    general_32,   // TIM2, TIM5: the same, 32 bits wide
    advanced,     // TIM1, TIM8: six channels, break, repetition
};
constexpr unsigned channels_of(Kind kind) {
    constexpr std::array<unsigned, 8> kChannels = {0, 1, 2, 2, 1, 4, 4, 6};
    return kChannels[static_cast<unsigned>(kind)];
}

class Tim final : public RegisterBlock<Tim> {
public:
    static constexpr unsigned kChannels = 6;
    static const Register<Tim> registers[26];

    /// `name` as in the manual ("TIM6"); it must outlive the block. The kernel clock stands until
    /// set_clock().
    Tim(std::string_view name, Address base, Kind kind, Clock& clock);

    /// The kernel clock has `hz` from now on; 0: it is gated, or frozen by the debugger.
    void set_clock(std::uint32_t hz);

    /// Interrupt requests. TIM1 and TIM8 bring out four; the others their OR.
    Wire update, compare, trigger, brk;
    Wire irq;

    /// DMA requests, at the place of their flag in SR: 0 update, 1 to 4 compare, 5 commutation, 6 trigger.
    /// High from the event until it is served; with DCR.DBL until the burst through DMAR is over.
    static constexpr unsigned kRequests = 7;
    std::array<DmaRequest, kRequests> dma;

    /// Level of output OCx (channel 1 to 4), as the pin would show it: CCxE, polarity and MOE included.
    bool output(unsigned channel);

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool compare_writable(const RegisterWrite& write) const;
    std::uint32_t control(unsigned) const;
    std::uint32_t count(unsigned) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> count_written(const RegisterWrite&);
    BusResult<void> events_written(const RegisterWrite& write);

    std::uint32_t word(Address offset) const { return regs_.stored(regs_.slot_at(offset)); }
    unsigned channels() const { return channels_of(kind_); }
    /// CEN, with a clock that comes from inside. Triggers and inputs never come.
    bool counting() const;
    // Channels count from 0 here.
    std::uint32_t mode_byte(unsigned channel) const;
    std::uint32_t output_mode(unsigned channel) const;
    bool preloaded(unsigned channel) const { return test_bit(mode_byte(channel), 3); }
    bool is_output(unsigned channel) const { return channel >= 4 || (mode_byte(channel) & 3U) == 0; }
    bool flags_while(bool up) const;
    bool reference(unsigned channel) const;

    /// Everything that happened up to now.
    void catch_up();
    void run(std::uint64_t ticks);
    std::uint64_t skip(std::uint64_t ticks);
    void met(unsigned channel, bool up, std::uint64_t times);
    void turned();
    void update_event(bool flag, std::uint32_t repetitions);
    bool update_changes_nothing() const;
    void take_unbuffered();
    /// Flags of events, and the DMA requests that go with them (requests.cpp).
    void raise(std::uint32_t flags);
    void request(unsigned which);
    void served(unsigned which);
    bool burst_access(const Access& access, Access& register_access);
    std::uint32_t requests_wanted() const;
    /// Interrupt lines and the next deadline.
    void settle();
    std::uint64_t ticks_to_deadline() const;

    Kind kind_;
    Clock& clock_;
    Alarm alarm_;
    TickCounter ticks_;
    Counter counter_;
    std::uint32_t repetitions_ = 0;                    // turns without an update event, still to come
    std::array<std::uint32_t, kChannels> compares_{};  // CCRx in use
    std::array<bool, kChannels> level_{};              // OCxREF of the modes that remember
    std::uint32_t burst_index_ = 0;                    // of the next access through DMAR
};

/// Bits of the register at `offset` that a timer of this kind has.
std::uint32_t implemented(Kind kind, Address offset);

}  // namespace h7::tim

#include "peripherals/tim/registers.hpp"  // IWYU pragma: export

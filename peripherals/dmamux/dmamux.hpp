// DMAMUX1 and DMAMUX2: which request line reaches which DMA channel, when (synchronization), and requests
// made from events (generators). RM0399 section 18; system.md 6.10.
#pragma once

#include <array>

#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::dmamux {

/// What differs between the two (RM0399 table 125).
struct Size {
    unsigned channels;  // outputs
    unsigned requests;  // highest request number
    unsigned syncs;     // synchronization inputs
    unsigned triggers;  // trigger inputs of the generators
};
inline constexpr Size kDmamux1{16, 127, 8, 8};
inline constexpr Size kDmamux2{8, 31, 32, 32};

class Dmamux final : public RegisterBlock<Dmamux> {
public:
    static constexpr unsigned kChannels = 16, kGenerators = 8;
    static const Register<Dmamux> registers[6];

    /// `name` as in the manual ("DMAMUX1"); it must outlive the block.
    Dmamux(std::string_view name, Address base, Size size);

    /// Request number `id` (table 126: 41 is usart1_rx_dma; 1 to 8 are the generators) comes from `request`,
    /// which must outlive the block.
    void connect(unsigned id, DmaRequest& request);
    /// To the DMA channels.
    std::array<DmaRequest, kChannels> out;

    /// Level of a synchronization input or of a trigger input. They are numbered differently.
    void set_sync(unsigned input, bool level);
    void set_trigger(unsigned input, bool level);
    /// A channel or a generator waits for edges of this input now.
    bool hears_sync(unsigned input) const;
    bool hears_trigger(unsigned input) const;
    /// The answers of the two may be others.
    std::function<void()> inputs_selected;
    /// dmamux_evt: high and low again when a channel's request counter starts anew (EGE).
    std::array<Wire, kChannels> event;

    Wire irq;  // overruns

    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out_to) const override;
    void load(StateReader& in) override;

private:
    struct Channel {
        std::uint32_t left = 0;  // requests to serve until the counter starts anew, without this one
        bool open = false;       // a synchronization event let the request through
    };
    struct Generator {
        DmaRequest request;
        std::uint32_t left = 0;  // requests still to make; 0: idle
    };

    bool channel_writable(const RegisterWrite& write) const;
    bool generator_writable(const RegisterWrite& write) const;
    BusResult<void> channel_written(const RegisterWrite& write);
    BusResult<void> overruns_cleared(const RegisterWrite& write);
    BusResult<void> generator_written(const RegisterWrite& write);
    BusResult<void> triggers_cleared(const RegisterWrite& write);

    DmaRequest* selected(unsigned channel) const;
    void drive(unsigned channel);
    void served(unsigned channel);
    void synchronize(unsigned channel);
    void trigger(unsigned generator);
    void generated(unsigned generator);
    void drive_irq();

    Size size_;
    std::array<DmaRequest*, 128> requests_{};
    std::array<Channel, kChannels> channels_{};
    std::array<Generator, kGenerators> generators_{};
    std::uint32_t sync_levels_ = 0, trigger_levels_ = 0;
};

}  // namespace h7::dmamux

#include "peripherals/dmamux/registers.hpp"  // IWYU pragma: export

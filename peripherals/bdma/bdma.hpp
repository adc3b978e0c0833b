// BDMA: eight channels of the D3 domain. One item for each request, a read and its write through one port; no
// FIFO. RM0399 section 17; system.md 6.10, 1.2.
#pragma once

#include <array>

#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/dma_engine.hpp"
#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::bdma {

class Bdma final : public RegisterBlock<Bdma>, private DmaEngine::Owner {
public:
    static const Register<Bdma> registers[7];
    static constexpr unsigned kChannels = 8;

    /// Clock and bus must outlive the block.
    Bdma(Clock& clock, BusPort& bus);

    /// The AHB clock in Hz; 0: gated, nothing moves.
    void set_clock(std::uint32_t hz) {
        touch();
        engine_.set_hz(hz);
    }
    /// The request line of a channel: an output of DMAMUX2.
    void connect(unsigned channel, DmaRequest& request);

    std::array<Wire, kChannels> irq;

    /// Registers take words only; anything narrower reads 0 and writes nothing (system.md 1.5).
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    struct Channel {
        DmaRequest* request = nullptr;
        std::uint32_t round = 0;  // items from one TC to the next
        Address peripheral = 0, memory = 0;
        std::uint32_t value = 0;  // read, not yet written
        bool has_value = false;
    };
    enum class Flag : std::uint8_t { global, complete, half, error };

    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> count_written(const RegisterWrite& write);
    bool enabled(unsigned c) const { return regs_.get<"CCR.EN">(c) != 0; }
    bool flag(unsigned c, Flag which) const;
    void set_flag(unsigned c, Flag which);
    void drive(unsigned c);
    void begin_round(unsigned c);

    std::optional<DmaEngine::Work> next_work() override;
    DmaEngine::Served serve(unsigned c, std::uint32_t items) override;
    bool has_work(unsigned c) const;
    bool item(unsigned c);
    bool move(unsigned c, const Access& from, const Access& to);
    std::uint32_t copy_at_once(unsigned c, std::uint32_t items);
    void moved(unsigned c, std::uint32_t items);
    bool refused(unsigned c, const Access& access, const BusFault& fault);

    BusPort& bus_;
    DmaEngine engine_;
    Time wait_until_ = 0;
    unsigned last_ = kChannels;  // who was served last
    std::array<Channel, kChannels> channels_;
};

}  // namespace h7::bdma

#include "peripherals/bdma/registers.hpp"  // IWYU pragma: export

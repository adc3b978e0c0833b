// MDMA: sixteen channels between everything on the AXI system bus and, through the Cortex-M7's slave port,
// the TCMs. RM0399 section 15; system.md 6.10, 1.2.
//
// The unit of work is the buffer (TLEN + 1 bytes): read as a whole, then written. A request moves a buffer, a
// block, a repeated block or the whole linked list (TRGM).
#pragma once

#include <array>
#include <vector>

#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/dma_engine.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::mdma {

class Mdma final : public RegisterBlock<Mdma>, private DmaEngine::Owner {
public:
    static const Register<Mdma> registers[14];
    static constexpr unsigned kChannels = 16, kTriggers = 32;

    /// Clock and bus must outlive the block.
    Mdma(Clock& clock, BusPort& bus);

    /// The AXI clock in Hz; 0: gated, nothing moves.
    void set_clock(std::uint32_t hz) {
        touch();
        engine_.set_hz(hz);
    }
    /// Hardware trigger TSEL 0 to 31 (RM0399 table 105): asks while it is high.
    void connect(unsigned trigger, Wire& request);

    Wire irq;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    enum class Flag : std::uint8_t { error, channel, repeat, block, buffer };
    /// One end of a channel: where it points, its data size and step, which bus it uses.
    struct End {
        Address address = 0;
        unsigned size = 1;      // bytes of a data item
        std::int32_t step = 0;  // to the next item
        bool tcm = false;
        bool destination = false;
    };

    /// What the FIFO holds while a slave lets the writes wait (F-010).
    struct Buffer {
        std::vector<std::uint64_t> items;  // as the destination gets them
        std::uint32_t written = 0;
    };

    // mdma.cpp: registers
    bool stopped(const RegisterWrite& write) const { return regs_.get<"CxCR.EN">(write.index) == 0; }
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> block_written(const RegisterWrite& write);
    std::uint32_t global_status(unsigned) const;
    bool enabled(unsigned c) const { return regs_.get<"CxCR.EN">(c) != 0; }
    bool asks(unsigned c) const;
    void set_flag(unsigned c, Flag flag);
    void stop(unsigned c);
    void drive();
    bool hardware_request(unsigned c) const;
    void take_requests();

    // transfer.cpp: buffers, blocks, lists
    std::optional<DmaEngine::Work> next_work() override;
    DmaEngine::Served serve(unsigned c, std::uint32_t items) override;
    End source(unsigned c) const;
    End destination(unsigned c) const;
    /// Bytes of the next buffer, at the source.
    std::uint32_t buffer_size(unsigned c) const;
    std::uint32_t cycles_of(unsigned c, std::uint32_t bytes) const;
    bool packs(unsigned c) const;
    bool move_buffer(unsigned c, std::uint32_t bytes);
    bool check(unsigned c, const End& end, std::uint32_t bytes);
    bool read_items(unsigned c, const End& from, std::uint32_t count, std::vector<std::uint64_t>& items);
    std::uint64_t exchanged(unsigned c, std::uint64_t value, unsigned size) const;
    std::vector<std::uint64_t> converted(unsigned c, const std::vector<std::uint64_t>& items) const;
    std::uint32_t copy_at_once(unsigned c, std::uint32_t items);
    bool buffers_moved(unsigned c, std::uint32_t bytes, std::uint32_t written);
    bool block_ended(unsigned c);
    bool load_list(unsigned c);
    bool request_done(unsigned c);
    bool refused(unsigned c, const Access& access, const BusFault& fault, std::uint32_t error);
    bool wrong(unsigned c, const End& end, std::string_view why, std::uint32_t error);
    void fail(unsigned c, std::uint32_t error);

    BusPort& bus_;
    DmaEngine engine_;
    Time wait_until_ = 0;
    std::array<Wire*, kTriggers> triggers_{};
    std::array<std::uint32_t, kChannels> block_{};  // BNDT at the start of a block
    std::array<Buffer, kChannels> buffers_;
};

}  // namespace h7::mdma

#include "peripherals/mdma/registers.hpp"  // IWYU pragma: export
